"""Tables about a published study: its claims, verdicts and reliability."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from perfstudy import findings
from perfstudy.analysis.trial import simulate_coverage
from perfstudy.charts.frames import sort_labels
from perfstudy.formatting import duration, factor, factor_with_interval, times
from perfstudy.listing.claims import REPORT_CLAIMS
from perfstudy.listing.source_report import STATED
from perfstudy.model.labels import is_control
from perfstudy.model.table import Table
from perfstudy.notebook.display import TextView
from perfstudy.notebook.tables import verdicts_by_claim
from perfstudy.results.published import load_published
from perfstudy.results.resultset import repeat_command

Row = dict[str, object]


def claims() -> Table:
    """Return the report's claims in its own words, with their ranges of speed-ups."""
    return Table(
        [{"claim": c.id, "the report says": c.quote, "claimed": c.range} for c in REPORT_CLAIMS],
        "The claims of the report",
    )


def verdicts(name: str) -> Table:
    """Return the verdicts of the published set *name* on the report's claims.

    Each is given for a page and for all programs.

    Raises:
        UsageError: there is no such set; the nearest are named.
    """
    return Table(verdicts_by_claim(name, REPORT_CLAIMS), f"Speed-ups with 95% intervals, and verdicts, from {name}")


def ladder(name: str) -> Table:
    """Return the report's steps with the response times of the published set *name*.

    Each time is followed by its speed-up over the baseline; the report's speed-ups are its own.

    Raises:
        UsageError: there is no such set; the nearest are named.
    """
    frame = findings.find_published(name).comparisons
    medians = {(r["label"], r["temperature"], r["scenario"]): r["median"] for r in frame.to_dict("records")}
    start = STATED[0].high
    rows: list[Row] = []
    for step in map(asdict, STATED):
        row: Row = {"variant": step["label"], "temperature": step["temperature"], "the report": _describe(step, start)}
        for scenario in ("page", "all"):
            median = medians[step["label"], step["temperature"], scenario]
            first = medians["baseline", "cold", scenario]
            row[scenario] = f"{duration(median)}, {factor(first / median)} times"
        rows.append(row)
    return Table(rows, f"The report's table beside {name}: response times, and how many times as fast as the baseline")


def _describe(step: Mapping[Any, Any], start: float) -> str:
    if step["low"] == step["high"]:
        return f"{step['low']:g} s"
    return f"{step['low']:g} to {step['high']:g} s, {times(start / step['high'], start / step['low'])}"


def noise_floors(*names: str) -> Table:
    """Return each scenario's noise floor in the published sets *names*.

    A ratio below it is noise.

    Raises:
        UsageError: there is no such set; the nearest are named.
    """
    return Table([row for name in names for row in _noise_floors(name)], "What the baseline shows against itself")


def _noise_floors(name: str) -> Iterator[Row]:
    frame = findings.find_published(name).comparisons
    repeat = frame[frame["label"].map(is_control)]
    for scenario in sort_labels(repeat["scenario"]):
        row = repeat[repeat["scenario"] == scenario].iloc[0]
        yield {
            "set": name,
            "scenario": scenario,
            "baseline against itself": factor_with_interval(row["speedup"], row["low"], row["high"]),
            "noise floor": factor(row["floor"]),
        }


def environment(name: str) -> Table:
    """Return the machine, servers and packages of the published set *name*.

    Raises:
        UsageError: there is no such set; the nearest are named.
    """
    identity = load_published(name).environment
    servers = identity["servers"]
    facts = {
        "processors": f"{identity['cpus']} of {identity['cpu']}",
        "memory": f"{identity['memory_gib']} GiB",
        "system": f"{identity['system']} {identity['kernel']}, {identity['container'] or 'no container'}",
        "Python": identity["python"],
        "PostgreSQL": servers["postgresql"],
        "Redis protocol": servers["redis"],
        **{f"package {package}": version for package, version in identity["packages"].items()},
    }
    return Table([{"what": what, "value": value} for what, value in facts.items()], f"Where {name} was measured")


def repeat(*names: str) -> TextView:
    """Return the commands that measure the published sets *names* again, one a line.

    Raises:
        UsageError: there is no such set; the nearest are named.
    """
    return TextView("\n".join(repeat_command(load_published(name)) for name in names))


def coverage(studies: int = 1_000) -> Table:
    """Return how the method performs in simulated *studies* of a known effect."""
    found = simulate_coverage(studies)
    rows: list[Row] = [
        {"a study of": "twice as fast", "studies": studies, "its interval": "holds the truth", "in": found.covered},
        {"a study of": "no difference", "studies": studies, "its interval": "excludes 1", "in": found.alarms},
    ]
    return Table(rows, "Simulated studies: a 95% interval should hold the truth in 95%, and exclude 1 by mistake in 5%")
