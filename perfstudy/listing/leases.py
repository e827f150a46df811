"""Versions that this process may rely on for a moment, without asking Redis.

A lease counts from before the question, by a clock that also runs while the machine sleeps. It is taken only for a
tenant that is asked for often, so that the writers of all others need not wait.

One hole is left: the clocks of a virtual machine stop while it is paused. For up to 20 ms of its own time after it
resumes, it may serve what was replaced meanwhile.
"""

import math
import time
from typing import TYPE_CHECKING, NamedTuple

from perfstudy.listing.versioned_cache import DRIFT, LEASE_SECONDS

if TYPE_CHECKING:
    from perfstudy.listing.versioned_cache import VersionedCache

CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""A clock that runs while the machine sleeps; the monotonic one of macOS does as well."""
OFTEN = 2 * LEASE_SECONDS
"""Seconds within which a second question makes a tenant one that is asked for often."""
MOST = 4096
"""Tenants that are remembered at most; then all are forgotten."""


class Lease(NamedTuple):
    """A version, the end of its lease, and when it was asked for; in seconds."""

    version: str | None
    until: float
    asked: float


NONE = Lease(None, 0.0, -math.inf)


class LeasedVersions:
    """The versions of *cache*, each relied on for up to ``LEASE_SECONDS``."""

    def __init__(self, cache: "VersionedCache") -> None:
        self._cache = cache
        self._leases: dict[str, Lease] = {}

    def version(self, tenant: str) -> str | None:
        """Return the tenant's version; None if it is locked or there is none."""
        now = time.clock_gettime(CLOCK)
        lease = self._leases.get(tenant, NONE)
        if now < lease.until:
            return lease.version
        version, leased = self._cache.mark(tenant)
        if version is not None and now - lease.asked < OFTEN:
            leased = leased or self._cache.lease(tenant, version)
        self._remember(tenant, Lease(version, now + LEASE_SECONDS * (1 - DRIFT) if leased else 0.0, now))
        return version

    def _remember(self, tenant: str, lease: Lease) -> None:
        if len(self._leases) >= MOST:
            self._leases.clear()
        self._leases[tenant] = lease
