"""Summarise a run in Markdown: a sentence, a table, and what is open."""

from collections.abc import Mapping
from typing import Any

from perfstudy import findings, formatting
from perfstudy.analysis.verdict import UNTESTED
from perfstudy.findings import Findings, Source
from perfstudy.findings.comparisons import pick_judged
from perfstudy.report import markdown
from perfstudy.report.causes import Causes, find_causes
from perfstudy.report.headline import say_headline
from perfstudy.report.markdown import code, escape
from perfstudy.report.open_questions import list_open
from perfstudy.report.summary_details import list_details
from perfstudy.results.remarks import remarks

COLUMNS = ("scenario", "arm", "before", "after", "factor", "verdict", "cause")


def summarise(run: Source) -> str:
    """Return what *run* found as Markdown, to be read in half a minute.

    Times are medians of the response; a factor is the reference's time over the arm's.
    """
    found = findings.find(run)
    stored: Any = found.run
    rows = pick_judged(found.comparisons)
    causes = find_causes(stored.evidence, stored.plans, found.reference)
    parts = [
        say_headline(rows, found.run.excluded, code),
        *_warn(stored),
        _tabulate(found, rows, causes),
        _list("Open", list_open(rows, code)),
        markdown.fold("Details", list_details(found)),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _warn(run: Any) -> list[str]:
    """Return what makes the results less trustworthy, as a list."""
    said = [f"- {escape(line)}" for line in remarks(run)]
    if not run.finished:
        said.insert(0, f"- The run is unfinished: {code(f'perfstudy run --resume {run.name}')} fills its gaps.")
    return ["\n".join(said)] if said else []


def _list(title: str, lines: list[str]) -> str:
    return "\n".join([f"**{title}**", "", *(f"- {line}" for line in lines)]) if lines else ""


def _tabulate(found: Findings, rows: list[dict[str, Any]], causes: Causes) -> str:
    if not rows:
        return ""
    lines = [_line(found, row, causes, len({row["scale"] for row in rows}) > 1) for row in rows]
    return markdown.table(COLUMNS, lines, "ttnnntt")


def _line(found: Findings, row: dict[str, Any], causes: Causes, several: bool) -> list[str]:
    before = _median_before(found, row)
    kind = f", {row['temperature']}" if row["caches"] else ""
    where = f", {escape(row['scale'])}" if several else ""
    place = (row["variant"], row["scale"], row["scenario"], row["temperature"])
    return [
        f"{code(row['scenario'])}{where}",
        f"{code(row['label'])}{kind}",
        formatting.time_cell(before),
        formatting.time_cell(row["median"]),
        "" if row["comparison"] == "invalid" else formatting.speedup_cell(row),
        _say_verdict(found, row),
        "<br>".join(map(escape, causes.get(place, []))),
    ]


def _median_before(found: Findings, row: Mapping[str, Any]) -> float | None:
    """Return the reference's median seconds where *row* was measured."""
    for one in found.comparisons.to_dict("records"):
        if all(one[key] == row[key] for key in ("scale", "scenario")) and (one["label"], one["temperature"]) == (
            row["reference"],
            "cold",
        ):
            return float(one["median"])
    return None


def _say_verdict(found: Findings, row: dict[str, Any]) -> str:
    firm = row["comparison"] in ("faster", "slower", "equivalent")
    said = [f"{row['comparison']}{' (indicative)' if row['indicative'] and firm else ''}"]
    where = [escape(row["agreement"])] if row["agreement"] else []
    return "<br>".join([*said, *where, *_say_claims(found, row)])


def _say_claims(found: Findings, row: dict[str, Any]) -> list[str]:
    """Return the verdicts on the claims about *row*."""
    keys = ("scale", "scenario", "temperature")
    return [
        f"claim {code(one['claim'])}: {one['verdict']}{' (indicative)' if one['indicative'] else ''}"
        for one in found.verdicts.to_dict("records")
        if one["verdict"] != UNTESTED
        and (one["variant"], one["reference"]) == (row["label"], row["reference"])
        and all(one[key] == row[key] for key in keys)
    ]
