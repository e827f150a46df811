"""Read the parameters of a request, for applications without their own parser."""

import os
from urllib.parse import parse_qsl

from perfstudy.listing.contract import ANY_STATUS, Query
from perfstudy.listing.tokens import tenant_of

DATABASE = os.environ["PERFSTUDY_SERVICE_DATABASE"]
REDIS = os.environ["PERFSTUDY_SERVICE_REDIS"]
SECRET = os.environ["PERFSTUDY_SERVICE_SECRET"]
PREFIX = os.environ["PERFSTUDY_KEY_PREFIX"]


def read_tenant(authorization: str) -> str | None:
    """Return the tenant of a header ``Bearer TOKEN``, None without a valid token."""
    scheme, _, token = authorization.partition(" ")
    return tenant_of(token, SECRET) if scheme == "Bearer" else None


def parse_query(text: str, tenant: str) -> Query:
    """Return the query of *text* for *tenant*; *text* must be well formed."""
    given = dict(parse_qsl(text))
    kind = given.get("program_type", ANY_STATUS)
    return Query(
        tenant=tenant,
        status=given.get("program_status", "CURRENT"),
        business_id=given.get("business_id"),
        program_type=None if kind == ANY_STATUS else kind,
        offset=int(given.get("offset", 0)),
        limit=int(given.get("limit", 20)),
        everything=given.get("all") == "true",
    )
