"""``perfstudy verdicts`` and ``compare``: claims, and two runs."""

from typing import TYPE_CHECKING, Annotated

import typer

from perfstudy import formatting
from perfstudy.commands import choices, failing, output, stopping
from perfstudy.commands.columns import claim_cell
from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.model.labels import name_arm, name_reference, sort_places
from perfstudy.model.quantity import format_quantity

if TYPE_CHECKING:
    import pandas as pd

    from perfstudy.findings import Findings
    from perfstudy.results import Run, Store
    from perfstudy.results.published import Published


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command(epilog="Example: `perfstudy verdicts latest`")(verdicts)
    app.command(epilog="Example: `perfstudy compare ladder-small-2026 ladder-medium-2026`")(compare)


def load_findings(store: "Store", run: str) -> "Findings":
    """Return the findings of a run that has something to show, or of a published set.

    Raises:
        PerfstudyError: it was stopped before its first cell.
        UsageError: no run and no published set has that name.
    """
    from perfstudy.results.opening import find_run

    return make_findings(find_run(store, run))


def make_findings(found: "Run | Published") -> "Findings":
    """Return the findings of a run that is loaded.

    Raises:
        PerfstudyError: it was stopped before its first cell.
    """
    from perfstudy.findings import Findings

    if not (found.finished or len(found.cells)):
        raise PerfstudyError(
            f"run {found.id} has no measured cell yet: `perfstudy run --resume {found.id}` goes on with it"
        )
    return Findings(found)


def verdicts(
    run: choices.RunId = "latest",
    format: choices.Format = "table",
    fail_on: failing.FailOn = None,
    strict: failing.Strict = False,
    every: Annotated[bool, typer.Option("--all", help="Show a row for each claim and scenario, with times.")] = False,
    store: choices.StoreUrl = None,
) -> None:
    """Show the verdict on every claim that a run can judge, on one screen."""
    from perfstudy.results import Store

    output.check_format(format, choices.FORMATS)
    ending = failing.read_ending(fail_on, strict)
    with Store.open(store) as opened:
        found = load_findings(opened, run)
        print_verdicts(found, format, every=every)
        ending.check(found)


def get_run(found: "Findings") -> "Run | Published":
    """Return the run, or the published set, that :func:`load_findings` found."""
    from perfstudy.results import Run
    from perfstudy.results.published import Published

    assert isinstance(found.run, Run | Published)
    return found.run


def print_verdicts(found: "Findings", format: str = "table", *, every: bool = False) -> None:
    """Print the verdicts of a run: on one screen or, if *every*, all rows."""
    from perfstudy.analysis.verdict import UNTESTED
    from perfstudy.commands.closing import print_closing

    if format == "table" and not every:
        print_closing(found)
    elif format == "table" and found.verdicts["verdict"].isin([UNTESTED]).all():
        _print_comparisons(found)
    else:
        _print_rows(found, format)
    if format == "table":
        _print_footnotes(found)


def _print_rows(found: "Findings", format: str) -> None:
    from perfstudy.analysis.verdict import UNTESTED
    from perfstudy.findings import add_published
    from perfstudy.notebook import published_comparison
    from perfstudy.results.published import published_verdicts

    run = get_run(found)
    frame = add_published(found.verdicts, published_verdicts(but=run.id), run.study)
    tested = _sort(frame[frame["verdict"] != UNTESTED]) if format == "table" else frame
    columns: dict[str, output.Cell] = {
        "claim": lambda r: r["claim"],
        "scale": lambda r: r["scale"],
        "scenario": lambda r: r["scenario"],
        "median": lambda r: format_quantity(r["quantity"], r["median"]),
        "reference": lambda r: format_quantity(r["quantity"], r["reference_median"]),
        "speed-up": formatting.speedup_cell,
        "claimed": claim_cell if format == "table" else output.cell_of("claimed"),
        "floor": lambda r: formatting.cell(r["floor"]),
        "verdict": lambda r: r["verdict"] + (" (indicative)" if r["indicative"] and format != "table" else ""),
        "published": published_comparison.describe_published,
    }
    optional = ("published", "floor", "reference", "median", "scale")
    output.show_table(tested, format, columns, title=f"Verdicts of run {run.id}", optional=optional)
    if format == "table":
        _print_untested(frame)


