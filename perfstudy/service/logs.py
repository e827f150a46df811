"""One log line: what happened, and to whose request."""

import logging


class Line(logging.Formatter):
    """``time logger message``, followed by the fields ``tenant`` and ``path`` where a record has them."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's own name)
        """Return the record's line."""
        known = vars(record)
        extras = [f" {field}={known[field]!r}" for field in ("tenant", "path") if field in known]
        return super().formatMessage(record) + "".join(extras)
