"""The studies of the listing, by name."""

from collections.abc import Iterable
from itertools import combinations
from typing import Any

from perfstudy.listing.claims import CLAIMS, PAGE_CLAIMS
from perfstudy.listing.compiling import arms
from perfstudy.listing.costs import measure_costs
from perfstudy.listing.definition import SERVICE
from perfstudy.listing.optimizations import ALL, FURTHER, ORIGINAL
from perfstudy.listing.page_scenarios import OPENED, PAGE_SCENARIOS
from perfstudy.listing.scenarios import QUESTIONS
from perfstudy.listing.variant import BASELINE, BEST, SOURCE_FINAL, Variant, beyond_source, list_page, parse, variants
from perfstudy.model.arm import Arm
from perfstudy.model.claim import Claim
from perfstudy.model.study import Study

LADDER_STEPS = ("index", "related+values", "connections", "gunicorn", "cache")
"""The steps of the report's ladder, in its order."""


def build_ladder(steps: Iterable[str] = LADDER_STEPS) -> list[Variant]:
    """Return the baseline and a variant for each step, which includes those before."""
    rungs = [BASELINE]
    for step in steps:
        rungs.append(rungs[-1] + step)
    return rungs


def declare(name: str, title: str, arms: tuple[Arm, ...], **more: Any) -> Study:
    """Return a study of *arms*; scenarios, scales and costs have the usual defaults."""
    usual: dict[str, Any] = {"scenarios": QUESTIONS, "scales": ("small",), "costs": measure_costs, "claims": CLAIMS}
    factors = tuple(o.name for o in ALL if any(o.name in arm.factors for arm in arms))
    known = usual | {"factors": factors, "ladder": tuple(variant.name for variant in build_ladder())}
    return Study(name=name, title=title, service=SERVICE, arms=arms, **known | more)


def _list_beyond() -> list[Variant]:
    """Return the variants beyond the report and those that their claims compare.

    The baseline and the report's final state come first, then each further optimization on top of that.
    """
    on_top = [variant for variant in beyond_source() if len(variant.optimizations) >= len(SOURCE_FINAL.optimizations)]
    claimed = [parse(name) for o in FURTHER for claim in o.claims for name in (claim.reference, claim.variant)]
    return list(dict.fromkeys([BASELINE, SOURCE_FINAL, *on_top, *claimed]))


def _list_claimed(ids: Iterable[str], claims: Iterable[Claim] = CLAIMS) -> list[Variant]:
    """Return the variants that the claims *ids* concern, each once, references first."""
    found = [parse(name) for claim in claims if claim.id in ids for name in (claim.reference, claim.variant)]
    return list(dict.fromkeys(found))


ADVISED = ("virtual", "debounce", "memo")
"""What the report advises for the page."""


def _cross_page() -> list[Variant]:
    """Return ``best`` with each set of the advised, then what is claimed besides."""
    crossed = [BEST + "+".join(names) if names else BEST for n in range(4) for names in combinations(ADVISED, n)]
    claimed = _list_claimed({claim.id for claim in PAGE_CLAIMS}, PAGE_CLAIMS)
    return list(dict.fromkeys([*crossed, *claimed, add_page(BEST)]))


def add_page(back_end: Variant) -> Variant:
    """Return *back_end* with every optimization of the page that it can have."""
    return Variant((*back_end.optimizations, *list_page(o.name for o in back_end)))


DEPTHS = (100, 500, 1000, 2000, 2651)
"""The offsets at which pages are asked for, down to the end of the tenant."""
SIZES = (20, 100, 500, 1000)
"""How many programs are asked for at once, up to the longest page; ``all`` asks for the whole tenant."""


STUDIES: dict[str, Study] = {
    study.name: study
    for study in (
        # In addition to its steps, the join alone: a claim of the report is about what dictionaries add to it.
        declare(
            name="ladder",
            title="The report's ladder, step by step",
            arms=arms([*build_ladder(), parse("index+related")]),
        ),
        declare(
            name="factorial",
            title="Every combination of the optimizations",
            arms=arms(variants()),
            scenarios=("page",),
        ),
        declare(
            name="each",
            title="Every optimization alone, and all but each",
            arms=arms(
                [BASELINE, *(BASELINE + o for o in ORIGINAL), *(SOURCE_FINAL - o for o in ORIGINAL), SOURCE_FINAL]
            ),
        ),
        declare(
            name="beyond",
            title="What goes beyond the report, on top of its final state",
            arms=arms(_list_beyond()),
            scenarios=("page", "all"),
        ),
        declare(
            name="headers",
            title="What a client gains that holds an answer, or accepts it compressed",
            arms=arms([BASELINE, SOURCE_FINAL, *_list_claimed({claim.id for claim in CLAIMS if claim.scenarios})]),
            scenarios=tuple(name for claim in CLAIMS for name in claim.scenarios),
        ),
        declare(name="aa", title="The baseline against itself", arms=arms([BASELINE])),
        declare(
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
        declare(
            name="depth",
            title="From the first page to the tenant's last",
            arms=arms([BASELINE, SOURCE_FINAL - "cache", SOURCE_FINAL, BEST]),
            scenarios=("page@0", *(f"{kind}@{offset}" for offset in DEPTHS for kind in ("page", "after"))),
        ),
        declare(
            name="size",
            title="From twenty programs to all of a tenant's",
            arms=arms([BASELINE, SOURCE_FINAL - "cache", SOURCE_FINAL, BEST]),
            scenarios=(*(f"rows@{count}" for count in SIZES), "all"),
        ),
        # In a browser, where the service is quick enough to be forgotten.
        declare(
            name="frontend",
            title="The page, with and without what is advised for it",
            arms=arms(_cross_page()),
            scenarios=tuple(PAGE_SCENARIOS),
            factors=ADVISED,
            ladder=(),
            claims=PAGE_CLAIMS,
            costs=None,
        ),
        declare(
            name="whole",
            title="From navigation to the first rows, by back end, page and size of the tenant",
            arms=arms([v for one in (BASELINE, SOURCE_FINAL, BEST) for v in (one, add_page(one))]),
            scenarios=tuple(f"open@{programs}" for programs in OPENED),
            scales=("medium",),
            ladder=(),
            claims=(),
            costs=None,
        ),
    )
}
