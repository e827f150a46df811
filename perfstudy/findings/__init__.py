"""Findings: the stored samples of a run, turned into comparisons, verdicts and attributions.

Frames in, frames out; the formulas are those of ``perfstudy.analysis``. Times are in seconds.
"""

from perfstudy.findings.attribution import attribution, interactions, tables
from perfstudy.findings.comparisons import compare_runs, comparisons, ladder, phases
from perfstudy.findings.published import add_published
from perfstudy.findings.series import Condition, Findings, Run, Series
from perfstudy.findings.verdicts import verdicts

__all__ = [
    "Condition",
    "Findings",
    "Run",
    "Series",
    "add_published",
    "attribution",
    "compare_runs",
    "comparisons",
    "interactions",
    "ladder",
    "phases",
    "tables",
    "verdicts",
]
