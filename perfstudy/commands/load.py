"""``perfstudy load``: send load to a running service, and report its latencies."""

import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from perfstudy import formatting
from perfstudy.commands import choices, clustering, output
from perfstudy.errors import PerfstudyError, UsageError

if TYPE_CHECKING:
    from perfstudy.drivers.load import Load, Step, Tally

    Generate = Callable[..., Tally]

FORMATS = ("table", "json")
KINDS = ("poisson", "constant")
SEEDS = 2**31


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    example = "perfstudy load http://127.0.0.1:8000 --rate 200 --duration 10"
    app.command(epilog=f"Example: `{example}`")(load)


Url = Annotated[str | None, typer.Argument(help="The service, http://HOST:PORT; left out with `--merge`.")]
Rate = Annotated[float, typer.Option(help="Requests a second.")]
Duration = Annotated[float, typer.Option(help="Seconds for which requests are due; of each step of a search.")]
Arrivals = Annotated[
    str, typer.Option(help="poisson or constant: how they are spaced.", autocompletion=choices.complete(lambda: KINDS))
]
Token = Annotated[
    str | None, typer.Option(help="A bearer token. Default: one that the services of this PERFSTUDY_HOME take.")
]
Path_ = Annotated[
    str | None, typer.Option("--path", help="What to request. Default: the URL's own path, or the study's.")
]
Connections = Annotated[int, typer.Option(help="How many connections may be open at once.")]
Search = Annotated[str | None, typer.Option(help="Find the highest rate that keeps a limit, as in p99=50ms.")]
At = Annotated[
    str | None,
    typer.Option(metavar="HH:MM:SS", help="Begin at this time in UTC, as other machines do."),
]
Cluster = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Generate it from all labs of this Dask scheduler at once.")
]
Save = Annotated[Path | None, typer.Option(dir_okay=False, help="Write histograms and counts to this file.")]
Merge = Annotated[list[Path] | None, typer.Option(help="Add up a saved file and others; once for each file.")]
Format = Annotated[str, typer.Option(help="table or json.")]


def load(
    url: Url = None,
    rate: Rate = 100.0,
    duration: Duration = 10.0,
    arrivals: Arrivals = "poisson",
    token: Token = None,
    path: Path_ = None,
    connections: Connections = 100,
    search: Search = None,
    at: At = None,
    cluster: Cluster = None,
    save: Save = None,
    merge: Merge = None,
    format: Format = "table",
) -> None:
    """Send requests when they are due, and time them from that moment.

    Ctrl-C ends it early and shows what there is.
    """
    output.check_format(format, FORMATS)
    if merge:
        return _merge(url, merge, save, format)
    if save and not save.parent.is_dir():  # before the load, which cannot be had again
        raise UsageError(f"--save is {str(save)!r}, and there is no folder {str(save.parent)!r}: make it first")
    if url is None:
        raise UsageError("which service? `perfstudy serve` starts one and prints its URL")
    from perfstudy.drivers.load import Load
    from perfstudy.drivers.load.connection import parse_target

    wanted = Load(
        target=parse_target(url, _choose_target(url, path), choices.issue_bearer(token)),
        rate=rate,
        duration=duration,
        arrivals=arrivals,
        connections=connections,
        seed=1 if at is None else secrets.randbelow(SEEDS),  # machines must not send at the same instants
        at=None if at is None else parse_moment(at),
    )
    if at is not None and (search or cluster):
        raise UsageError(f"--at is {at!r}, and {'--search' if search else '--cluster'} begins by itself: leave it out")
    if cluster is not None:
        clustering.check_address(cluster)
    with _open_generators(cluster) as load_of:
        if search is None:
            _once(wanted, load_of, save, format)
        else:
            _search(wanted, load_of, search, save, format)


def parse_moment(text: str, now: datetime | None = None) -> float:
    """Return the next moment at which it is *text* in UTC, in seconds since 1970.

    Raises:
        UsageError: it is no time of the day, or more than an hour away.
    """
    now = now or datetime.now(UTC)
    try:
        found = datetime.combine(now.date(), datetime.strptime(text, "%H:%M:%S").time(), UTC)
    except ValueError:
        raise UsageError(f"--at is {text!r}: give a time of the day in UTC, as in 14:05:00") from None
    found += timedelta(days=found <= now)
    if found - now > timedelta(hours=1):
        raise UsageError(f"--at is {text!r}, and it is {now:%H:%M:%S} in UTC: give a time within the next hour")
    return found.timestamp()


