"""``perfstudy monitor``: what a running stack is doing, once or all the time."""

import json
import time
from typing import TYPE_CHECKING, Annotated

import typer

from perfstudy.commands import output
from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.model import variables

if TYPE_CHECKING:
    from perfstudy.listing.monitoring.snapshot import Snapshot, Target

FORMATS = ("table", "json")


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command(epilog="Example: `perfstudy monitor --once --format json`")(monitor)


def monitor(
    url: Annotated[
        str | None, typer.Argument(help="The address of a service. Default: what `perfstudy serve` serves.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Look once and end.")] = False,
    every: Annotated[float, typer.Option(help="Seconds from one look to the next.")] = 2.0,
    format: Annotated[str, typer.Option(help=f"One of {', '.join(FORMATS)}.")] = "table",
) -> None:
    """Show hit rates, indexes, statements, connections and memory, until Ctrl-C."""
    output.check_format(format, FORMATS)
    if not 0.1 <= every <= 3600:
        raise UsageError(f"--every {every:g} is out of range: choose 0.1 to 3600 seconds")
    found = parse_target(url)
    if format == "json":
        _print_documents(found, once, every)
    elif once:
        _print_table(found)
    else:
        _print_live(found, every)


def parse_target(url: str | None) -> "Target":
    """Return what to watch: *url*, what this home serves, or only the two servers.

    Raises:
        PerfstudyError: nothing runs.
    """
    from perfstudy.drivers.http import parse_address
    from perfstudy.listing.monitoring.snapshot import Target
    from perfstudy.listing.serving import find_served, list_served

    if url is not None:
        parse_address(url)
    mine = variables.DATABASE_URL.read(), variables.REDIS_URL.read()
    one = find_served(url) if url else next(iter(list_served()), None)
    if one is not None:
        return Target(url=one.url, database=one.database, redis=one.redis, before=one.counted, ours=True)
    database, redis = _find_servers(*mine)
    if url is None and database is None and redis is None:
        raise PerfstudyError("nothing runs: `perfstudy serve` serves a variant, or name the address of a service")
    return Target(url=url and url.rstrip("/"), database=database, redis=redis)


def _find_servers(database: str | None, redis: str | None) -> tuple[str | None, str | None]:
    """Return the URLs of both servers: those given, or else the running lab's."""
    from perfstudy.lab import status

    running = status()
    return (
        database or (running.postgres_url if running else None),
        redis or (running.redis_url if running else None),
    )


def _print_documents(found: "Target", once: bool, every: float) -> None:
    from perfstudy.listing.monitoring.snapshot import take_snapshot

    while True:
        look = take_snapshot(found)
        print(json.dumps(look.document(), ensure_ascii=False, indent=2 if once else None), flush=True)
        if once:
            return _complain(look)
        time.sleep(every)


def _print_table(found: "Target") -> None:
    from perfstudy.commands.tables import open_console
    from perfstudy.listing.monitoring.snapshot import take_snapshot
    from perfstudy.listing.monitoring.tables import render

    look = take_snapshot(found)
    open_console().print(render(look), soft_wrap=True)
    _complain(look)


def _complain(look: "Snapshot") -> None:
    """Fail if the watched service does not answer, so that a script notices."""
    if look.url is not None and look.service is None:
        raise PerfstudyError(f"{look.url} does not report its counters: {look.missing['service']}")


def _print_live(found: "Target", every: float) -> None:
    from rich.live import Live

    from perfstudy.listing.monitoring.snapshot import take_snapshot
    from perfstudy.listing.monitoring.tables import render

    with Live(render(take_snapshot(found)), auto_refresh=False) as live:
        while True:
            time.sleep(every)
            live.update(render(take_snapshot(found)), refresh=True)
