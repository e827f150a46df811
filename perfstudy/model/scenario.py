"""A scenario: a shape of request, drawn as one stream for all arms of a block."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any, Literal
from urllib.parse import quote

from perfstudy.errors import UsageError
from perfstudy.model.secret import Secret, conceal

NOOP = "noop"
"""The scenario that requests an endpoint that does nothing; no claim is about it."""
WORD = "{word}"
"""What is replaced by one of a scenario's words, in its path and in its body."""
SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
"""The methods that change nothing (RFC 9110, 9.2.1)."""
METHODS = (*sorted(SAFE_METHODS), "POST", "PUT", "PATCH", "DELETE")

ACTIONS = ("open", "elsewhere", "scroll", "type", "clear", "choose")
"""What can be done with a page in a browser, in this order: load it, click, scroll, type, empty the box, filter."""

Series = Literal["offset", "cursor", "rows"]
"""A number of a request: the offset of a page, the offset that its cursor stands for, or the rows of the answer."""

Target = Callable[[Any, Random], str]
"""Draws the next request's path and query from the facts of the data set."""


class Request(str):
    """A path and query to request, with the body that goes with it."""

    body: bytes | None = None

    @classmethod
    def make(cls, target: str, body: bytes | None) -> "Request":
        """Return the request of *target* that sends *body*."""
        made = cls(target)
        made.body = body
        return made


@dataclass(frozen=True)
class Scenario:
    """A named shape of request; *target* is its path and query, or draws them.

    ``warmups`` is the number of requests made before the timed ones and discarded.

    Raises:
        UsageError: the method is unknown, a path does not start with a slash, it changes data that are not reset, or it
            has words and no place for them.
    """

    name: str
    target: str | Target
    _: KW_ONLY
    summary: str = ""
    method: str = "GET"
    body: str | bytes = ""
    headers: Mapping[str, str | Secret] = field(default_factory=dict, hash=False)
    words: str | tuple[str, ...] = ()
    """What ``{word}`` in path and body is replaced by, each word encoded for a path; or a file with one a line."""
    reset: str | tuple[str, ...] = ""
    """What undoes its writes before each cell: ``database`` for a fresh clone, or a command."""
    think: float = 0.0
    """Seconds between an answer and the next request."""
    warmups: int = 5
    follows_next: bool = False
    """Whether the request is for the page after the target's, named in the answer's ``Link``."""
    revalidates: bool = False
    """Whether the client stores the last ``ETag`` of a target and sends it as ``If-None-Match``."""
    series: Series | None = None
    """What its *size* is, where scenarios differ in it alone and a chart has them as a line."""
    size: int = 0
    action: str = ""
    """What is done with the page at its path, of :data:`ACTIONS`; empty: a request."""
    text: str = ""
    """What an action types."""
    tenant: Callable[[Any], str] | None = None
    """Finds the tenant in the facts of the data set; None: the usual one."""
    seconds: float = 0.02
    """The approximate mean seconds of a request over the arms, for estimating a plan only."""
    accept_encoding: str = ""
    """The content encoding that the client accepts."""

    def __post_init__(self) -> None:
        said = f"scenario {self.name!r}"
        if self.method not in METHODS:
            raise UsageError(f"{said} has the method {self.method!r}: choose one of {', '.join(METHODS)}")
        if isinstance(self.target, str) and not (self.target.startswith("/") and self.target.isprintable()):
            raise UsageError(f"{said} requests {self.target!r}: give a path that starts with /, as in '/api/orders'")
        if self.changes_data and not self.reset:
            raise UsageError(
                f"{said} sends {self.method} and would write more with every request: it needs reset='database' "
                "or a command that undoes it"
            )
        if self.action and self.action not in ACTIONS:
            raise UsageError(f"{said} has the action {self.action!r}: choose one of {', '.join(ACTIONS)}")
        if self.words and not any(WORD in part for part in (str(self.target), _text(self.body))):
            raise UsageError(f"{said} has words, and no {WORD} in its path or body: say where they go")
        if self.think < 0:
            raise UsageError(f"{said} thinks for {self.think} seconds: give 0 or more")

    @property
    def changes_data(self) -> bool:
        """Whether its requests write."""
        return self.method not in SAFE_METHODS

    @property
    def can_be_warm(self) -> bool:
        """Whether a cached answer makes it another quantity.

        A page that is open already has had its answer.
        """
        return self.action in ("", "open")

    @property
    def is_plain(self) -> bool:
        """Return whether it is a request that needs only its target."""
        return not (
            self.action
            or self.follows_next
            or self.revalidates
            or self.accept_encoding
            or self.changes_data
            or self.headers
        )

    def declaration(self) -> dict[str, Any]:
        """Return what it requests as plain data, without the values of secrets."""
        target = self.target if isinstance(self.target, str) else "drawn"
        return {"method": self.method, "target": target, "headers": conceal(self.headers), "think": self.think}

    def read_words(self, folder: Path) -> "Scenario":
        """Return the scenario with the words of its file, relative to *folder*.

        Raises:
            UsageError: the file cannot be read, or it is empty.
        """
        if not isinstance(self.words, str):
            return self
        path = folder / self.words
        try:
            found = tuple(line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", None) or "it is no text in UTF-8"
            raise UsageError(f"scenario {self.name!r}: its words {str(path)!r} cannot be read: {said}") from None
        if not found:
            raise UsageError(f"scenario {self.name!r}: its words {str(path)!r} are empty: put one on each line")
        return replace(self, words=found)

    def requests(self, facts: Any, seed: str, count: int) -> list[str]:
        """Return *count* targets; the same *seed* gives the same ones."""
        random = Random(f"{seed}:{self.name}")
        return [self._draw(facts, random) for _ in range(count)]

    def _draw(self, facts: Any, random: Random) -> str:
        if callable(self.target):
            return self.target(facts, random)
        word = random.choice(self.words) if self.words else ""
        target = self.target.replace(WORD, quote(word, safe=""))
        body = _text(self.body).replace(WORD, word).encode("utf-8", "surrogateescape")
        return Request.make(target, body) if body else target


def _text(body: str | bytes) -> str:
    """Return *body* as text from which the same bytes come back."""
    return body.decode("utf-8", "surrogateescape") if isinstance(body, bytes) else body
