"""A scenario: one shape of request, drawn as a stream that all arms of a block are given alike."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

NOOP = "noop"
"""The name of the scenario that asks for an endpoint that does nothing; no claim is about it."""

Target = Callable[[Any, Random], str]
"""Draws the next request's path and query, from what the data set says of itself."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A named shape of request; *target* draws the path and query of the next one.

    ``warmups`` is the fixed number of requests that are made and thrown away before the timed ones.
    """

    name: str
    summary: str
    target: Target
    warmups: int = 5
    follows_next: bool = False
    """Whether the request is for the page after the target's, which its answer names in ``Link``."""
    revalidates: bool = False
    """Whether the client keeps the last ``ETag`` of a target and sends it as ``If-None-Match``."""
    seconds: float = 0.02
    """About how long a request takes, a mean over the arms, for the estimate of a plan alone."""
    accept_encoding: str = ""
    """The content encoding that the client accepts."""

    @property
    def is_plain(self) -> bool:
        """Whether a request of it needs nothing but its target: no cursor and no header of its own."""
        return not (self.follows_next or self.revalidates or self.accept_encoding)

    def requests(self, facts: Any, seed: str, count: int) -> list[str]:
        """Return *count* targets, the same ones for the same *seed*."""
        random = Random(f"{seed}:{self.name}")
        return [self.target(facts, random) for _ in range(count)]
