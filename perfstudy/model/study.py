"""A study: arms, scenarios, scales, the number of blocks, and the claims."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from perfstudy.errors import UsageError, unknown
from perfstudy.model.arm import CONTROL_SUFFIX, Arm
from perfstudy.model.claim import Claim
from perfstudy.model.scenario import NOOP, Scenario
from perfstudy.model.service import Cache, Identity, Service, check_port

Costs = Callable[..., Iterable[dict[str, Any]]]
"""Measures the costs of a study's factors: from lab, working copies, study and progress to table rows."""

DECIDED, WIDTH = "decided", "width"
"""What a study may go on for."""
MAX_BLOCKS, MAX_REQUESTS = 10_000, 1_000_000
"""Upper limits; a larger study would take months, and its plan alone minutes."""
REQUESTS, OWN_REQUESTS = 40, 400
"""The timed requests of a cell where a study names none.

A quick service answers 40 requests in a tenth of a second, in which whatever else the machine does shows: with 400 of
them the interval of a service that takes 2.4 ms was a third as wide (``python -m benchmarks.regressions``).
"""
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

    ``requests`` are timed in each cell, for at most ``seconds``, but never fewer than ``least``. A study of a service
    of one's own declares its scenarios, and names its reference by the label of an arm; the control is added.

    Raises:
        UsageError: two parts contradict each other, or one names another that is not there.
    """

    name: str
    title: str
    service: Service
    arms: tuple[Arm, ...]
    scenarios: tuple[str | Scenario, ...]
    scales: tuple[str, ...] = ("data",)
    claims: tuple[Claim, ...] = ()
    reference: str = ""
    """The label of the arm that the others are compared with; empty where an arm has that role already."""
    factors: tuple[str, ...] = ()
    """Every factor of its arms, in the order of display."""
    ladder: tuple[str, ...] = ()
    """The labels of the steps, each containing the one before, the reference first."""
    blocks: int = 10
    looks: tuple[int, ...] = ()
    """The numbers of blocks after which it may stop; the last one is ``blocks``."""
    until: str = ""
    """What it stops at: :data:`DECIDED`, or ``width`` for intervals of :attr:`width`; empty: at its last block."""
    width: float = 0.0
    """The half width of the intervals to continue for, as a share: 0.05 for 5%."""
    requests: int = 0
    """Timed requests of a cell, at most; 0: :data:`REQUESTS`, or :data:`OWN_REQUESTS` for a service of one's own."""
    seconds: float = 3.0
    least: int = 5
    cache: Cache | None = None
    """How its arms cache; None: as the service says."""
    identity: str | Identity = "json"
    """What makes two answers the same: ``json``, ``bytes``, ``status``, or a function of status and body."""
    ignore: tuple[str, ...] = ()
    """The JSON paths that may differ, such as ``$.generated_at``."""
    also: str | tuple[str, ...] = ()
    """What else every arm must answer alike: paths, or a file with paths, a HAR, or an OpenAPI document."""
    gate: bool | None = True
    """Whether answers are compared before a time counts; False and None must be written out."""
    costs: Costs | None = None
    """Measures the costs of its factors, after the cells; None for no costs."""
    variants: tuple[str, ...] = ()
    """The names that it was narrowed to, as given; its arms are made from them."""
    declared: tuple[Scenario, ...] = ()
    """The scenarios that it declares itself, in place of the service."""
    file: str = ""
    """The file that declares it, where it is of a service of one's own."""

    def __post_init__(self) -> None:
        if self.looks:
            object.__setattr__(self, "blocks", self.looks[-1])
            if self.looks[0] < 2 or list(self.looks) != sorted(set(self.looks)):
                raise UsageError(f"study {self.name!r} looks after {self.looks} blocks: let them ascend from 2")
        self._settle_scenarios()
        self._settle_arms()
        if not self.requests:
            object.__setattr__(self, "requests", max(OWN_REQUESTS if self.is_own else REQUESTS, self.least))
        labels = [arm.label for arm in self.arms]
        for label in labels:
            if labels.count(label) > 1:
                raise UsageError(f"study {self.name!r} has two arms labelled {label!r}: give each its own label")
        for name in self.scenario_names:
            self.scenario(name)
        for number, most, what in ((self.blocks, MAX_BLOCKS, "blocks"), (self.requests, MAX_REQUESTS, "requests")):
            if number > most:
                raise UsageError(f"study {self.name!r} has {str(number)[:24]} {what}: at most {most} can be measured")
        if self.blocks < 1 or self.least < 1 or self.requests < self.least:
            raise UsageError(
                f"study {self.name!r}: blocks ({self.blocks}) and least ({self.least}) start at 1, "
                f"and there are at least so many requests ({self.requests})"
            )

    def _settle_scenarios(self) -> None:
        """Move the scenarios that are declared here to their field, and leave their names."""
        own = {one.name: one for one in (*self.declared, *self.scenarios) if isinstance(one, Scenario)}
        named = [one.name if isinstance(one, Scenario) else one for one in self.scenarios]
        for name in named:
            if named.count(name) > 1:
                raise UsageError(f"study {self.name!r} has two scenarios called {name!r}: give each its own name")
        object.__setattr__(self, "declared", tuple(own.values()))
        object.__setattr__(self, "scenarios", tuple(named))

    def _settle_arms(self) -> None:
        """Give the arms of a service of one's own their roles, and add the control."""
        if not self.is_own:
            return
        labels = [arm.label for arm in self.arms if arm.role != "control"]
        reference = self.reference or (labels[0] if labels else "")
        if reference not in labels:
            raise unknown("reference arm", reference, labels)
        caches = bool(self.cache and self.cache.clear)
        if self.caching.clear == "redis" and not self.uses("redis"):
            raise UsageError(
                f"study {self.name!r} clears 'redis', and nothing has {{redis}} to fill in: "
                "hand it to the service in environment="
            )
        for arm in self.arms:
            check_port(f"arm {arm.label!r}", arm.argv)
            if not (arm.url or arm.argv or self.service.argv):
                raise UsageError(f"arm {arm.label!r} has no command: give the service one, or the arm a url")
        settled = [replace(arm, caches=caches) for arm in self.arms if arm.role != "control"]
        settled.sort(key=lambda arm: arm.label != reference)
        object.__setattr__(self, "reference", reference)
        if not self.factors:
            used = dict.fromkeys(factor for arm in settled for factor in arm.factors)
            object.__setattr__(self, "factors", tuple(used))
        object.__setattr__(self, "arms", add_control(settled))
        self._settle_claims(labels, reference)

    def _settle_claims(self, labels: list[str], reference: str) -> None:
        for claim in self.claims:
            for arm in filter(None, (claim.variant, claim.reference)):
                if arm not in labels:
                    raise unknown(f"arm of claim {claim.id!r},", arm, labels)
            for name in claim.scenarios:
                if name not in self.scenario_names:
                    raise unknown(f"scenario of claim {claim.id!r},", name, self.scenario_names)
        settled = tuple(replace(claim, reference=claim.reference or reference) for claim in self.claims)
        object.__setattr__(self, "claims", settled)

    @property
    def is_own(self) -> bool:
        """Whether it is of a service of one's own, which no installed package declares."""
        return bool(self.declared)

    @property
    def reference_arm(self) -> Arm | None:
        """The arm that the others are compared with."""
        return next((arm for arm in self.arms if arm.role == "reference"), None)

    @property
    def scenario_names(self) -> tuple[str, ...]:
        """The names of its scenarios."""
        return tuple(one if isinstance(one, str) else one.name for one in self.scenarios)

    @property
    def caching(self) -> Cache:
        """How its arms cache."""
        return self.cache or self.service.cache

    def scenario(self, name: str) -> Scenario:
        """Return the scenario called *name*.

        Raises:
            UsageError: there is none.
        """
        found = {one.name: one for one in self.declared}
        if name in found:
            return found[name]
        if self.is_own and name == NOOP and self.service.noop:
            return Scenario(NOOP, self.service.noop, seconds=0.002)
        if self.is_own:
            raise unknown("scenario", name, found)
        return self.service.scenario(name)

    def uses(self, placeholder: str) -> bool:
        """Return whether its service or one of its arms has *placeholder* to fill in."""
        texts = [text for arm in self.arms for text in (*arm.argv, *map(str, arm.environment.values()))]
        return self.service.uses(placeholder) or any(f"{{{placeholder}}}" in text for text in texts)

    @property
    def measures_noop(self) -> bool:
        """Whether an endpoint that does nothing is measured beside the scenarios."""
        return not self.is_own or bool(self.service.noop)

    def arm(self, label: str) -> Arm:
        """Return the arm called *label*."""
        return next(arm for arm in self.arms if arm.label == label)

    def answers(self, arm: Arm, scenario: str) -> bool:
        """Return whether *arm* can answer *scenario*.

        Scenarios that follow cursors are for the arms that give them.
        """
        if arm.scenarios and scenario not in arm.scenarios:
            return False
        return arm.gives_cursors or not self.scenario(scenario).follows_next

    def at(self, file: Path) -> "Study":
        """Return the study as *file* declares it, with its words read."""
        if not self.is_own:
            return self
        words = tuple(one.read_words(file.parent) for one in self.declared)
        return replace(self, declared=words, file=str(file.resolve()))

    def compare_refs(self, base: str = "", head: str = "") -> "Study":
        """Return this study with its reference at *base*, its other arms at *head*.

        Arms that run already at a URL stay as they are.

        Raises:
            UsageError: it is no study of a service of one's own.
        """
        if not (base or head):
            return self
        if not self.is_own:
            given = " and ".join(filter(None, (base and f"--base {base!r}", head and f"--head {head!r}")))
            raise UsageError(f"study {self.name!r} is of an installed service without refs: leave out {given}")
        moved = tuple(
            arm if arm.url or not ref else replace(arm, ref=ref, tree="")
            for arm in self.arms
            for ref in (base if arm.role in ("reference", "control") else head,)
        )
        return replace(self, arms=moved)

    def choose_arms(self, labels: Iterable[str]) -> "Study":
        """Return this study with its reference and the arms of *labels* alone.

        Raises:
            UsageError: there is no such arm; the nearest are named.
        """
        names = tuple(labels)
        if not names:
            return self
        if self.is_own:
            known = [arm.label for arm in self.arms]
            for name in names:
                if name not in known:
                    raise unknown("arm", name, known)
            kept = tuple(arm for arm in self.arms if arm.label in (*names, self.reference))
            claims = tuple(
                claim for claim in self.claims if {claim.variant, claim.reference} <= {*names, self.reference}
            )
            return replace(self, arms=kept, claims=claims, variants=names)
        reference = self.reference_arm or self.service.reference
        assert reference is not None, "an installed service has a reference"
        chosen = {arm.name: arm for arm in (reference, *map(self.service.arm, names))}
        return replace(self, arms=add_control(chosen.values()), variants=names)

    def narrow(self, **changes: Any) -> "Study":
        """Return this study with those of *changes* that are not None."""
        given = {name: value for name, value in changes.items() if value is not None}
        if self.is_own and "scenarios" in given:
            for name in given["scenarios"]:
                self.scenario(name)
            given["claims"] = tuple(self._narrow_claims(given["scenarios"]))
        return replace(self, **given)

    def _narrow_claims(self, scenarios: Collection[str]) -> Iterator[Claim]:
        """Yield the claims that are about some of *scenarios*, about those alone."""
        for claim in self.claims:
            kept = tuple(name for name in claim.scenarios if name in scenarios)
            if kept or not claim.scenarios:
                yield replace(claim, scenarios=kept)

    def declaration(self) -> dict[str, Any]:
        """Return the study as plain data; :func:`restore_study` reverses it."""
        plain = ("name", "title", "scenarios", "scales", "blocks", "requests", "seconds", "least")
        known: dict[str, Any] = {name: getattr(self, name) for name in (*plain, "factors", "ladder", "variants")}
        if self.until:
            known |= {"looks": list(self.looks), "until": self.until, "width": self.width}
        if self.is_own:
            known |= {"file": self.file, "gate": bool(self.gate), "ignore": list(self.ignore)}
            known |= {"requested": {one.name: one.declaration() for one in self.declared}}
        known |= {"service": self.service.name, "costs": self.costs is not None}
        known |= {"arms": [arm.declaration() for arm in self.arms], "claims": [asdict(claim) for claim in self.claims]}
        return known


def add_control(arms: Iterable[Arm]) -> tuple[Arm, ...]:
    """Return *arms* with the first as the reference, and again as the control (A/A)."""
    first, *rest = arms
    reference = first.labelled(first.label, "reference")
    return reference, *rest, first.labelled(first.label + CONTROL_SUFFIX, "control")
