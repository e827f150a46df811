"""The service's log: one line for each event.

Lines are for people or, with ``PERFSTUDY_LOG=json``, for programs.
"""

import json
import logging
from datetime import UTC, datetime

FIELDS = ("tenant", "path")
"""What a record may know besides its message, for people."""

requests = logging.getLogger("perfstudy.request")
"""One record a request, with its fields; on only where the log is for programs."""


class Line(logging.Formatter):
    """``time logger message``, then ``tenant`` and ``path`` if the record has them."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's own name)
        """Return the record's line."""
        known = vars(record)
        extras = [f" {field}={known[field]!r}" for field in FIELDS if field in known]
        return super().formatMessage(record) + "".join(extras)


class Json(logging.Formatter):
    """A line of JSON: ``time``, ``level``, ``logger``, ``message`` and other fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line."""
        known = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        known |= {field: value for field, value in vars(record).items() if field in FIELDS}
        known |= getattr(record, "fields", {})
        if record.exc_info:
            known["traceback"] = self.formatException(record.exc_info)
        return json.dumps(known, ensure_ascii=False, default=str)
