"""A scenario: a shape of request, drawn as one stream for all arms of a block."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

NOOP = "noop"
"""The scenario that requests an endpoint that does nothing; no claim is about it."""

Target = Callable[[Any, Random], str]
"""Draws the next request's path and query from the facts of the data set."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A named shape of request; *target* draws the path and query of the next one.

    ``warmups`` is the number of requests made before the timed ones and discarded.
    """

    name: str
    summary: str
    target: Target
    warmups: int = 5
    follows_next: bool = False
    """Whether the request is for the page after the target's, named in the answer's ``Link``."""
    revalidates: bool = False
    """Whether the client stores the last ``ETag`` of a target and sends it as ``If-None-Match``."""
    seconds: float = 0.02
    """The approximate mean seconds of a request over the arms, for estimating a plan only."""
    accept_encoding: str = ""
    """The content encoding that the client accepts."""

    @property
    def is_plain(self) -> bool:
        """Return whether a request needs only its target: no cursor and no own header."""
        return not (self.follows_next or self.revalidates or self.accept_encoding)

    def requests(self, facts: Any, seed: str, count: int) -> list[str]:
        """Return *count* targets; the same *seed* gives the same ones."""
        random = Random(f"{seed}:{self.name}")
        return [self.target(facts, random) for _ in range(count)]
