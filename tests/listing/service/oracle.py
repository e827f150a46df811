"""What the listing has to answer, worked out from the test's own rows, without a database."""

from decimal import Decimal
from typing import Any

from perfstudy.listing.contract import ANY_STATUS, Query

from . import programs


def expected(query: Query) -> dict[str, Any]:
    """Return the document that answers *query*."""
    found = [row for row in programs.rows() if matches(query, row)]
    found.sort(key=lambda row: row["program_id"])
    # Descending, and PostgreSQL then puts nulls first.
    found.sort(key=lambda row: -row["start_date"].toordinal() if row["start_date"] else float("-inf"))
    part = slice(None) if query.everything else slice(query.offset, query.offset + query.limit)
    return {
        "programs": [shown(row) for row in found[part]],
        "total_count": len(found),
        "offset": 0 if query.everything else query.offset,
        "limit": None if query.everything else query.limit,
        "from_cache": False,
    }


def matches(query: Query, row: programs.Row) -> bool:
    return (
        row["username"] == query.tenant
        and query.status in (ANY_STATUS, row["status"])
        and query.business_id in (None, row["yelp_business_id"])
        and query.program_type in (None, row["program_name"])
        and (query.search is None or contains(row["yelp_business_id"], query.search))
    )


def contains(business: str, text: str) -> bool:
    """Whether the business's id or its own name contains *text*."""
    return any(text.upper() in word.upper() for word in (business, programs.NAMED.get(business, "")))


def cents(amount: Decimal | None) -> int | None:
    """By moving the point in the text."""
    return None if amount is None else int(str(amount).replace(".", ""))


def shown(row: programs.Row) -> dict[str, Any]:
    business = row["yelp_business_id"]
    same = ("program_pause_status", "yelp_business_id", "custom_name")
    lists = ("businesses", "active_features", "available_features")
    document = {
        "program_id": row["program_id"],
        "program_type": row["program_name"],
        "program_status": row["program_status"] or row["status"],
        "business_id": business,
        "business_name": programs.NAMED.get(business) or business,
        **{day: row[day] and str(row[day]) for day in ("start_date", "end_date")},
        **{column: row[column] for column in same},
        **{column: row[column] or [] for column in lists},
    }
    if row["budget"] is not None:
        document["program_metrics"] = {
            **{amount: cents(row[amount]) for amount in ("budget", "max_bid", "ad_cost")},
            "currency": row["currency"] or "USD",
            "is_autobid": row["is_autobid"],
            "billed_impressions": row["billed_impressions"] or 0,
            "billed_clicks": row["billed_clicks"] or 0,
            "fee_period": row["fee_period"],
        }
    return document
