"""Who asks: the tenant that the bearer token vouches for, and nobody else."""

from functools import lru_cache
from http import HTTPStatus

from django.conf import settings

from perfstudy.listing.service.problems import Problem
from perfstudy.listing.tokens import tenant_of

CHALLENGE = 'Bearer realm="perfstudy"'


verify_token = lru_cache(maxsize=4096)(tenant_of)
"""The tenant of a token that was verified already: a token never expires, so once is enough."""


def authenticate(authorization: str) -> str:
    """Return the tenant of a request with this header, verified by signature, without a query.

    Raises:
        Problem: 401, where the token is missing or not signed by this service's secret.
    """
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _unauthorized("This needs a header 'Authorization: Bearer TOKEN'.", CHALLENGE)
    found = verify_token(token.strip(), str(settings.SECRET_KEY))
    if found is None:
        raise _unauthorized("The bearer token is not one of this service.", f'{CHALLENGE}, error="invalid_token"')
    return found


def _unauthorized(detail: str, challenge: str) -> Problem:
    return Problem(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": challenge})
