"""The statements of the listing: what each asks for, and one for a page's ids."""

from psycopg import sql

TABLE = "ads_programregistry"


def select_ids(tenant: str, status: str, *, sort: bool = True, limit: int | None = None) -> str:
    """Return the listing's statement for the ids of a tenant's programs.

    It is without its ORDER BY where *sort* is False, and without its LIMIT where *limit* is None.
    """
    composed = sql.SQL("SELECT id FROM {} WHERE username = {} AND status = {}")
    order = sql.SQL(" ORDER BY start_date DESC, program_id" if sort else "")
    part = sql.SQL("" if limit is None else " LIMIT {}").format(*([] if limit is None else [limit]))
    return (composed.format(sql.SQL(TABLE), tenant, status) + order + part).as_string()


def classify(statement: str) -> str:
    """Return what a statement asks for: ``count``, ``ids``, ``rows`` or ``business``."""
    if statement.startswith("SELECT COUNT"):
        return "count"
    if f'"{TABLE}"' not in statement:
        return "business"
    return "ids" if statement.startswith(f'SELECT "{TABLE}"."id" AS "id" FROM') else "rows"
