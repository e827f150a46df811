"""Commands that serve a variant, make a token for it, and explain its statements."""

import json
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from perfstudy.commands import choices, output
from perfstudy.errors import UsageError, unknown
from perfstudy.formatting import amount, duration

if TYPE_CHECKING:
    from perfstudy.measure.evidence_pass import RequestEvidence

FORMATS = ("table", "json")
TENANT_LENGTH = 150
"""Characters that the column of the user's name takes."""


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command(epilog="Example: `perfstudy serve --variant index+cache --scale tiny --port 8000`")(serve)
    app.command(epilog="Example: `perfstudy token agency-2671`")(token)
    app.command(epilog="Example: `perfstudy explain --variant index --scenario page --scale small`")(explain)


def check_scale(name: str) -> str:
    """Return *name* where it is a scale.

    Raises:
        UsageError: it is none; the nearest are named.
    """
    from perfstudy.model.catalog import scale_names

    if name not in scale_names():
        raise unknown("scale", name, scale_names())
    return name


def serve(
    variant: choices.VariantName = "baseline",
    scale: choices.Scale = "tiny",
    port: Annotated[int, typer.Option(help="The port on 127.0.0.1; 0 takes a free one.")] = 0,
) -> None:
    """Serve a variant until Ctrl-C, and print its URL, a token and a ready curl line."""
    from perfstudy.listing.variant import parse

    chosen, scale = parse(variant), check_scale(scale)
    if not 0 <= port <= 65535:
        raise UsageError(f"port {port} does not exist: choose 1 to 65535, or 0 for a free one")
    from perfstudy.listing.lab import Lab
    from perfstudy.listing.stack import Stack

    with ExitStack() as served:
        with output.progress() as progress:
            lab = served.enter_context(Lab.start(progress))
            database = served.enter_context(lab.database(scale, progress))
            stack = served.enter_context(Stack(lab, database, chosen, port))
        # After the progress display, which would break long lines at the terminal's width with real newlines.
        service, tenant = stack.service, database.facts.tenant
        bearer = service.token(tenant)
        print(f"variant  {chosen.short}\nscale    {scale}\nurl      {service.url}\ntenant   {tenant}")
        print(f"token    {bearer}\nlog      {service.log}\n")
        print(f'curl -i -H "Authorization: Bearer {bearer}" "{service.url}/api/programs?limit=2"', flush=True)
        while stack.service.running:
            time.sleep(0.2)
            stack.obey()
        raise UsageError(f"the service stopped by itself: its log is {stack.service.log}")


def token(tenant: Annotated[str, typer.Argument(help="The tenant's name, such as agency-2671.")]) -> None:
    """Print a bearer token for a tenant of this project's lab."""
    from perfstudy.lab import secret
    from perfstudy.listing import tokens

    if not tenant.strip():
        raise UsageError("the tenant's name is empty: name one, such as agency-2671")
    if len(tenant) > TENANT_LENGTH:
        shown = repr(tenant[:40] + "...")
        raise UsageError(f"the tenant's name {shown} has {len(tenant)} characters: give it {TENANT_LENGTH} at most")
    if not tokens.is_storable(tenant):
        raise UsageError(f"the tenant's name {tenant!r} is no text: write it in UTF-8, without NUL")
    print(tokens.issue(tenant, secret()))


def explain(
    variant: choices.VariantName = "baseline",
    scenario: choices.ScenarioName = "page",
    scale: choices.Scale = "tiny",
    format: Annotated[str, typer.Option(help=f"One of {', '.join(FORMATS)}.")] = "table",
) -> None:
    """Make one request, and show its statements, their counts and plans."""
    from perfstudy.listing.compiling import arm
    from perfstudy.listing.scenarios import find_scenario
    from perfstudy.listing.variant import parse

    output.check_format(format, FORMATS)
    chosen, shape, scale = parse(variant), find_scenario(scenario), check_scale(scale)
    from perfstudy.listing.lab import Lab
    from perfstudy.measure.evidence_pass import inspect_request

    with output.progress() as progress, Lab.start(progress) as lab, lab.database(scale, progress) as database:
        database.reconcile(chosen)
        seen = inspect_request(lab, database, arm(chosen), shape)
    if format == "json":
        print(json.dumps([{**w.evidence, "plans": w.plans} for w in seen], indent=2))
    else:
        output.say("\n\n".join(_describe(one) for one in seen))


def _describe(seen: "RequestEvidence") -> str:
    from perfstudy.evidence import plans

    evidence = seen.evidence
    lines = [
        f"{evidence['target']} ({seen.temperature}): {evidence['statement_count']} statements, "
        f"{duration(evidence['execution_ms'] / 1e3)} executing, {duration(evidence['planning_ms'] / 1e3)} planning, "
        f"{evidence['rows_removed']} rows thrown away, {amount(evidence['bytes'], 'bytes')}"
    ]
    for sql, count in evidence["statements"].items():
        lines += ["", f"{count} x {sql}"]
        if sql in seen.plans:
            lines += ["    " + line for line in plans.describe_shape(seen.plans[sql]).splitlines()]
    return "\n".join(lines)
