"""Say what happened to a run that its reader has to know."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import pandas as pd

from perfstudy.model.labels import is_control

RESTARTED = "servers_restarted"
"""The note that names the servers that were restarted while the run was measured."""
GATE = "gate"
"""The note that says what was compared of the answers of a service of one's own."""
ANSWERS = "answers"
"""The note that has a fingerprint of each of the reference's answers, by scale and request."""
SOURCES = "sources"
"""The note that says which code each of its arms was served from."""
STOPPED = "stopped"
"""The note that says after how many blocks a run ended before its last one, and why."""
SHARED = "shared_database"
"""The note that is true where arms shared a database that is not a clone of their own."""
ENOUGH = 40
"""Requests of a cell, of a service of one's own, below which it is said that there are few."""
TIMED_OUT = "its time was up"
"""Why a run ended that knew nothing of its results when it did."""
TENANT = "tenant"
"""The note that names the tenant of a run where it is not the reference tenant."""


class Noted(Protocol):
    """A run of the store, a published set, or the material of a report."""

    @property
    def declaration(self) -> Mapping[str, Any]:
        """The study, as it was declared."""

    @property
    def notes(self) -> Mapping[str, Any]:
        """What was noted of the run by name."""

    @property
    def cells(self) -> pd.DataFrame:
        """A row for each measured cell, with the number ``n`` of its timed requests."""


def remarks(run: Noted) -> list[str]:
    """Return a line for each thing that happened to *run* and bears on its results."""
    return [*list_incidents(run), *_stopped(run)]


def list_incidents(run: Noted) -> list[str]:
    """Return the remarks on *run* without why it ended."""
    return [*_list_restarts(run), *_tenant(run), *remarks_on_trust(run), *_short(run)]


def remarks_on_trust(run: Noted) -> list[str]:
    """Return what no page of *run* may leave out: what its times were not checked for."""
    return [*_gate(run), *_shared(run), *_urls(run)]


def compares_answers(run: Noted) -> bool:
    """Return whether answers had to be alike before a time counted."""
    return bool(run.declaration.get("gate", True))


def find_urls(declaration: Mapping[str, Any]) -> dict[str, str]:
    """Return the addresses of the arms that run elsewhere, by label."""
    return {arm["label"]: arm["url"] for arm in declaration.get("arms") or () if arm.get("url")}


def _gate(run: Noted) -> list[str]:
    if compares_answers(run):
        return []
    return ["answers were not compared: an arm may be fast because it answers something else"]


def _shared(run: Noted) -> list[str]:
    if not run.notes.get(SHARED):
        return []
    return ["shared database: arms had no copy of their own, so that one may find what another left behind"]


def _urls(run: Noted) -> list[str]:
    labels = [label for label in find_urls(run.declaration) if not is_control(label)]
    if not labels:
        return []
    return [f"indicative: {', '.join(labels)} ran elsewhere, and who else asked there is not known"]


def _list_restarts(run: Noted) -> list[str]:
    servers = run.notes.get(RESTARTED)
    if not servers:
        return []
    said = " and ".join(map(str, servers))
    return [f"{said} stopped or was restarted during the run: the cells after it found empty caches; repeat the run"]


def _tenant(run: Noted) -> list[str]:
    tenant = run.notes.get(TENANT)
    return [f"tenant {tenant!r} was measured, not the reference tenant of the published results"] if tenant else []


def _stopped(run: Noted) -> list[str]:
    found = run.notes.get(STOPPED)
    if not found:
        return []
    blocks = f"{found['blocks']} block{'s' * (found['blocks'] != 1)}"
    return [f"it ended after {blocks}, before its last one, since {found['why']}"]


def _short(run: Noted) -> list[str]:
    requests = run.declaration.get("requests")
    own = bool(run.declaration.get("file"))
    if requests and own:  # most of its cells end by their time
        requests = min(requests, ENOUGH)
    asked = run.cells
    if "quantities" in asked:  # a page is acted on as often as its scenario says
        asked = asked[[not (isinstance(found, Mapping) and found) for found in asked["quantities"]]]
    short = int((asked["n"] < requests).sum()) if requests and "n" in asked else 0
    if not short:
        return []
    least = f"{requests} requests" if own else f"the {requests} requests planned"
    few = f"{short} of {len(run.cells)} cells got fewer than {least}"
    return [f"{few}: their time limit cut them short, and the numbers of requests say how far"]


def list_statement_doubts(evidence: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return why statements were not counted, or may be more, each reason once."""
    return list(dict.fromkeys(filter(None, (row.get("statements_doubt") for row in evidence))))


def of_planned(timed: int, planned: int) -> str:
    """Return how many requests were *timed*, of how many where some are missing.

    >>> of_planned(12, 40), of_planned(1200, 1200)
    ('12 of 40', '1,200')
    """
    return f"{timed:,} of {planned:,}" if timed < planned else f"{timed:,}"


def count_timed(run: Noted) -> dict[tuple[str, ...], str]:
    """Return how many requests were timed at each place."""
    if "n" not in run.cells:
        return {}
    requests = run.declaration.get("requests") or 0
    groups = run.cells.groupby(["scale", "scenario", "label", "temperature"])["n"]
    return {tuple(map(str, key)): of_planned(int(n.sum()), requests * len(n)) for key, n in groups}
