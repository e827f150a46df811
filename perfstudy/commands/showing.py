"""Commands that show what is declared and what was found."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from perfstudy import formatting
from perfstudy.commands import choices, output
from perfstudy.errors import PerfstudyError, UsageError, unknown
from perfstudy.model.labels import factors_of

if TYPE_CHECKING:
    import pandas as pd

    from perfstudy.results import Run, Store

TOPICS = ("optimizations", "claims", "studies", "scenarios", "scales", "variants", "runs", "published")
FORMATS = ("table", "json", "csv")
EXPORTS = ("table", "json", "csv", "parquet")

Format = Annotated[
    str, typer.Option(help=f"One of {', '.join(FORMATS)}.", autocompletion=choices.complete(lambda: FORMATS))
]


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command("list", epilog="Example: `perfstudy list claims --format json`")(list_)
    app.command(epilog="Example: `perfstudy results latest --format parquet --output run.parquet`")(results)
    app.command(epilog="Example: `perfstudy verdicts latest`")(verdicts)
    app.command(epilog="Example: `perfstudy report latest --output report.html`")(report)
    app.command(epilog="Example: `perfstudy compare ladder-small-2026 ladder-medium-2026`")(compare)
    app.command("import", epilog="Example: `perfstudy import run.parquet`")(import_)
    app.command(epilog="Example: `perfstudy publish latest`")(publish)
    app.command()(doctor)


def list_(
    topic: Annotated[
        str,
        typer.Argument(help=f"One of {', '.join(TOPICS)}.", autocompletion=choices.complete(lambda: TOPICS)),
    ] = "optimizations",
    format: Format = "table",
    store: choices.StoreUrl = None,
) -> None:
    """List what there is: optimizations, claims, studies, scenarios, scales, variants, runs, published results."""
    output.check_format(format, FORMATS)
    if topic not in TOPICS:
        raise unknown("topic", topic, TOPICS)
    output.show_table(_list_topic(topic, store), format)


def _list_topic(topic: str, store: str | None) -> "pd.DataFrame":
    import pandas as pd

    if topic == "runs":
        from perfstudy.results import Store

        with Store.open(store) as opened:
            return opened.runs()
    rows: dict[str, Any] = {
        "optimizations": _optimizations,
        "claims": _claims,
        "studies": _studies,
        "scenarios": _scenarios,
        "scales": _scales,
        "variants": _variants,
        "published": _published,
    }
    return pd.DataFrame(rows[topic]())


def _optimizations() -> list[dict[str, Any]]:
    from perfstudy.model.catalog import catalogs

    return [row for catalog in catalogs().values() for row in catalog.describe_factors()]


def _claims() -> list[dict[str, Any]]:
    from perfstudy.model.catalog import known_claims

    return [
        {
            "claim": c.id,
            "claimed": c.range,
            "variant": f"{c.variant} ({c.temperature})",
            "reference": f"{c.reference} ({c.reference_temperature})",
            "quote": c.quote,
            "source": c.source,
        }
        for c in known_claims()
    ]


def _studies() -> list[dict[str, Any]]:
    from perfstudy.model.catalog import studies

    return [
        {
            "name": s.name,
            "title": s.title,
            "variants": len(s.arms),
            "scenarios": ", ".join(s.scenarios),
            "scales": ", ".join(s.scales),
            "blocks": s.blocks,
        }
        for s in studies().values()
    ]


def _scenarios() -> list[dict[str, Any]]:
    from perfstudy.model.catalog import catalogs

    found = [one.service.scenario(name) for one in catalogs().values() for name in one.every_scenario]
    return [{"name": s.name, "summary": s.summary, "warm-up requests": s.warmups} for s in found]


def _scales() -> list[dict[str, Any]]:
    from perfstudy.model.catalog import catalogs

    every = [scale for one in catalogs().values() for scale in one.service.data.rows.items()]
    return [{"name": name, "rows": rows} for name, rows in every]


def _variants() -> list[dict[str, Any]]:
    from perfstudy.model.catalog import catalogs

    names = [name for catalog in catalogs().values() for name in catalog.arm_names()]
    return [{"name": name, "optimizations": len(factors_of(name))} for name in names]


def _published() -> list[dict[str, Any]]:
    from perfstudy.results.publish import list_published, load_published

    found = [load_published(name) for name in list_published()]
    return [
        {"name": s.name, "study": s.study, "scale": s.scale, "blocks": s.blocks, "cells": len(s.cells), "run": s.id}
        for s in found
    ]


def results(
    run: choices.RunId = "latest",
    format: Annotated[
        str, typer.Option(help=f"One of {', '.join(EXPORTS)}.", autocompletion=choices.complete(lambda: EXPORTS))
    ] = "table",
    destination: Annotated[
        Path | None,
        typer.Option("--output", "-o", dir_okay=False, help="Write the whole run to this file, to import elsewhere."),
    ] = None,
    store: choices.StoreUrl = None,
) -> None:
    """Show a run's response times as a table, or export all of it.

    With `--output`, or as parquet, the whole run is written; otherwise the table is printed in the format asked for.
    """
    from perfstudy.results import Store, export

    output.check_format(format, EXPORTS)
    if format == "table" and destination is not None:
        raise UsageError(f"a table cannot be written to {str(destination)!r}: choose --format json, csv or parquet")
    with Store.open(store) as opened:
        found = opened.run(run)
        if format == "parquet" or destination is not None:
            output.say(export.export(opened, found.id, format, destination), error=True)
            return
        _print_results(found, format)


def _print_results(run: "Run", format: str) -> None:
    from perfstudy import findings
    from perfstudy.findings import stalls
    from perfstudy.model.temperatures import both_temperatures

    found = findings.comparisons(measured(run))
    caching = both_temperatures(zip(found["label"], found["temperature"], strict=True)) if len(found) else set()
    columns: dict[str, output.Cell] = {
        "scale": lambda r: r["scale"],
        "scenario": lambda r: r["scenario"],
        "variant": lambda r: r["label"],
        "cache": lambda r: r["temperature"] if r["label"] in caching else "",
        "median": lambda r: formatting.time_cell(r["median"]),
        "p95": lambda r: formatting.time_cell(r["p95"]),
        "speed-up on baseline": formatting.speedup_cell,
        "is": lambda r: r["comparison"] + (" (indicative)" if r["indicative"] and r["comparison"] else ""),
        "samples": lambda r: _samples(r, run.declaration.get("requests")),
    }
    if "stalled" in found and (found["stalled"] > 0).any():
        columns["over 35 ms"] = lambda r: stalls.share(r["stalled"])
    output.show_table(found, format, columns, title=f"Run {run.id}")


def _samples(row: "pd.Series[Any]", requests: int | None) -> str:
    """Return how many requests were timed, and of how many where the time limit of their cells cut them short."""
    from perfstudy.results.remarks import of_planned

    return of_planned(row["n"], (requests or 0) * row["blocks"])


def measured(run: "Run") -> "Run":
    """Return *run* where there is something to show of it; a finished one may have excluded all of it.

    Raises:
        PerfstudyError: it was stopped before its first cell.
    """
    if not (run.finished or len(run.cells)):
        raise PerfstudyError(
            f"run {run.id} has no measured cell yet: `perfstudy run --resume {run.id}` goes on with it"
        )
    return run


def verdicts(run: choices.RunId = "latest", format: Format = "table", store: choices.StoreUrl = None) -> None:
    """Show the verdict on every claim that a run can judge."""
    from perfstudy.results import Store

    output.check_format(format, FORMATS)
    with Store.open(store) as opened:
        print_verdicts(opened, run, format)


def print_verdicts(store: "Store", run: str, format: str = "table") -> None:
    """Judge the claims by *run*, keep the verdicts in *store* and print them."""
    from perfstudy import findings
    from perfstudy.notebook import published_comparison
    from perfstudy.results import publish as publishing

    found = measured(store.run(run))
    frame = findings.verdicts(found)
    if found.finished:
        store.set_verdicts(found.id, frame.to_dict(orient="records"))
    frame = findings.add_published(frame, publishing.published_verdicts(but=found.id), found.study)
    tested = frame[frame["verdict"] != "not testable here"] if format == "table" else frame
    columns = {
        "claim": lambda r: r["claim"],
        "scale": lambda r: r["scale"],
        "scenario": lambda r: r["scenario"],
        "median": lambda r: formatting.time_cell(r["median"]),
        "reference": lambda r: formatting.time_cell(r["reference_median"]),
        "speed-up": formatting.speedup_cell,
        "claimed": lambda r: r["claimed"],
        "floor": lambda r: output.format_cell(r["floor"]),
        "verdict": lambda r: r["verdict"] + (" (indicative)" if r["indicative"] else ""),
        "published": published_comparison.describe_published,
    }
    output.show_table(tested, format, columns, title=f"Verdicts of run {found.id}")
    if format == "table":
        _print_footnotes(frame, found)


def _print_footnotes(frame: "pd.DataFrame", run: "Run") -> None:
    untested = sorted(set(frame.loc[frame["verdict"] == "not testable here", "claim"]))
    if untested:
        output.say(f"not testable by this run, which lacks their variants: {', '.join(untested)}")
    if frame["indicative"].any():
        output.say("indicative: from fewer than 10 blocks; `--blocks 10` makes verdicts of them.")
    for variant, reason in run.excluded.items():
        output.say(f"excluded: {variant}: {reason}")
    for warning in _warnings(run):
        output.say(f"warning: {warning}")


def _warnings(run: "Run") -> list[str]:
    from perfstudy.evidence import environment
    from perfstudy.results.remarks import remarks

    return [*remarks(run), *map(str, environment.warnings(run.environment, run.telemetry["before"]))]


def report(
    run: choices.RunId = "latest",
    destination: Annotated[
        Path | None, typer.Option("--output", "-o", dir_okay=False, help="The file to write.")
    ] = None,
    site: Annotated[
        Path | None,
        typer.Option(
            file_okay=False, help="A folder to write it to as static files: named by digest, and compressed too."
        ),
    ] = None,
    store: choices.StoreUrl = None,
) -> None:
    """Write the report of a run as one HTML file, and print its path."""
    from perfstudy.report.static_files import write
    from perfstudy.results import Store

    with Store.open(store) as opened:
        path = write_report(opened, run, destination)
    output.say(write(path.read_bytes(), site) if site else path)


def write_report(store: "Store", run: str, destination: Path | None = None) -> Path:
    """Write the report of *run* and return its path."""
    from perfstudy import paths
    from perfstudy.model import files
    from perfstudy.report import render

    found = measured(store.run(run))
    path = destination or paths.home() / "reports" / f"{found.id}.html"
    files.make_folder(path.parent)
    return render(found, path)


def compare(one: choices.RunId, other: choices.RunId, store: choices.StoreUrl = None) -> None:
    """Compare two runs: what differs in identity, and how their speed-ups differ."""
    from perfstudy import findings
    from perfstudy.evidence import environment
    from perfstudy.results import Store

    with Store.open(store) as opened:
        # Both are looked up before either is looked at, so that a name that is wrong is what is said.
        first, second = map(measured, (opened.run(one), opened.run(other)))
        differing = environment.find_differences(first.environment, second.environment)
        frame = findings.compare_runs(first, second, poolable=not differing)
    if frame.empty:
        raise UsageError(f"{first.id} and {second.id} have no scale, scenario and variant in common")
    columns = {
        "scale": lambda r: r["scale"],
        "scenario": lambda r: r["scenario"],
        "variant": lambda r: r["label"],
        "cache": lambda r: r["temperature"],
        first.id: lambda r: f"{r['speedup_one']:.3g} [{r['low_one']:.3g}, {r['high_one']:.3g}]",
        second.id: lambda r: f"{r['speedup_other']:.3g} [{r['low_other']:.3g}, {r['high_other']:.3g}]",
        "pooled": lambda r: output.format_cell(r["pooled"]),
        "agree": lambda r: "yes" if r["agree"] else "no",
    }
    output.show_table(frame, "table", columns, title="Speed-ups on the baseline")
    output.say(
        "\n".join(["identities differ, so nothing is pooled:", *differing] if differing else ["identities are equal."])
    )


def import_(file: Annotated[Path, typer.Argument(help="An export of a run.")], store: choices.StoreUrl = None) -> None:
    """Read a run that another machine exported, as parquet or JSON."""
    from perfstudy.results import Store, export

    if not os.path.isfile(file):  # noqa: PTH113 - which also takes a name that is too long for a file
        raise UsageError(f"file {str(file)!r} does not exist: name one that `perfstudy results --output` wrote")
    with Store.open(store) as opened:
        run = export.import_file(opened, file)
        output.say(f"{opened.run(run).summary}\n`perfstudy verdicts {run}` and `perfstudy report {run}` show it.")


def publish(
    run: choices.RunId,
    destination: Annotated[
        Path | None, typer.Option("--output", "-o", file_okay=False, help="The folder of published results.")
    ] = None,
    store: choices.StoreUrl = None,
) -> None:
    """Write a reviewed run as small text files, for readers who have none of their own."""
    from perfstudy import paths
    from perfstudy.results import Store
    from perfstudy.results import publish as publishing

    with Store.open(store) as opened:
        print_verdicts(opened, run)
        output.say(publishing.publish(opened, opened.run(run).id, destination or paths.published()))


def doctor() -> None:
    """Say what makes this machine untrustworthy for timing today, and what to do about it."""
    from perfstudy.evidence import environment

    identity, passing = environment.identity(), environment.telemetry()
    for name in ("cpu", "cpus", "memory_gib", "kernel", "container", "governor", "python"):
        output.say(f"{name:>12}  {'unknown' if identity[name] is None else identity[name]}")
    for name, value in passing.items():
        output.say(f"{name:>12}  {value}")
    found = environment.warnings(identity, passing)
    said = "\n".join(f"warning: {warning}" for warning in found)
    output.say(said or "nothing found that speaks against measuring now.")
