"""Queries of the Django peers: the tenant's programs, and the requested page."""

from typing import Any

from django.http import HttpRequest

from benchmarks.competitors import asked
from perfstudy.listing.contract import ANY_STATUS, Query
from perfstudy.listing.service.ads.models import ProgramRegistry


def parse_query(request: HttpRequest, tenant: str) -> Query:
    """Return the query of *request* for *tenant*."""
    return asked.parse_query(request.META["QUERY_STRING"], tenant)


def filter_programs(query: Query) -> Any:
    """Return the programs of *query* in order, each joined with its business."""
    wanted = {
        "status": None if query.status == ANY_STATUS else query.status,
        "yelp_business_id": query.business_id,
        "program_name": query.program_type,
    }
    filters = {column: value for column, value in wanted.items() if value is not None}
    programs = ProgramRegistry.objects.filter(username=query.tenant, **filters)
    return programs.select_related("business").order_by("-start_date", "program_id")


def select_page(query: Query) -> tuple[Any, int]:
    """Return the programs of the page of *query*, and how many there are in all."""
    programs = filter_programs(query)
    if query.everything:
        found = list(programs)
        return found, len(found)
    return programs[query.offset : query.offset + query.limit], programs.count()


def wrap_page(programs: Any, total: int, query: Query) -> dict[str, Any]:
    """Return the document that holds *programs*."""
    return {
        "programs": programs,
        "total_count": total,
        "offset": 0 if query.everything else query.offset,
        "limit": None if query.everything else query.limit,
        "from_cache": False,
    }
