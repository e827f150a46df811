"""A study: which variants meet which scenarios, at which scales, how often."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from perfstudy.errors import UsageError, unknown
from perfstudy.listing.claims import ABOUT, CLAIMS
from perfstudy.listing.optimizations import FURTHER, ORIGINAL
from perfstudy.listing.variants import BASELINE, BEST, SOURCE_FINAL, Variant, beyond_source, parse, variants
from perfstudy.measure.scenario import QUESTIONS, can_answer, scenario
from perfstudy.model.competitor import Competitor
from perfstudy.model.competitor import restore_competitor as restored_rival

CONTROL_SUFFIX = " (again)"
"""What the label of a variant's twin ends in: the same variant, measured as if it were another one."""


MOST_BLOCKS, MOST_REQUESTS = 10_000, 1_000_000
"""Beyond these a study would take months, and its plan alone minutes."""
SEEDS = range(-(2**63), 2**63)
"""The seeds that every store can hold."""


def checked(seed: int) -> int:
    """Return *seed* where it is one of :data:`SEEDS`.

    Raises:
        UsageError: it is none of them.
    """
    if seed not in SEEDS:
        raise UsageError(f"seed {str(seed)[:24]} has more than 64 bits: choose one between 0 and {SEEDS[-1]}")
    return seed


@dataclass(frozen=True, kw_only=True)
class Arm:
    """A variant under the label that it has in its study, or a *rival* under its name."""

    label: str
    variant: str
    rival: Competitor | None = None

    @property
    def caches(self) -> bool:
        """Whether cold and warm are two quantities."""
        return self.rival.caches if self.rival else parse(self.variant).caches

    def answers(self, scenario: str) -> bool:
        """Whether *scenario* can be asked of it."""
        return self.rival.answers(scenario) if self.rival else can_answer(parse(self.variant), scenario)

    def declaration(self) -> dict[str, Any]:
        """Return the arm as plain data; what is not there is not named."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Study:
    """A question, declared as data.

    ``requests`` are timed in each cell, for at most ``seconds``, but never fewer than ``least``.
    ``costs`` says whether the cost side of the study's optimizations is measured after the cells.
    """

    name: str
    title: str
    arms: tuple[Arm, ...]
    scenarios: tuple[str, ...] = QUESTIONS
    scales: tuple[str, ...] = ("small",)
    blocks: int = 10
    requests: int = 40
    seconds: float = 3.0
    least: int = 5
    costs: bool = True
    variants: tuple[str, ...] = ()
    """What the study was narrowed to, as it was asked for; its arms are made of it."""

    def __post_init__(self) -> None:
        labels = [arm.label for arm in self.arms]
        for label in labels:
            if labels.count(label) > 1:
                raise UsageError(f"study {self.name!r} has two arms labelled {label!r}: give each its own label")
        for arm in self.arms:
            if arm.rival is None:
                parse(arm.variant)
            else:
                parse(arm.rival.schema)
        for name in self.scenarios:
            scenario(name)
        if self.blocks < 1 or self.least < 1 or self.requests < self.least:
            raise UsageError(
                f"study {self.name!r}: blocks ({self.blocks}) and least ({self.least}) start at 1, "
                f"and requests ({self.requests}) at least"
            )
        for number, most, what in ((self.blocks, MOST_BLOCKS, "blocks"), (self.requests, MOST_REQUESTS, "requests")):
            if number > most:
                raise UsageError(f"study {self.name!r} has {str(number)[:24]} {what}: at most {most} can be measured")

    def narrow(self, **changes: Any) -> "Study":
        """Return this study with those of *changes* that are not None."""
        return replace(self, **{name: value for name, value in changes.items() if value is not None})

    def declaration(self) -> dict[str, Any]:
        """Return the study as plain data, from which ``restored`` makes it again."""
        return asdict(self) | {"arms": [arm.declaration() for arm in self.arms]}


def restore_study(declaration: dict[str, Any]) -> Study:
    """Return the study of a stored *declaration*."""
    fields: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in declaration.items()}
    return Study(**fields | {"arms": tuple(_arm(arm) for arm in declaration["arms"])})


def _arm(declaration: dict[str, Any]) -> Arm:
    rival = declaration.get("rival")
    return Arm(**declaration | {"rival": restored_rival(rival) if rival else None})


def competitor_arms(rivals: Iterable[Competitor]) -> tuple[Arm, ...]:
    """Return an arm for each of *rivals*."""
    return tuple(Arm(label=rival.name, variant=rival.name, rival=rival) for rival in rivals)


def arms(chosen: Iterable[Variant], again: bool = True) -> tuple[Arm, ...]:
    """Return an arm for each variant, and *again* the first one under a second label: the A/A pair."""
    found = [Arm(label=v.name, variant=v.name) for v in chosen]
    twin = [Arm(label=found[0].label + CONTROL_SUFFIX, variant=found[0].variant)] if again else []
    return (*found, *twin)


LADDER_STEPS = ("index", "related+values", "connections", "gunicorn", "cache")
"""The steps of the report's ladder, in its order."""


