"""A study: arms, scenarios, scales, the number of blocks, and the claims."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from perfstudy.errors import UsageError
from perfstudy.model.arm import CONTROL_SUFFIX, Arm, restore_competitor
from perfstudy.model.claim import Claim, restore_claim
from perfstudy.model.service import Service

Costs = Callable[..., Iterable[dict[str, Any]]]
"""Measures the costs of a study's factors: from lab, working copies, study and progress to table rows."""

MAX_BLOCKS, MAX_REQUESTS = 10_000, 1_000_000
"""Upper limits; a larger study would take months, and its plan alone minutes."""
SEEDS = range(-(2**63), 2**63)
"""The seeds that every store accepts."""


def check_seed(seed: int) -> int:
    """Return *seed* if it is one of :data:`SEEDS`.

    Raises:
        UsageError: it is none of them.
    """
    if seed not in SEEDS:
        raise UsageError(f"seed {str(seed)[:24]} has more than 64 bits: choose one between 0 and {SEEDS[-1]}")
    return seed


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
    """Every factor of its arms, in the order of display."""
    ladder: tuple[str, ...] = ()
    """The labels of the steps, each containing the one before, the reference first."""
    blocks: int = 10
    requests: int = 40
    seconds: float = 3.0
    least: int = 5
    costs: Costs | None = None
    """Measures the costs of its factors, after the cells; None for no costs."""
    variants: tuple[str, ...] = ()
    """The names that it was narrowed to, as given; its arms are made from them."""

    def __post_init__(self) -> None:
        labels = [arm.label for arm in self.arms]
        for label in labels:
            if labels.count(label) > 1:
                raise UsageError(f"study {self.name!r} has two arms labelled {label!r}: give each its own label")
        for name in self.scenarios:
            self.service.scenario(name)
        for number, most, what in ((self.blocks, MAX_BLOCKS, "blocks"), (self.requests, MAX_REQUESTS, "requests")):
            if number > most:
                raise UsageError(f"study {self.name!r} has {str(number)[:24]} {what}: at most {most} can be measured")
        if self.blocks < 1 or self.least < 1 or self.requests < self.least:
            raise UsageError(
                f"study {self.name!r}: blocks ({self.blocks}) and least ({self.least}) start at 1, "
                f"and requests ({self.requests}) at least"
            )

    @property
    def reference(self) -> Arm | None:
        """The arm that the others are compared with."""
        return next((arm for arm in self.arms if arm.role == "reference"), None)

    def arm(self, label: str) -> Arm:
        """Return the arm called *label*."""
        return next(arm for arm in self.arms if arm.label == label)

    def answers(self, arm: Arm, scenario: str) -> bool:
        """Return whether *arm* can answer *scenario*.

        Scenarios that follow cursors are for the arms that give them.
        """
        if arm.scenarios and scenario not in arm.scenarios:
            return False
        return arm.gives_cursors or not self.service.scenario(scenario).follows_next

    def narrow(self, **changes: Any) -> "Study":
        """Return this study with those of *changes* that are not None."""
        return replace(self, **{name: value for name, value in changes.items() if value is not None})

    def declaration(self) -> dict[str, Any]:
        """Return the study as plain data; :func:`restore_study` reverses it."""
        plain = ("name", "title", "scenarios", "scales", "blocks", "requests", "seconds", "least")
        known: dict[str, Any] = {name: getattr(self, name) for name in (*plain, "factors", "ladder", "variants")}
        known |= {"service": self.service.name, "costs": self.costs is not None}
        known |= {"arms": [arm.declaration() for arm in self.arms], "claims": [asdict(claim) for claim in self.claims]}
        return known


def restore_study(declaration: Mapping[str, Any], service: Service, costs: Costs | None = None) -> Study:
    """Return the study of a stored *declaration*; *costs* measures its costs, if any.

    An arm that is no competitor is compiled again from its name.

    Raises:
        UsageError: *service* knows no arm or scenario of a name any more.
    """
    fields: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in declaration.items()}
    fields["arms"] = tuple(_restore_arm(arm, service) for arm in declaration["arms"])
    fields["claims"] = tuple(restore_claim(claim) for claim in declaration["claims"])
    fields["costs"] = costs if declaration["costs"] else None
    return Study(**fields | {"service": service})


def _restore_arm(declaration: Mapping[str, Any], service: Service) -> Arm:
    if declaration["role"] == "competitor":
        return restore_competitor(declaration)
    return service.arm(declaration["name"]).labelled(declaration["label"], declaration["role"])


def add_control(arms: Iterable[Arm]) -> tuple[Arm, ...]:
    """Return *arms* with the first as the reference, and again as the control (A/A)."""
    first, *rest = arms
    reference = first.labelled(first.label, "reference")
    return reference, *rest, first.labelled(first.label + CONTROL_SUFFIX, "control")