@contextmanager
def _open_generators(cluster: str | None) -> "Iterator[Generate]":
    """Give what generates a load: this process, or all labs of *cluster* at once."""
    from perfstudy.drivers.load import run_open_loop

    if cluster is None:
        yield run_open_loop
        return
    from perfstudy.drivers.load.spread import spread_load
    from perfstudy.measure.cluster import connect, list_labs

    with connect(cluster) as client:
        labs = list_labs(client)
        yield lambda load, tally=None: spread_load(client, labs, load)


def _choose_target(url: str, path: str | None) -> str:
    """Return what to request: the URL says it, or the option, or nothing does."""
    from perfstudy.drivers.http import parse_address
    from perfstudy.drivers.load.connection import own_path

    parse_address(url)  # what is no URL is said to be none, before its path is read
    own = own_path(url)
    if path is not None and own and path != own:
        raise UsageError(f"the URL asks for {own!r} and --path for {path!r}: leave one of them out")
    if path is None and not own:
        from perfstudy.model.catalog import first_catalog

        return first_catalog().path
    return own if path is None else path


def _merge(url: str | None, files: list[Path], save: Path | None, format: str) -> None:
    from perfstudy.drivers.load import merge_tallies, restore_tally

    if url is not None:
        raise UsageError(f"--merge adds up files and asks no service: leave {url} out")
    whole = merge_tallies(restore_tally(file) for file in files)
    _show(whole, format)
    if save:
        whole.save(save)


def _once(wanted: "Load", load_of: "Generate", save: Path | None, format: str) -> None:
    tally = wanted.tally()
    try:
        tally = load_of(wanted, tally)
    finally:
        if tally.due:  # at Ctrl-C too: what there is
            _show(tally, format)
            if save:
                tally.save(save)
    if tally.due and not tally.answered:
        raise PerfstudyError(f"none of {tally.due} requests succeeded ({_outcomes(tally)})")


def _outcomes(tally: "Tally") -> str:
    return ", ".join(f"{name}: {count}" for name, count in tally.summary()["outcomes"].items()) or "none"


def _search(wanted: "Load", load_of: "Generate", text: str, save: Path | None, format: str) -> None:
    from perfstudy.drivers.load import Limit, find_capacity

    if save:
        raise UsageError("--save keeps one load and --search makes many: use one of them")
    limit = Limit.parse(text)
    steps: list[Step] = []

    def report(step: "Step") -> None:
        steps.append(step)
        if format == "table":
            print(_line(step, limit.percent), flush=True)

    found: float | None = None
    try:
        found = find_capacity(wanted, limit, report, load_of)
    finally:
        if format == "json":
            tried = [{"kept": step.met, **step.tally.summary()} for step in steps]
            print(json.dumps({"limit": text, "capacity": found, "steps": tried}, indent=2))
    if found is None:
        raise PerfstudyError(f"no rate that was tried keeps {text}; the steps say why")
    if format == "table":
        print(f"capacity: {found:.4g} requests a second keep {text}")


def _line(step: "Step", percent: float) -> str:
    tally = step.tally
    said = tally.saturated or f"p{percent:g} {formatting.time_cell(tally.latency.quantile(percent))}"
    failed = f", {tally.failed} failed" if tally.failed else ""
    return f"{time.strftime('%H:%M:%S')}  {step.rate:9.1f}/s  {'kept  ' if step.met else 'broken'}  {said}{failed}"


def _show(tally: "Tally", format: str) -> None:
    summary = tally.summary()
    if format == "json":
        print(json.dumps(summary, indent=2))
        return
    rows = {
        "due": f"{tally.due} requests, {tally.rate:g} a second for {tally.duration:g} s",
        "answered": f"{tally.answered}, {summary['throughput']:.1f} a second",
        "failed": f"{tally.failed}, and {tally.dropped} dropped",
        "outcomes": _outcomes(tally),
        "generator's lag": f"p99 {formatting.time_cell(tally.lag.quantile(99))}, "
        f"at most {formatting.time_cell(tally.lag.most)}",
        "longest stall": formatting.time_cell(tally.stall),
    }
    if summary["latency"]:
        rows["latency"] = ", ".join(
            f"{name} {formatting.time_cell(value)}" for name, value in summary["latency"].items()
        )
    else:
        rows["latency"] = f"no claim: {tally.saturated or 'no request was answered'}"
    for name, said in rows.items():
        print(f"{name:16} {said}")
