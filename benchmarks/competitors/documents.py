"""The answer as pydantic models, for the two frameworks based on pydantic."""

from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, model_serializer


def format_cents(amount: Decimal | None) -> int | None:
    """Return *amount* in cents."""
    return None if amount is None else int(amount * 100)


class Metrics(BaseModel):
    """The figures of a program that has a budget."""

    budget: int | None
    max_bid: int | None
    ad_cost: int | None
    currency: str
    is_autobid: bool | None
    billed_impressions: int
    billed_clicks: int
    fee_period: str | None


class Program(BaseModel):
    """A program of the answer."""

    program_id: str
    program_type: str
    program_status: str
    program_pause_status: str | None
    yelp_business_id: str
    business_id: str
    business_name: str
    start_date: date | None
    end_date: date | None
    custom_name: str | None
    businesses: list[Any]
    active_features: list[Any]
    available_features: list[Any]
    program_metrics: Metrics | None = None

    @model_serializer(mode="wrap")
    def present(self, handler: Any) -> dict[str, Any]:
        """Leave the metrics out where there are none."""
        found: dict[str, Any] = handler(self)
        if self.program_metrics is None:
            del found["program_metrics"]
        return found


class Listing(BaseModel):
    """The whole answer."""

    programs: list[Program]
    total_count: int
    offset: int
    limit: int | None
    from_cache: bool = False


def program(row: Any, business_name: str | None) -> Program:
    """Return the program of a row that has the columns as attributes."""
    return Program(
        program_id=row.program_id,
        program_type=row.program_name,
        program_status=row.program_status or row.status,
        program_pause_status=row.program_pause_status,
        yelp_business_id=row.yelp_business_id,
        business_id=row.yelp_business_id,
        business_name=business_name or row.yelp_business_id,
        start_date=row.start_date,
        end_date=row.end_date,
        custom_name=row.custom_name,
        businesses=row.businesses or [],
        active_features=row.active_features or [],
        available_features=row.available_features or [],
        program_metrics=None if row.budget is None else metrics(row),
    )


def metrics(row: Any) -> Metrics:
    """Return the figures of a row that has a budget."""
    return Metrics(
        budget=format_cents(row.budget),
        max_bid=format_cents(row.max_bid),
        ad_cost=format_cents(row.ad_cost),
        currency=row.currency or "USD",
        is_autobid=row.is_autobid,
        billed_impressions=row.billed_impressions or 0,
        billed_clicks=row.billed_clicks or 0,
        fee_period=row.fee_period,
    )