def ladder(steps: Iterable[str] = LADDER_STEPS) -> list[Variant]:
    """Return the baseline and then one variant a step, each holding the steps before it."""
    rungs = [BASELINE]
    for step in steps:
        rungs.append(rungs[-1] + step)
    return rungs


def _beyond() -> list[Variant]:
    """Return the report's final state, each further optimization on top of it, and what is claimed of these."""
    on_top = [variant for variant in beyond_source() if len(variant.optimizations) >= len(SOURCE_FINAL.optimizations)]
    claimed = [parse(name) for o in FURTHER for claim in o.claims for name in (claim.reference, claim.variant)]
    return list(dict.fromkeys([BASELINE, SOURCE_FINAL, *on_top, *claimed]))


def _claimed(ids: Iterable[str]) -> list[Variant]:
    """Return the variants that the claims *ids* are about, each once, the references first."""
    found = [parse(name) for claim in CLAIMS if claim.id in ids for name in (claim.reference, claim.variant)]
    return list(dict.fromkeys(found))


DEPTHS = (100, 500, 1000, 2000, 2651)
"""The offsets at which pages are asked for, down to the end of the tenant."""
SIZES = (20, 100, 500, 1000)
"""How many programs are asked for at once, up to the longest page; ``all`` asks for the whole tenant."""


STUDIES = {
    find_study.name: find_study
    for find_study in (
        # Beside its steps, the join alone: a claim of the report is about what dictionaries add to it.
        Study(name="ladder", title="The report's ladder, step by step", arms=arms([*ladder(), parse("index+related")])),
        Study(
            name="factorial",
            title="Every combination of the optimizations",
            arms=arms(variants()),
            scenarios=("page",),
        ),
        Study(
            name="each",
            title="Every optimization alone, and all but each",
            arms=arms(
                [BASELINE, *(BASELINE + o for o in ORIGINAL), *(SOURCE_FINAL - o for o in ORIGINAL), SOURCE_FINAL]
            ),
        ),
        Study(
            name="beyond",
            title="What goes beyond the report, on top of its final state",
            arms=arms(_beyond()),
            scenarios=("page", "all"),
        ),
        Study(
            name="headers",
            title="What a client gains that holds an answer, or accepts it compressed",
            arms=arms([BASELINE, SOURCE_FINAL, *_claimed(ABOUT)]),
            scenarios=tuple(name for about in ABOUT.values() for name in about),
        ),
        Study(name="aa", title="The baseline against itself", arms=arms([BASELINE])),
        Study(
            name="scale",
            title="From five thousand rows to ten million",
            arms=arms(
                [
                    BASELINE,
                    BASELINE + "index",
                    SOURCE_FINAL - "cache",
                    SOURCE_FINAL - "cache" - "index",
                    SOURCE_FINAL,
                    BEST,
                ]
            ),
            scenarios=("page", "business"),
            scales=("tiny", "small", "medium", "large"),
        ),
        Study(
            name="depth",
            title="From the first page to the tenant's last",
            arms=arms([BASELINE, SOURCE_FINAL - "cache", SOURCE_FINAL, BEST]),
            scenarios=("page@0", *(f"{kind}@{offset}" for offset in DEPTHS for kind in ("page", "after"))),
        ),
        Study(
            name="size",
            title="From twenty programs to all of a tenant's",
            arms=arms([BASELINE, SOURCE_FINAL - "cache", SOURCE_FINAL, BEST]),
            scenarios=(*(f"rows@{count}" for count in SIZES), "all"),
        ),
    )
}


def find_study(name: str) -> Study:
    """Return the study called *name*, or the one that the Python file *name* declares as ``STUDY``.

    Raises:
        UsageError: no study has that name (the nearest are named), or the file declares none.
    """
    if name.endswith(".py"):
        return _load_file(Path(name))
    if name not in STUDIES:
        raise unknown("study", name, STUDIES)
    return STUDIES[name]


def _load_file(path: Path) -> Study:
    try:
        found = path.is_file()
    except OSError as error:  # as for a name that is too long
        raise UsageError(f"study file {str(path)!r} cannot be read: {error.strerror}; name another") from None
    if not found:
        raise UsageError(f"study file {str(path)!r} does not exist: name one that does, or one of {', '.join(STUDIES)}")
    spec = spec_from_file_location("declared_study", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except UsageError:
        raise
    except Exception as error:
        raise UsageError(f"study file {str(path)!r} does not run: {type(error).__name__}: {error}") from error
    declared = getattr(module, "STUDY", None)
    if not isinstance(declared, Study):
        raise UsageError(f"study file {str(path)!r} declares no study: assign a perfstudy.Study to STUDY in it")
    return declared
