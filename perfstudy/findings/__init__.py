"""Findings: the stored samples of a run, turned into comparisons, verdicts and attributions."""

from perfstudy.findings.core import (
    Condition,
    Findings,
    Run,
    add_published,
    attribution,
    compare_runs,
    comparisons,
    interactions,
    ladder,
    phases,
    tables,
    verdicts,
)

__all__ = [
    "Condition",
    "Findings",
    "Run",
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
