"""The statements of a request: each is timed, and logged on demand."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import connection

from perfstudy.listing.service import request_context

logger = logging.getLogger("perfstudy.sql")


@contextmanager
def record_statements(request: str) -> Iterator[None]:
    """Time the statements of the *request* of this id, and log them on demand."""
    log = Path(settings.PERFSTUDY_STATEMENT_LOG) if settings.PERFSTUDY_STATEMENT_LOG else None
    # This opens no connection: the wrapper waits for the first statement.
    with connection.execute_wrapper(Statements(request, log)):
        yield


Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


class Statements:
    """A Django execute wrapper of one request: times and logs each statement.

    Args:
        request: the request's id, as in ``X-Request-Id``.
        log: the file that gets one JSON line for each statement, None for no log.
    """

    def __init__(self, request: str, log: Path | None) -> None:
        self.request = request
        self.log = log

    def __call__(self, execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Execute the statement within the span ``db``."""
        started = perf_counter()
        try:
            with request_context.span("db"):
                return execute(sql, params, many, context)
        finally:
            if self.log or logger.isEnabledFor(logging.DEBUG):
                self._record(context, sql, params, perf_counter() - started)

    def _record(self, context: dict[str, Any], sql: str, params: Any, duration: float) -> None:
        sent = exact_sql(context, sql, params)
        logger.debug("%s %.3f ms %s", self.request, duration * 1e3, sent)
        if self.log:
            line = json.dumps({"request": self.request, "sql": sent, "duration": duration}, ensure_ascii=False)
            # One write to a file opened for appending, so that lines of several workers never mix.
            with self.log.open("ab", buffering=0) as file:
                file.write(line.encode() + b"\n")


def exact_sql(context: dict[str, Any], sql: str, params: Any) -> str:
    """Return the statement as it was sent, its parameters filled in."""
    connection, cursor = context["connection"], context["cursor"]
    return connection.ops.last_executed_query(cursor, sql, params) or sql
