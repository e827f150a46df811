"""Hits without a question to Redis: writers wait until leases have ended.

What holds for every answer but one: a virtual machine that was paused may serve, for up to 20 ms after it resumes, what
was replaced while it was. See ``perfstudy.listing.leases``.
"""

from perfstudy.listing.contract import CacheLayer, CachePolicy
from perfstudy.listing.leases import LeasedVersions
from perfstudy.listing.optimization import Optimization
from perfstudy.listing.optimizations.invalidate import versioned_cache
from perfstudy.listing.versioned_cache import DRIFT, LEASE_SECONDS
from perfstudy.model.claim import Claim


class LeasedLayer(CacheLayer):
    """Confirm versions by a lease while there is one."""

    def __init__(self, inner: CachePolicy) -> None:
        super().__init__(inner, version=LeasedVersions(versioned_cache()).version)


LEASE = Optimization(
    name="lease",
    title="Leases of versions",
    summary="a process relies on a version for up to 20 ms, and the tenant's next writer waits until that has passed",
    cache=LeasedLayer,
    remembers=LEASE_SECONDS * (1 + DRIFT),
    requires=frozenset({"cache", "invalidate"}),
    manual_rollback="ask Redis for the version at each hit",
    claims=(
        Claim(
            id="lease-hit",
            quote="a hit of a tenant that is read often is faster if Redis is not asked",
            source="a claim of the study's own: one question in 20 ms takes the place of one for each hit",
            variant="index+related+values+connections+gunicorn+cache+invalidate+lease+bytes+near",
            reference="index+related+values+connections+gunicorn+cache+invalidate+bytes+near",
            low=1,
            temperature="warm",
            reference_temperature="warm",
        ),
    ),
)
