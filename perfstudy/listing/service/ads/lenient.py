"""Dates that PostgreSQL holds and Python does not: BC, infinite, after 9999.

The driver refuses a whole result for one such value, even in a column that is not shown. Here it becomes an object that
refuses only to be written.
"""

from functools import cache
from typing import Any

from psycopg import DataError
from psycopg.adapt import Buffer, Loader
from psycopg.pq import Format

TYPES = ("date", "timestamptz")


class Unreadable:
    """A date that Python's own type cannot be."""

    def isoformat(self) -> str:
        """Refuse to be written."""
        raise ValueError("the date is none that Python can hold")


UNREADABLE = Unreadable()


def adapt(connection: Any, **_: Any) -> None:
    """Let a new *connection* of Django's read every date."""
    adapters = connection.connection.adapters
    for name in TYPES:
        oid = adapters.types[name].oid
        adapters.register_loader(oid, _lenient(adapters.get_loader(oid, Format.TEXT)))


@cache
def _lenient(strict: Any) -> type[Loader]:
    if getattr(strict, "lenient", False):  # a pool lends the same connection again
        return strict  # type: ignore[no-any-return]

    class Lenient(Loader):
        lenient = True
        timezone = getattr(strict, "timezone", None)  # what Django looks for in its own

        def __init__(self, oid: int, context: Any = None) -> None:
            super().__init__(oid, context)
            self._read = strict(oid, context).load

        def load(self, data: Buffer) -> Any:
            try:
                return self._read(data)
            except (DataError, ValueError, OverflowError):
                return UNREADABLE

    return Lenient
