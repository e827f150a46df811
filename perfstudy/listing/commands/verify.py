"""``perfstudy verify`` and ``perfstudy check``: test a deployment."""

from typing import TYPE_CHECKING, Annotated

import typer

from perfstudy.commands import choices, output
from perfstudy.errors import PerfstudyError
from perfstudy.formatting import percent
from perfstudy.listing.commands.serve import check_scale

if TYPE_CHECKING:
    from perfstudy.drivers.http import Client, Exchange

ATTEMPTS = 5
UNAUTHORIZED = 401


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command(epilog="Example: `perfstudy verify --variant all --scale tiny`")(verify)
    app.command(epilog="Example: `perfstudy check http://127.0.0.1:8000`")(check)


def verify(variant: choices.VariantName = "all", scale: choices.Scale = "tiny") -> None:
    """Test each line of the report's checklist on a running service.

    Exits with 1 where one fails.
    """
    from perfstudy.listing.variant import parse

    chosen, scale = parse(variant), check_scale(scale)
    from perfstudy.listing.checklist import verify_checklist as checklist
    from perfstudy.listing.lab import Lab

    failed = 0
    with output.progress() as progress, Lab.start(progress) as lab, lab.database(scale, progress) as database:
        print(f"verification checklist of {chosen} at scale {scale}")
        for line in checklist(lab, database, chosen):
            failed += not line.passed
            print(f"[{'x' if line.passed else ' '}] {line.line}: {line.found}", flush=True)
    if failed:
        raise PerfstudyError(f"{failed} of the lines above did not hold")


def check(
    url: Annotated[str, typer.Argument(help="The address of a running service, http://HOST:PORT.")],
    token: Annotated[
        str | None, typer.Option(help="A bearer token. Default: one that the services of this PERFSTUDY_HOME take.")
    ] = None,
) -> None:
    """Ask a running service the same twice, cold and warm.

    Exits with 1 where the second answer is no HIT.
    """
    from perfstudy.drivers.http import Client, parse_address

    parse_address(url)  # before a token is made for it
    with Client(url.rstrip("/"), choices.issue_bearer(token)) as client:
        client.get("/api/noop")  # so that neither request below pays for the connection
        cold, target = _ask_cold(client)
        _print("Test 1: First request (cold cache)", cold)
        warm = client.get(target)
        _print("Test 2: Second request (warm cache)", warm)
    if warm.cache != "HIT":
        raise PerfstudyError(f"the second request is no HIT: {url} keeps no answers; serve a variant with a cache")
    print(f"Performance Improvement: {_compute_improvement(cold, warm)}")


def _ask_cold(client: "Client") -> tuple["Exchange", str]:
    """Return the answer to a request that is not cached, and the request."""
    import secrets

    from perfstudy.listing.requests import listing

    for _ in range(ATTEMPTS):
        target = listing(program_status="ALL", offset=secrets.randbelow(2_000), limit=20)
        answer = client.get(target)
        if answer.status == UNAUTHORIZED:
            raise PerfstudyError(f"{client.url} refused the token: pass one of its own by --token")
        if answer.status != 200:
            raise PerfstudyError(f"{client.url} answered {answer.status} to {target}: {answer.body[:200].decode()}")
        if answer.cache != "HIT":
            return answer, target
    raise PerfstudyError(f"{client.url} had cached {ATTEMPTS} random pages already, so none could be asked cold")


def _print(title: str, answer: "Exchange") -> None:
    print(title)
    print(f"HTTP Status: {answer.status}")
    print(f"Response Time: {answer.nanoseconds / 1e9:.4f}s")
    print(f"Cache Status: {answer.cache or 'none'}\n")


def _compute_improvement(cold: "Exchange", warm: "Exchange") -> str:
    change = 1 - warm.nanoseconds / cold.nanoseconds
    return f"{percent(abs(change))} {'faster' if change >= 0 else 'slower'}"
