"""The lab of the listing: the harness's lab, taking variants in place of arms."""

from functools import cached_property
from typing import Any, Self

from perfstudy import lab as harness
from perfstudy.listing.compiling import arm
from perfstudy.listing.dataset import Facts, read_facts
from perfstudy.listing.definition import SERVICE
from perfstudy.listing.variant import Variant
from perfstudy.model import extras
from perfstudy.model.arm import Arm
from perfstudy.model.service import Progress


class Database(harness.Database):
    """A working copy of a scale, brought to the schema of a variant."""

    @cached_property
    def facts(self) -> Facts:
        """What the scale holds, such as its tenant."""
        return read_facts(self.url, self.scale)

    def reconcile(self, arm: Arm | Variant, *, also: Arm | Variant | None = None) -> bool:
        """Migrate the schema to that of *arm*, which may be a variant.

        See :meth:`perfstudy.lab.Database.reconcile`.
        """
        return super().reconcile(_compile(arm), also=None if also is None else _compile(also))


class Lab(harness.Lab):
    """The running stack of the listing.

    Use it in a ``with`` block, or let it end with the process.
    """

    database_type = Database

    @classmethod
    def start(cls, progress: Progress | None = None) -> Self:
        """Find or start the servers; see :meth:`perfstudy.lab.Lab.open`.

        Raises:
            UsageError: the packages of the service are not installed.
        """
        extras.require("listing")
        return cls.open(SERVICE, progress)

    def database(self, scale: str, progress: Progress | None = None) -> Database:
        """Make a working copy of *scale*; see :meth:`perfstudy.lab.Lab.database`."""
        made = super().database(scale, progress)
        assert isinstance(made, Database)
        return made

    def build_environment(
        self, database: str, arm: Arm | Variant | None = None, *where: Any, **more: Any
    ) -> dict[str, str]:
        """Return the service's environment.

        See :meth:`perfstudy.lab.Lab.build_environment`.
        """
        return super().build_environment(database, arm if arm is None else _compile(arm), *where, **more)

    def serve(self, arm: Arm | Variant, *where: Any, **options: Any) -> harness.RunningService:
        """Serve *arm*, or a variant; see :meth:`perfstudy.lab.Lab.serve`."""
        served = super().serve(_compile(arm), *where, **options)
        assert isinstance(served, harness.RunningService)
        return served


def _compile(one: Arm | Variant) -> Arm:
    return one if isinstance(one, Arm) else arm(one)


def open_lab(progress: Progress | None = None) -> Lab:
    """Start the lab of the listing."""
    return Lab.start(progress)
