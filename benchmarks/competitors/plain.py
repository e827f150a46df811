"""A plain Django view with JsonResponse, for caches in front of it or below it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from benchmarks.competitors import asked, rows


def format_cents(amount: Any) -> int | None:
    """Return *amount* in cents."""
    return None if amount is None else int(amount * 100)


def present_program(row: Any) -> dict[str, Any]:
    """Return the program of an instance."""
    found = {
        "program_id": row.program_id,
        "program_type": row.program_name,
        "program_status": row.program_status or row.status,
        "program_pause_status": row.program_pause_status,
        "yelp_business_id": row.yelp_business_id,
        "business_id": row.yelp_business_id,
        "business_name": (row.business.name if row.business else "") or row.yelp_business_id,
        "start_date": row.start_date,
        "end_date": row.end_date,
        "custom_name": row.custom_name,
        "businesses": row.businesses or [],
        "active_features": row.active_features or [],
        "available_features": row.available_features or [],
    }
    return found if row.budget is None else found | {"program_metrics": present_metrics(row)}


def present_metrics(row: Any) -> dict[str, Any]:
    """Return the figures of an instance that has a budget."""
    return {
        "budget": format_cents(row.budget),
        "max_bid": format_cents(row.max_bid),
        "ad_cost": format_cents(row.ad_cost),
        "currency": row.currency or "USD",
        "is_autobid": row.is_autobid,
        "billed_impressions": row.billed_impressions or 0,
        "billed_clicks": row.billed_clicks or 0,
        "fee_period": row.fee_period,
    }


def programs(request: HttpRequest) -> HttpResponse:
    """Answer with the page that the token's tenant asks for."""
    tenant = asked.read_tenant(request.headers.get("Authorization", ""))
    if tenant is None:
        return HttpResponse(status=401)
    query = rows.parse_query(request, tenant)
    found, total = rows.select_page(query)
    return JsonResponse(rows.wrap_page([present_program(row) for row in found], total, query))


def nothing(request: HttpRequest) -> HttpResponse:
    """Answer with nothing."""
    return JsonResponse({})


def urls(view: Callable[..., Any]) -> list[Any]:
    """Return the addresses of a peer whose listing is *view*."""
    return [path("api/programs", view), path("api/noop", nothing), path("api/health", nothing)]