def _sort(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return the verdicts by claim, then by scale and scenario in the study's order."""
    claims, scales, scenarios = (
        list(frame["claim"].unique()),
        sort_places(frame["scale"]),
        sort_places(frame["scenario"]),
    )
    rows = zip(
        frame["claim"].map(claims.index),
        frame["scale"].map(scales.index),
        frame["scenario"].map(scenarios.index),
        strict=True,
    )
    return frame.iloc[[place for _, place in sorted((row, place) for place, row in enumerate(rows))]]


def _print_comparisons(found: "Findings") -> None:
    """Print each comparison of a run whose study claims nothing."""
    import pandas as pd

    from perfstudy.findings.comparisons import COLUMNS, pick_judged

    columns: dict[str, output.Cell] = {
        "scale": lambda r: r["scale"],
        "scenario": lambda r: r["scenario"],
        "arm": lambda r: name_arm(r["label"]),
        "cache": lambda r: r["temperature"],
        "speed-up": formatting.speedup_cell,
        "is": lambda r: r["comparison"],
    }
    frame = pd.DataFrame(pick_judged(found.comparisons), columns=COLUMNS)
    output.show_table(frame, "table", columns, title=f"Comparisons of run {get_run(found).id}", optional=("scale",))


def _print_untested(frame: "pd.DataFrame") -> None:
    from perfstudy.analysis.verdict import UNTESTED

    untested = sorted(set(frame.loc[frame["verdict"] == UNTESTED, "claim"]))
    if untested:
        output.say(f"not testable by this run, which lacks their variants: {', '.join(untested)}")
    if frame["indicative"].any():
        output.say("indicative: from fewer than 10 blocks; `--blocks 10` makes verdicts of them.")


def _print_footnotes(found: "Findings") -> None:
    run = get_run(found)
    _print_agreement(found)
    if end := stopping.describe_end(found):
        output.say(end)
    for variant, reason in run.excluded.items():
        output.say(f"excluded: {variant}: {reason}")
    for warning in _warnings(run):
        output.say(f"warning: {warning}")


def _print_agreement(found: "Findings") -> None:
    """Print on which machines each comparison holds, where several measured."""
    from perfstudy.findings.comparisons import pick_judged

    for row in pick_judged(found.comparisons) if found.machines else ():
        kind = f", {row['temperature']}" if row["caches"] else ""
        output.say(f"{row['label']}{kind} on {row['scenario']}: {row['comparison']}; {row['agreement']}")


def print_warnings(run: "Run | Published") -> None:
    """Print what makes the times of a run less trustworthy than its numbers look."""
    from perfstudy.results.remarks import remarks_on_trust

    for warning in remarks_on_trust(run):
        output.say(f"warning: {warning}")


def _warnings(run: "Run | Published") -> list[str]:
    from perfstudy.evidence.conditions import list_run_warnings
    from perfstudy.results.remarks import list_incidents

    return [*list_incidents(run), *list_run_warnings(run.environment, run.telemetry["before"], run.notes)]


def compare(one: choices.RunId, other: choices.RunId, store: choices.StoreUrl = None) -> None:
    """Compare two runs: what differs in identity, and how their speed-ups differ."""
    from perfstudy import findings
    from perfstudy.results import Store
    from perfstudy.results.differences import find_differences
    from perfstudy.results.opening import find_run

    with Store.open(store) as opened:
        runs = [find_run(opened, name) for name in (one, other)]  # a name that is none, before what a run lacks
        both = list(map(make_findings, runs))
        first, second = map(get_run, both)
        differing = find_differences(first.environment, second.environment)
        frame = findings.compare_runs(*both, poolable=not differing)
    if frame.empty:
        raise UsageError(f"{first.id} and {second.id} have no scale, scenario and variant in common")
    columns = {
        "scale": lambda r: r["scale"],
        "scenario": lambda r: r["scenario"],
        "variant": lambda r: name_arm(r["label"]),
        "cache": lambda r: r["temperature"],
        "first": lambda r: formatting.factor_with_interval(r["speedup_one"], r["low_one"], r["high_one"]),
        "second": lambda r: formatting.factor_with_interval(r["speedup_other"], r["low_other"], r["high_other"]),
        "pooled": lambda r: formatting.cell(r["pooled"]),
        "agree": lambda r: "yes" if r["agree"] else "no",
    }
    references = dict.fromkeys(found.reference for found in both)
    columns = output.leave_out_uniform(frame, columns, ("scale", "pooled"))
    output.say(f"first: {first.id}\nsecond: {second.id}")
    output.show_table(frame, "table", columns, title=f"Speed-ups on {' and '.join(map(name_reference, references))}")
    for run in {run.id: run for run in (first, second)}.values():
        print_warnings(run)
    output.say(
        "\n".join(["identities differ, so nothing is pooled:", *differing] if differing else ["identities are equal."])
    )
