"""A stack: a service whose variant can change without a failed request.

Its address is a listening socket of this process, which the service inherits. To change the variant, another service
is started on the same socket; once it answers, the first one finishes its pending requests and ends.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfstudy.lab import launching, services
from perfstudy.listing.serving import ServingRecord
from perfstudy.listing.variant import Variant
from perfstudy.model.closing import Closing

if TYPE_CHECKING:
    from perfstudy.listing.lab import Database, Lab


class Stack(Closing):
    """*variant* served on *database*; to be used in ``with``."""

    def __init__(self, lab: "Lab", database: "Database", variant: Variant, port: int = 0) -> None:
        """Migrate the schema for *variant* and serve it on *port*; 0 takes any free one.

        Raises:
            UsageError: *port* is taken.
            PerfstudyError: a migration failed, or the service did not start.
        """
        self._lab, self._database = lab, database
        self._listener = launching.open_listener(port)
        self._metrics = Path(tempfile.mkdtemp(prefix="metrics-", dir=lab.folder))
        try:
            database.reconcile(variant)
            counted = self._counted()
            self.service, self._variant = self._started(variant), variant
        except BaseException:
            self._listener.close()
            raise
        self._desk = ServingRecord(
            lab.folder,
            url=self.service.url,
            scale=database.scale,
            tenant=database.facts.tenant,
            database=database.url,
            redis=lab.redis.url,
            prefix=lab.key_prefix,
            counted=counted,
        )
        self._desk.open(variant.name, self.service.log)

    @property
    def variant(self) -> Variant:
        """What is served now."""
        return self._variant

    def switch(self, variant: Variant) -> None:
        """Serve *variant* instead, and migrate the schema for it.

        If that fails, the variant before it is still served.

        Raises:
            PerfstudyError: a migration failed, or the service did not start.
        """
        before, previous = self.service, self._variant
        # Neither variant is affected by migrations that only the other wants, but each needs its own. So new
        # ones are applied before the change, and those no longer wanted are reverted after it.
        self._database.reconcile(variant, also=previous)
        self.service, self._variant = self._started(variant), variant
        before.drain()
        self._database.reconcile(variant)

    def obey(self) -> None:
        """Handle a request of another process, if there is one."""
        self._desk.serve(self._switched)

    def close(self) -> None:
        """Stop serving."""
        self._desk.close()
        self.service.close()
        self._listener.close()

    def _counted(self) -> dict[str, int]:
        with self._lab.redis.client() as client:
            stats: Any = client.info("stats")
        return {"hits": stats["keyspace_hits"], "misses": stats["keyspace_misses"]}

    def _started(self, variant: Variant) -> services.RunningService:
        return self._lab.serve(variant, self._database, listener=self._listener, metrics=self._metrics)

    def _switched(self, variant: Variant) -> Mapping[str, Any]:
        self.switch(variant)
        return {"variant": variant.name, "log": str(self.service.log)}
