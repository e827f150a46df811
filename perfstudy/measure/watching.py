"""What a request makes the database do, by the service's log or the server."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from perfstudy.evidence.plans import Plan, count_buffers, count_rows_removed, explain
from perfstudy.evidence.server_plans import Watch, observe_requests
from perfstudy.evidence.statements import Statement, count_statements, read_statements
from perfstudy.lab import Database, Lab

READING = ("SELECT", "WITH")
NO_DATABASE = "statements are not counted: the study file has no {postgres}, so the service's database is not known"
EXECUTED = "Execution Time"
"""What only the plan of an executed statement has."""


@dataclass
class Work:
    """The statements of one request, with how often each was sent."""

    statements: dict[str, int] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    measured: dict[str, Any] = field(default_factory=dict)
    """What the server counted itself, by the names of the stored evidence."""
    known: bool = True
    """Whether statements could be counted at all."""
    doubt: str = ""
    """Why there are no counts, or why they may be too small; empty where they are exact."""

    def evidence(self) -> dict[str, Any]:
        """Return what is stored of it, from the plans where the server counted nothing."""
        weighed = [(plan, self.statements.get(sql, 1)) for sql, plan in self.plans.items()]
        return {
            "statements": self.statements,
            "statement_count": sum(self.statements.values()),
            "statements_known": self.known,
            "statements_doubt": self.doubt,
            "rows_removed": sum(count_rows_removed(plan) * times for plan, times in weighed if EXECUTED in plan),
            "buffers_hit": sum(count_buffers(plan)["hit"] * times for plan, times in weighed),
            "buffers_read": sum(count_buffers(plan)["read"] * times for plan, times in weighed),
            "planning_ms": sum(plan.get("Planning Time", 0.0) * times for plan, times in weighed),
            "execution_ms": sum(plan.get(EXECUTED, 0.0) * times for plan, times in weighed),
            **self.measured,
        }


class Watcher:
    """Watches the database of one service during requests made one at a time."""

    def __init__(self, lab: Lab, database: Database, log: Path, watch_server: Watch | None) -> None:
        """Read the service's own *log* where it writes one, else *watch_server*."""
        self._lab, self._database, self._log, self._watch_server = lab, database, log, watch_server

    @contextmanager
    def watch(self, request: str) -> Iterator[Work]:
        """Watch the request with the id *request* within the block."""
        work = Work()
        if self._lab.service.statement_log:
            yield work
            sent = read_statements(self._log, request) if self._log.exists() else []
            work.statements, work.plans = count_statements(sent), _explain(self._database.url, sent)
        elif self._watch_server is not None:
            with self._watch_server() as watched:
                yield work
            work.known, work.doubt = not watched.obstacle, watched.obstacle or watched.doubt
            work.statements, work.plans, work.measured = watched.statements, watched.plans, watched.evidence()
        else:
            work.known, work.doubt = False, NO_DATABASE
            yield work


@contextmanager
def open_watcher(lab: Lab, database: Database, log: Path) -> Iterator[Watcher]:
    """Watch *database* within the block, in which its service has to start."""
    if lab.service.statement_log or not database.name:
        yield Watcher(lab, database, log, None)
        return
    with observe_requests(lab.postgres, database.name) as watch:
        yield Watcher(lab, database, log, watch)


def _explain(url: str, sent: list[Statement]) -> dict[str, Plan]:
    """Return a plan for each kind of reading statement, from its first occurrence."""
    first: dict[str, str] = {}
    for statement in sent:
        if statement.sql.lstrip().upper().startswith(READING):
            first.setdefault(statement.normalised, statement.sql)
    return {kind: explain(url, sql) for kind, sql in first.items()}
