"""Django Ninja: an operation with a bearer token, query and response schemas.

As in https://django-ninja.dev/guides/authentication/#http-bearer, …/guides/input/query-params/#using-schema and
…/guides/response/.
"""

from typing import Annotated, Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from benchmarks.competitors import asked, django_settings

settings.configure(**django_settings.make_settings(__name__))
application = get_wsgi_application()

from django.urls import path  # noqa: E402
from ninja import NinjaAPI, Query, Schema  # noqa: E402
from ninja.security import HttpBearer  # noqa: E402

from benchmarks.competitors import documents, rows  # noqa: E402


class Bearer(HttpBearer):
    """The tenant of a bearer token."""

    def authenticate(self, request: Any, token: str) -> str | None:
        return asked.read_tenant(f"Bearer {token}")


class Wanted(Schema):
    """The parameters of the listing."""

    program_status: str = "CURRENT"
    business_id: str | None = None
    program_type: str = "ALL"
    offset: int = 0
    limit: int = 20
    all: bool = False


api = NinjaAPI(docs_url=None)


@api.get("/programs", auth=Bearer(), response=documents.Listing)
def programs(request: Any, wanted: Annotated[Wanted, Query()]) -> dict[str, Any]:
    """Answer with the page that is asked for."""
    query = rows.parse_query(request, request.auth)
    found, total = rows.select_page(query)
    listed = [documents.program(row, row.business.name if row.business else None) for row in found]
    return rows.wrap_page(listed, total, query)


@api.get("/noop")
@api.get("/health")
def nothing(request: Any) -> dict[str, Any]:
    """Answer with nothing."""
    return {}


urlpatterns = [path("api/", api.urls)]
