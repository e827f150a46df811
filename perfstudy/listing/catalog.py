"""What this study registers in the entry point group ``perfstudy.studies``."""

from typing import Any

from perfstudy.listing.claims import CLAIMS, PAGE_CLAIMS
from perfstudy.listing.costs import measure_costs
from perfstudy.listing.definition import SERVICE
from perfstudy.listing.lab import open_lab
from perfstudy.listing.naming import arm_names, describe, describe_factors, is_variant, shorten
from perfstudy.listing.optimizations import ALL
from perfstudy.listing.requests import LISTING
from perfstudy.listing.scenarios import QUESTIONS, SCENARIOS
from perfstudy.listing.source_report import STATED
from perfstudy.listing.studies import STUDIES, build_ladder
from perfstudy.model.catalog import Catalog, LowerBound, Naming


def judge_targets(run: Any) -> Any:
    """Judge *run* by the targets of this study.

    They bring pandas, which few commands need.
    """
    from perfstudy.listing.targets import judge

    return judge(run)


CATALOG = Catalog(
    service=SERVICE,
    studies=STUDIES,
    claims=(*CLAIMS, *PAGE_CLAIMS),
    scenarios=QUESTIONS,
    factors=tuple(optimization.name for optimization in ALL),
    ladder=tuple(variant.name for variant in build_ladder()),
    stated=STATED,
    lower_bounds=(
        LowerBound("wsgi-constant", "bare WSGI"),
        LowerBound("wsgi-redis", "and one GET", "warm"),
        LowerBound("wsgi-postgres", "and one query", "cold"),
    ),
    costs=measure_costs,
    open_lab=open_lab,
    every_scenario=tuple(SCENARIOS),
    arm_names=arm_names,
    describe_factors=describe_factors,
    judge_targets=judge_targets,
    path=LISTING,
    tenant="agency-2671",
    headline=("page", "all"),
    published="ladder-medium",
    introduction="A report says that six changes made a Django listing five to a hundred times faster. "
    "Each notebook asks one question about that, and answers it on real servers.",
    naming=Naming(knows=is_variant, describe=describe, shorten=shorten),
)
