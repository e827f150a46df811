"""What a run has not decided yet, and how many blocks would decide it."""

from collections.abc import Iterator

from perfstudy.analysis.comparison import Comparison
from perfstudy.analysis.sequential import PILOT, plan_blocks
from perfstudy.findings.comparisons import pick_judged
from perfstudy.findings.findings import Findings


def find_open(found: Findings) -> list[str]:
    """Return what is inconclusive: claims of the study or, without any, its variants.

    Each is named with its scenario: ``prefetch on list``. A claim that is ruled out is decided.
    """
    if len(found.verdicts):
        rows = found.verdicts[found.verdicts["verdict"].eq("inconclusive")]
        return [f"{claim} on {scenario}" for claim, scenario in zip(rows["claim"], rows["scenario"], strict=True)]
    return [f"{row['label']} on {row['scenario']}" for row in pick_judged(found.comparisons, "inconclusive")]


def plan_width(found: Findings, half_width: float) -> int:
    """Return how many blocks give every variant an interval of *half_width*.

    It is planned from the first ten blocks alone; see :func:`~perfstudy.analysis.sequential.plan_blocks`.
    """
    planned = [
        plan_blocks(comparison.effect.differences[:PILOT], half_width)
        for comparison in _compare_variants(found)
        if comparison.effect is not None and comparison.effect.blocks >= 2
    ]
    return max(planned, default=PILOT)


def _compare_variants(found: Findings) -> Iterator[Comparison]:
    """Yield every variant against the reference, where a request is about something."""
    for place in found.places:
        reference = found.cells(found.reference, place, "cold")
        for label, one in found.series.items():
            if place.is_noop or one.role in ("reference", "control") or found.invalid(one.name):
                continue
            for temperature in found.temperatures(label, place):
                comparison = found.compare(found.cells(label, place, temperature), reference, place)
                if comparison is not None:
                    yield comparison
