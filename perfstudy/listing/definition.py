"""The listing as a service of the harness: data, variables and answers."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from perfstudy.listing import gate
from perfstudy.listing.compiling import DEVELOPMENT_SERVER, arm
from perfstudy.listing.dataset import SCALES, Facts, can_resume, compute_checksum, load, read_facts
from perfstudy.listing.dataset.scales import find_scale
from perfstudy.listing.scenarios import NOOP_PATH, find_scenario
from perfstudy.listing.variant import BASELINE
from perfstudy.model.service import Cache, Service

if TYPE_CHECKING:
    from perfstudy.model.service import Progress


class Programs:
    """The data set: programs of many tenants, in the scales of ``scales.toml``."""

    @property
    def rows(self) -> Mapping[str, int]:
        """How many programs each scale has, smallest first."""
        return {name: scale.rows for name, scale in SCALES.items()}

    def check(self, scale: str) -> None:
        """Raise a ``UsageError`` naming the nearest scales if *scale* does not exist."""
        find_scale(scale)

    def checksum(self, scale: str) -> str:
        """Return the identity of seeds and generation."""
        return compute_checksum(scale)

    def load(self, url: str, scale: str, progress: "Progress") -> None:
        """Fill the empty database at *url*, or continue an interrupted load there."""
        load(url, scale, progress)

    def can_resume(self, url: str, scale: str) -> bool:
        """Return whether an interrupted load of *scale* at *url* would be continued."""
        return can_resume(url, scale)

    def facts(self, url: str, scale: str) -> Facts:
        """Return the facts of the database at *url*."""
        return read_facts(url, scale)


def prepare(url: str, schema: Iterable[str], environment: dict[str, str]) -> bool:
    """Migrate the database at *url* to *schema*; return whether it had to change."""
    from perfstudy.listing.schema import reconcile

    return reconcile(url, schema, environment)


def sign_token(tenant: str, secret: str) -> str:
    """Return the bearer token of *tenant*, which Django signs."""
    from perfstudy.listing import tokens

    return tokens.issue(tenant, secret)


SERVICE = Service(
    name="listing",
    command=DEVELOPMENT_SERVER,
    data=Programs(),
    two_writes=(DEVELOPMENT_SERVER,),
    environment={
        "PERFSTUDY_SERVICE_DATABASE": "{postgres}",
        "PERFSTUDY_SERVICE_REDIS": "{redis}",
        "PERFSTUDY_SERVICE_SECRET": "{secret}",
        "PERFSTUDY_KEY_PREFIX": "{prefix}",
    },
    timeout=120.0,
    ready=("/api/noop", "/api/health"),
    noop=NOOP_PATH,
    instance="/metrics",
    cache=Cache(says="X-Cache"),
    statement_log="PERFSTUDY_STATEMENT_LOG",
    prepare=prepare,
    token=sign_token,
    arm=arm,
    reference=arm(BASELINE),
    scenario=find_scenario,
    gate=gate.draw_requests,
    exact=gate.identify_exactly,
    content=gate.identify_content,
)
