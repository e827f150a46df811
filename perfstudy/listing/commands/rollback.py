"""``perfstudy rollback``: revert an optimization, or print how to do it by hand.

It is reverted in the service that is running, or in a database.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from perfstudy.commands import choices
from perfstudy.errors import PerfstudyError, UsageError, unknown
from perfstudy.model import variables

if TYPE_CHECKING:
    from perfstudy.listing.optimization import Optimization
    from perfstudy.listing.serving import ServedVariant
    from perfstudy.listing.variant import Variant

EVERY = "all"


def _list_names() -> list[str]:
    from perfstudy.listing.optimizations import BY_NAME

    return [EVERY, *BY_NAME]


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command(epilog="Example: `perfstudy rollback index --dry-run`")(rollback)


def rollback(
    name: Annotated[
        str,
        typer.Argument(
            help="An optimization, or `all` for every one of them.",
            autocompletion=choices.complete(_list_names),
        ),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    database: Annotated[
        str | None, typer.Option(metavar="URL", help="Roll it back in the schema of this database instead.")
    ] = None,
) -> None:
    """Roll an optimization back without a failed request, and say how by hand.

    It is rolled back in what `perfstudy serve` serves, or in the schema of a database that you name.
    """
    named = _find_optimization(name)
    if database is not None:
        variables.parse_postgres_url("--database", database)
    if database is not None:
        _print_manual_steps(named)
        _roll_back_database(database, named, dry_run)
        return
    one = _find_service()
    if one is None:
        _print_manual_steps(named)
        if not dry_run:
            raise PerfstudyError("nothing is being served: start `perfstudy serve`, or name a --database")
        return
    _roll_back_service(one, name, dry_run)


def find_remaining(variant: "Variant", name: str) -> "Variant":
    """Return *variant* without *name* and without the optimizations that require it."""
    from perfstudy.listing.variant import Variant
    from perfstudy.model.claim import DeclarationError

    gone = set(variant.optimizations) if name == EVERY else {o for o in variant if o.name == name}
    while dependents := {o for o in variant if o.requires & {g.name for g in gone}} - gone:
        gone |= dependents
    try:
        return Variant(tuple(o for o in variant if o not in gone))
    except DeclarationError as error:  # pragma: no cover - what a variant is without some of it fits together too
        raise UsageError(str(error)) from None


def _find_optimization(name: str) -> "tuple[Optimization, ...]":
    from perfstudy.listing.optimizations import ALL, BY_NAME

    if name not in _list_names():
        raise unknown("optimization", name, _list_names())
    return ALL if name == EVERY else (BY_NAME[name],)


def _find_service() -> "ServedVariant | None":
    from perfstudy.listing.serving import list_served

    found = list_served()
    if len(found) > 1:
        places = " and ".join(f"{one.variant} at {one.url}" for one in found)
        raise UsageError(f"more than one variant is being served, {places}: stop all but one")
    return found[0] if found else None


def _print_manual_steps(gone: "Iterable[Optimization]") -> None:
    for optimization in gone:
        print(f"by hand  {optimization.name}: {optimization.manual_rollback}")
        if optimization.schema:
            print(f"         here: python -m perfstudy.listing.service unapply {optimization.schema}")


def _roll_back_service(one: "ServedVariant", name: str, dry_run: bool) -> None:
    from perfstudy.listing.serving import request_switch
    from perfstudy.listing.variant import parse

    before = parse(one.variant)
    after = find_remaining(before, name)
    gone = [o for o in before if o not in after]
    if not gone:
        print(f"{one.url} serves {before}, which holds nothing of {name}: there is nothing to take back.")
        return
    _print_manual_steps(gone)
    if dry_run:
        print(f"would    serve {after} at {one.url} instead of {before}")
        return
    served = request_switch(one, after)
    print(f"serving  {served.variant} at {served.url} instead of {before}")


def _roll_back_database(url: str, gone: "Iterable[Optimization]", dry_run: bool) -> None:
    import psycopg

    from perfstudy.listing.manage import manage
    from perfstudy.listing.schema import list_applied

    wanted = {o.schema for o in gone if o.schema}
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
            found = sorted(list_applied(connection) & wanted)
    except psycopg.ProgrammingError:
        # libpq's own message quotes the URL, and with it the password.
        raise UsageError("--database takes a URL postgresql://USER:PASSWORD@HOST:PORT/NAME") from None
    except psycopg.Error as error:
        raise PerfstudyError(f"the database cannot be reached: {str(error).strip()}; correct --database") from None
    if not found:
        print("nothing of it is in the database's schema: there is nothing to take back.")
    elif dry_run:
        print(f"would    take back {', '.join(found)}")
    else:
        manage({"PERFSTUDY_SERVICE_DATABASE": url}, "unapply", *found, "--no-color")
        print(f"schema   without {', '.join(found)}")
