"""A service: how to load its data, serve an arm, send requests, compare answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from perfstudy.model.arm import Arm
from perfstudy.model.scenario import Scenario

Progress = Callable[[str, float, float], None]
"""Called with the name of a stage, how much of it is done, and how much there is."""


def ignore_progress(stage: str, done: float, total: float) -> None:
    """Report nothing."""


Identity = Callable[[int, bytes], str]
"""The identity of an answer, from its status and body: two answers are equal where their identities are."""


class Facts(Protocol):
    """The facts of a loaded data set; scenarios draw their requests from it."""

    @property
    def tenant(self) -> str:
        """The tenant whose data the requests are about."""


class DataSet(Protocol):
    """The data that a service is measured on, in several sizes."""

    @property
    def rows(self) -> Mapping[str, int]:
        """The number of rows at each scale, smallest first."""

    def checksum(self, scale: str) -> str:
        """Return a checksum that changes whenever the data of *scale* change."""

    def check(self, scale: str) -> None:
        """Raise a ``UsageError`` if there is no such *scale*; it names the nearest ones."""

    def load(self, url: str, scale: str, progress: Progress) -> None:
        """Fill the empty database at *url*."""

    def facts(self, url: str, scale: str) -> Facts:
        """Return the facts of the database at *url*."""


@dataclass(frozen=True, kw_only=True)
class Cache:
    """How a service caches: the header with HIT or MISS, empty where there is none."""

    header: str = ""


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service under study: what its arms have in common.

    ``prepare`` brings the database at a URL to an arm's schema, leaving in place what further arms need, and returns
    whether anything had to be done. ``environment`` has ``{database}``, ``{redis}``, ``{secret}`` and ``{prefix}`` to
    fill in; ``statement_log`` names the variable with the path of the service's statement log.
    """

    name: str
    command: tuple[str, ...]
    data: DataSet
    two_writes: tuple[tuple[str, ...], ...] = ()
    """The commands whose servers send head and body in two writes with Nagle's algorithm on.

    Their clients acknowledge at once, so that nothing waits for a delayed acknowledgement.
    """
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: tuple[str, ...] = ()
    """The paths that must answer 200 before it counts as started, in this order."""
    noop: str = ""
    """The path of an endpoint that does nothing: the time of client, server and HTTP alone."""
    instance: str = ""
    """The path whose answer holds the ``PERFSTUDY_INSTANCE`` of the process, where several share a socket."""
    cache: Cache = Cache()
    statement_log: str = ""
    prepare: Callable[..., bool]
    token: Callable[[str, str], str]
    """Makes the bearer token of a tenant, from its name and the lab's secret."""
    arm: Callable[[str], Arm]
    """Compiles the arm of a name; raises ``UsageError`` for one that there is not."""
    scenario: Callable[[str], Scenario]
    """Finds the scenario of a name; raises ``UsageError`` for one that there is not."""
    reference: Arm
    """The plainest arm: what others are compared with in a study that has no reference of its own."""
    gate: Callable[[Any, int], list[str]]
    """Draws the requests that every arm must answer alike, from the facts and a seed."""
    exact: Identity
    """What identifies an answer of a variant."""
    content: Identity
    """What identifies an answer of a competitor, whose bytes may differ."""
