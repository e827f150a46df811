"""A working copy of a database, for one arm or several."""

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from perfstudy.errors import PerfstudyError
from perfstudy.model.arm import Arm
from perfstudy.model.closing import Closing
from perfstudy.model.service import Facts

if TYPE_CHECKING:
    from perfstudy.lab.lab import Lab


class Database(Closing):
    """A working copy of a scale.

    It is dropped at the end of the ``with`` block, or with the lab.
    """

    def __init__(self, lab: "Lab", name: str, scale: str) -> None:
        """Take the database *name*, a copy of *scale* that :meth:`Lab.database` made."""
        self._lab = lab
        self.name = name
        self.scale = scale
        self.url = lab.postgres.url(name) if name else ""
        """The URL over TCP, with the password inside; empty for a service without a database of its own."""
        self.closed = False

    @cached_property
    def facts(self) -> Facts:
        """The facts of the scale, such as its tenant."""
        return self._lab.service.data.facts(self.url, self.scale)

    def reconcile(self, arm: Arm, *, also: Arm | None = None) -> bool:
        """Migrate the schema to that of *arm*; return whether anything had to be done.

        The schema of *also*, an arm that is served at the same time, is added too and never removed.

        Raises:
            PerfstudyError: a migration failed.
        """
        wanted = (*arm.schema, *(also.schema if also else ()))
        return self._lab.service.prepare(self.url, wanted, self._lab.build_environment(self.url))

    def close(self) -> None:
        """Drop the database, even while clients are connected."""
        import psycopg

        if not self.closed and self.name:
            self.closed = True
            with suppress(psycopg.Error, PerfstudyError):  # the next sweep drops it
                self._lab._databases.drop(self.name)
