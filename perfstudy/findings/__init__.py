"""Turn the stored samples of a run into comparisons and verdicts.

Frames in, frames out; the formulas are those of ``perfstudy.analysis``. Times are in seconds.
"""

from perfstudy.findings.comparisons import phases
from perfstudy.findings.findings import (
    Findings,
    Source,
    attribution,
    compare_runs,
    comparisons,
    find,
    find_published,
    interactions,
    ladder,
    verdicts,
)
from perfstudy.findings.published import add_published
from perfstudy.findings.series import Condition, Run, Series

__all__ = [
    "Condition",
    "Findings",
    "Run",
    "Series",
    "Source",
    "add_published",
    "attribution",
    "compare_runs",
    "comparisons",
    "find",
    "find_published",
    "interactions",
    "ladder",
    "phases",
    "verdicts",
]
