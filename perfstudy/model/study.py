"""A study: which arms meet which scenarios, at which scales, how often, and what is claimed of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from perfstudy.errors import UsageError
from perfstudy.model.arm import CONTROL_SUFFIX, Arm
from perfstudy.model.claim import Claim
from perfstudy.model.service import Service

MAX_BLOCKS = 10_000
"""More blocks than anybody can wait for: a number beyond is a slip."""


@dataclass(frozen=True, kw_only=True)
class Study:
    """A question, declared as data.

    ``requests`` are timed in each cell, for at most ``seconds``, but never fewer than ``least``.
    """

    name: str
    title: str
    service: Service
    arms: tuple[Arm, ...]
    scenarios: tuple[str, ...]
    scales: tuple[str, ...]
    claims: tuple[Claim, ...] = ()
    factors: tuple[str, ...] = ()
    """Every switch of its arms, in the order in which they are told of."""
    ladder: tuple[str, ...] = ()
    """The labels of the arms that are steps, each holding the one before it, the reference first."""
    blocks: int = 10
    requests: int = 40
    seconds: float = 3.0
    least: int = 5
    costs: Callable[..., Iterable[dict[str, Any]]] | None = None
    """Measures what its factors cost, after the cells; None where the study does without."""
    chosen: tuple[str, ...] = ()
    """The names of the arms that it was narrowed to, as they were asked for."""

    def __post_init__(self) -> None:
        labels = [arm.label for arm in self.arms]
        for label in labels:
            if labels.count(label) > 1:
                raise UsageError(f"study {self.name!r} has two arms labelled {label!r}: give each its own label")
        for name in self.scenarios:
            self.service.scenario(name)
        if not 1 <= self.blocks <= MAX_BLOCKS or self.least < 1 or self.requests < self.least:
            raise UsageError(
                f"study {self.name!r}: blocks ({self.blocks}) are 1 to {MAX_BLOCKS}, least ({self.least}) starts at 1, "
                f"and requests ({self.requests}) at least"
            )

    @property
    def reference(self) -> Arm | None:
        """The arm that the others are compared with."""
        return next((arm for arm in self.arms if arm.role == "reference"), None)

    def narrow(self, **changes: Any) -> "Study":
        """Return this study with those of *changes* that are not None."""
        return replace(self, **{name: value for name, value in changes.items() if value is not None})


def with_control(arms: Iterable[Arm]) -> tuple[Arm, ...]:
    """Return *arms*, the first one as the reference, and that one again as the control: the A/A pair."""
    first, *rest = arms
    reference = first.labelled(first.label, "reference")
    return reference, *rest, first.labelled(first.label + CONTROL_SUFFIX, "control")
