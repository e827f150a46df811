"""Each program's JSON stored beside it by triggers, for readers to join."""

from typing import Any

from perfstudy.listing.contract import Expression, Query
from perfstudy.listing.optimization import Optimization
from perfstudy.listing.optimizations import presorted
from perfstudy.listing.optimizations.json import assemble_by, count, fetch
from perfstudy.listing.optimizations.presorted import PROGRAM, join_lines
from perfstudy.model.claim import Claim

TABLE = "ads_programline_v1"
"""The table; a release that writes a program differently needs another one, by a migration of its own."""

COLUMNS = ("id", "username", "start_date", "program_id", "status", "program_name", "yelp_business_id", "line")
"""What it has of each program: all that the listing filters and orders by, and the JSON."""


def render(programs: str) -> str:
    """Return SQL for the lines of *programs*, a table with a program's columns."""
    columns = ", ".join(f"p.{column}" for column in COLUMNS[:-1])
    return f"SELECT {columns}, {PROGRAM} FROM {programs} p LEFT JOIN ads_business b ON b.id = p.business_id"  # noqa: S608


def statement(query: Query, *, ends: bool = False, stored: Expression | None = None) -> tuple[str, list[Any]]:
    """Return the statement that answers *query* from the lines, and its parameters.

    A search looks into the names of businesses, which the lines do not have, so it is answered without them.
    """
    if query.search is not None:
        return presorted.statement(query, ends=ends, stored=stored)
    fetched, chosen = fetch(query, TABLE)
    lines = f"SELECT p.line, p.start_date, p.program_id FROM {fetched}"  # noqa: S608
    return join_lines((lines, chosen), count(query, stored), ends=ends)


LINES = Optimization(
    name="lines",
    title="Stored JSON",
    summary="triggers store each program's JSON beside it, and an answer is made of the stored lines alone",
    schema="0020_lines",
    view=assemble_by(statement),
    requires=frozenset({"json"}),
    after=frozenset({"presorted"}),
    manual_rollback="make the JSON from the programs again, restart, then manage.py unapply 0020_lines",
    claims=(
        Claim(
            id="lines-response",
            quote="an answer made of stored lines takes less than three quarters of one that PostgreSQL writes anew",
            source="a claim of the study's own: half of the processor time for a page, and a seventh for all programs",
            variant="index+related+values+connections+json+lines",
            reference="index+related+values+connections+json",
            low=1.34,
        ),
    ),
)
