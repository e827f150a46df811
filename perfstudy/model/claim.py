"""A claim: a stated gain of one arm over another, judged by a run."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import KW_ONLY, InitVar, dataclass
from typing import Any, Literal

from perfstudy.formatting import times
from perfstudy.model.quantity import QUANTITIES, RESPONSE
from perfstudy.model.scenario import NOOP

Temperature = Literal["cold", "warm"]


class DeclarationError(ValueError):
    """A declaration that contradicts itself or another; the message names both."""


@dataclass(frozen=True)
class Claim:
    """A stated gain: *variant* is faster than *reference* by *low* to *high* times.

    Of another quantity than a time it has so many times less.

    *arm* is another word for the variant, for a service of one's own; without a reference the study's is meant.
    A factor is a speed-up, reference time over variant time, and has no unit.
    ``high=None`` leaves the range open above; ``low=1`` with an open range claims a direction only.
    """

    id: str
    quote: str
    _: KW_ONLY
    source: str = "the study"
    variant: str = ""
    reference: str = ""
    low: float = 1
    high: float | None = None
    temperature: Temperature = "cold"
    reference_temperature: Temperature = "cold"
    quantity: str = RESPONSE
    """What it is about: one of :data:`~perfstudy.model.quantity.QUANTITIES`."""
    note: str = ""
    scenarios: tuple[str, ...] = ()
    """The scenarios that it is about; empty: every one that plain requests make."""
    arm: InitVar[str] = ""

    def __post_init__(self, arm: str) -> None:
        object.__setattr__(self, "variant", self.variant or arm)
        if not self.variant:
            raise DeclarationError(f"claim {self.id!r} is about no arm: name one with arm=")
        if self.quantity not in QUANTITIES:
            known = ", ".join(QUANTITIES)
            raise DeclarationError(f"claim {self.id!r} is about the quantity {self.quantity!r}: choose one of {known}")
        if self.low < 1 or (self.high is not None and self.high < self.low):
            raise DeclarationError(
                f"claim {self.id!r}: the range {self.low} to {self.high} must ascend and start at 1 or above"
            )

    @property
    def range(self) -> str:
        """The claimed range in words: ``3 to 5 times``, ``at least 2 times``, ``faster``."""
        direction_only = self.low == 1 and self.high is None
        return QUANTITIES[self.quantity].less if direction_only else times(self.low, self.high)

    def is_about(self, scenario: str, special: Collection[str] = ()) -> bool:
        """Return whether the claim is about *scenario*.

        A claim is about one of the *special* scenarios only where it names it.
        """
        if self.scenarios:
            return scenario in self.scenarios
        return scenario != NOOP and scenario not in special


def list_special_scenarios(claims: Iterable[Claim]) -> frozenset[str]:
    """Return the scenarios that any of *claims* names.

    Claims that do not name them are not about them.
    """
    return frozenset(name for claim in claims for name in claim.scenarios)


def restore_claim(declaration: Mapping[str, Any]) -> Claim:
    """Return the claim of a stored *declaration*."""
    fields: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in declaration.items()}
    return Claim(**fields)


def say_unmeasured(claims: int) -> str:
    """Return the line that counts the *claims* about which a study says nothing."""
    return f"{claims} further claim{'s' * (claims != 1)}: this study does not measure their arms"
