"""Serialization of rows as programs of the answer, however they were fetched."""

from datetime import date
from decimal import Decimal
from typing import Any

from perfstudy.listing.contract import Rows, Unshowable


def cents(amount: Decimal | None) -> int | None:
    """Return *amount*, a decimal in units of the currency, in cents, exactly."""
    return None if amount is None else int(amount.scaleb(2))


def iso(day: date | None) -> str | None:
    """Return *day* as YYYY-MM-DD."""
    return None if day is None else day.isoformat()


def array(value: Any) -> list[Any]:
    """Return the array in a column; an empty one for a column without a value.

    Such columns have null, ``{}``, ``""``, 0 or false.

    Raises:
        ValueError: it is something else, which the description of the answer does not allow.
    """
    if not value:
        return []
    if type(value) is not list:
        raise ValueError(f"{type(value).__name__} in place of an array")
    return value


def program(rows: Rows, row: Any, tenant: str) -> dict[str, Any]:
    """Return the program of *row*, which is one of *tenant*'s.

    Raises:
        Unshowable: it holds a date that has no four digits, an amount that is no number, or an array that is none.
    """
    try:
        return document(rows, row)
    except (ValueError, OverflowError) as error:
        raise Unshowable(tenant, rows.read(row, "program_id")) from error


def document(rows: Rows, row: Any) -> dict[str, Any]:
    """Return the program of *row*, its members in the order of the answer."""
    read = rows.read
    business = read(row, "yelp_business_id")
    found = {
        "program_id": read(row, "program_id"),
        "program_type": read(row, "program_name"),
        "program_status": read(row, "program_status") or read(row, "status"),
        "program_pause_status": read(row, "program_pause_status"),
        "yelp_business_id": business,
        "business_id": business,
        "business_name": rows.name(row) or business,
        "start_date": iso(read(row, "start_date")),
        "end_date": iso(read(row, "end_date")),
        "custom_name": read(row, "custom_name"),
        "businesses": array(read(row, "businesses")),
        "active_features": array(read(row, "active_features")),
        "available_features": array(read(row, "available_features")),
    }
    if read(row, "budget") is not None:
        found["program_metrics"] = metrics(rows, row)
    return found


def metrics(rows: Rows, row: Any) -> dict[str, Any]:
    """Return the figures of *row*, which it has where it has a budget; money in cents."""
    read = rows.read
    return {
        "budget": cents(read(row, "budget")),
        "max_bid": cents(read(row, "max_bid")),
        "ad_cost": cents(read(row, "ad_cost")),
        "currency": read(row, "currency") or "USD",
        "is_autobid": read(row, "is_autobid"),
        "billed_impressions": read(row, "billed_impressions") or 0,
        "billed_clicks": read(row, "billed_clicks") or 0,
        "fee_period": read(row, "fee_period"),
    }
