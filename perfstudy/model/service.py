"""A service: how to load its data, serve an arm, send requests, compare answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol, runtime_checkable

from perfstudy.errors import UsageError, unknown
from perfstudy.model.arm import Arm, split_command
from perfstudy.model.scenario import Scenario
from perfstudy.model.secret import Secret

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


@runtime_checkable
class Resumable(Protocol):
    """Data whose ``load`` can continue one that was interrupted.

    A data set may offer this; one that does not is loaded anew.
    """

    def can_resume(self, url: str, scale: str) -> bool:
        """Return whether ``load`` would continue an interrupted load of *scale* at *url*."""


class NoData:
    """The data of a service that loads none."""

    rows: Mapping[str, int] = {}

    def check(self, scale: str) -> None:
        """Accept every *scale*."""

    def checksum(self, scale: str) -> str:
        """Return the checksum of nothing."""
        return ""

    def load(self, url: str, scale: str, progress: Progress) -> None:
        """Load nothing."""

    def facts(self, url: str, scale: str) -> Facts:
        """Return facts without a tenant."""
        return NoFacts()


@dataclass(frozen=True)
class NoFacts:
    """The facts of data that a study does not know."""

    tenant: str = ""


Clear = str | tuple[str, ...] | Callable[[], object]
"""What empties a cache: ``redis``, a command, a URL, or a function."""


@dataclass(frozen=True, kw_only=True)
class Cache:
    """How a service caches.

    ``says`` is the header with HIT or MISS, empty where there is none. ``clear`` is what empties the cache: ``redis``
    for the study's own server, a command, a URL that is requested, or a function; without it cold and warm are not
    measured apart.
    """

    says: str = ""
    clear: Clear = ""


def identify_exactly(status: int, body: bytes) -> str:
    """Return the status, and a digest of the exact bytes."""
    return f"{status} {sha256(body).hexdigest()[:16]}"


def _find_no_arm(name: str) -> Arm:
    raise unknown("arm", name, ())


def _find_no_scenario(name: str) -> Scenario:
    raise unknown("scenario", name, ())


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service under study: what its arms have in common.

    A service of one's own says how it is built, loaded, served and signed in to, by commands. An installed study says
    what more it knows, by functions: ``prepare`` brings the database at a URL to an arm's schema, leaving in place what
    further arms need, and returns whether anything had to be done. ``environment`` has ``{postgres}``, ``{redis}``,
    ``{secret}`` and ``{prefix}`` to fill in; ``statement_log`` names the variable with the path of the service's
    statement log.

    Raises:
        UsageError: its command has no place for the port.
    """

    command: str | tuple[str, ...] = ()
    name: str = ""
    environment: Mapping[str, str | Secret] = field(default_factory=dict)
    ready: str | tuple[str, ...] = ()
    """The paths that must answer 200 before it counts as started, in this order."""
    build: str | tuple[str, ...] = ()
    """The command that makes a tree ready to run, once for each commit and lock file."""
    load: str | tuple[str, ...] = ()
    """The commands that fill an empty database, once for each commit; one command, or several."""
    login: str | tuple[str, ...] = ()
    """The command that prints the bearer token of the requests, which is never stored."""
    python: str = ""
    """The interpreter where a tree has no ``.venv``."""
    folder: str = ""
    """The folder of the repository in which the commands run."""
    timeout: float = 30.0
    """The seconds that an answer may take."""
    data: DataSet = field(default_factory=NoData)
    two_writes: tuple[tuple[str, ...], ...] = ()
    """The commands of servers that send head and body in two writes with Nagle's algorithm on.

    Their clients acknowledge at once, so that nothing waits for a delayed acknowledgement.
    """
    noop: str = ""
    """The path of an endpoint that does nothing: the time of client, server and HTTP alone."""
    instance: str = ""
    """The path that answers with the ``PERFSTUDY_INSTANCE`` of the process, where several share a socket."""
    cache: Cache = Cache()
    statement_log: str = ""
    prepare: Callable[..., bool] = lambda *_: False
    token: Callable[[str, str], str] = lambda tenant, secret: ""
    """Makes the bearer token of a tenant, from its name and the lab's secret."""
    arm: Callable[[str], Arm] = _find_no_arm
    """Compiles the arm of a name; raises ``UsageError`` for one that there is not."""
    scenario: Callable[[str], Scenario] = _find_no_scenario
    """Finds the scenario of a name; raises ``UsageError`` for one that there is not."""
    reference: Arm | None = None
    """The plainest arm: what others are compared with in a study that has no reference of its own."""
    gate: Callable[[Any, int], list[str]] = lambda facts, seed: []
    """Draws the requests that every arm must answer alike, from the facts and a seed."""
    exact: Identity = identify_exactly
    """What identifies an answer of a variant."""
    content: Identity = identify_exactly
    """What identifies an answer of a competitor; its bytes may differ."""

    def __post_init__(self) -> None:
        check_port(f"service {self.name!r}" if self.name else "the service", self.argv)

    @property
    def argv(self) -> tuple[str, ...]:
        """The parts of its command."""
        return split_command(self.command)

    @property
    def ready_paths(self) -> tuple[str, ...]:
        """The paths that must answer before it counts as started."""
        return (self.ready,) if isinstance(self.ready, str) and self.ready else tuple(self.ready)

    @property
    def loading(self) -> tuple[str, ...]:
        """The commands that fill an empty database."""
        return (self.load,) if isinstance(self.load, str) and self.load else tuple(self.load)

    def uses(self, placeholder: str) -> bool:
        """Return whether a command or variable has *placeholder* to fill in."""
        texts = (*self.argv, *self.loading, *split_command(self.login), *map(str, self.environment.values()))
        return any(f"{{{placeholder}}}" in text for text in texts)


def check_port(owner: str, argv: tuple[str, ...]) -> None:
    """Raise a ``UsageError`` unless *argv*, a command of *owner*, has ``{port}``."""
    if argv and not any("{port}" in part for part in argv):
        raise UsageError(f"the command of {owner} has no {{port}}, so two arms would listen at one place: add it")
