"""Authentication: the tenant that the bearer token names."""

from functools import lru_cache
from http import HTTPStatus

from django.conf import settings

from perfstudy.listing.service.problems import Problem
from perfstudy.listing.tokens import LONGEST, is_storable, tenant_of

CHALLENGE = 'Bearer realm="perfstudy"'
INVALID = f'{CHALLENGE}, error="invalid_token"'

SCHEME = len("Bearer ")


def authenticate(authorization: str) -> str:
    """Return the tenant of the token in this header, verified without a query.

    Raises:
        Problem: 401, if the token is missing, not signed by this service's secret, or names no tenant that the database
            can store.
    """
    if len(authorization) > SCHEME + LONGEST:
        raise _unauthorized(f"A bearer token of this service takes {LONGEST} characters at most.", INVALID)
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _unauthorized("This needs a header 'Authorization: Bearer TOKEN'.", CHALLENGE)
    return verify_token(token.strip(), str(settings.SECRET_KEY))


@lru_cache(maxsize=4096)
def verify_token(token: str, secret: str) -> str:
    """Return the tenant of *token*; it never expires, so once is enough.

    Only what is returned is cached: a token that is refused, by an error, takes no memory.

    Raises:
        Problem: 401, where *secret* did not sign it, or its tenant cannot be one.
    """
    found = tenant_of(token, secret)
    if found is None:
        raise _unauthorized("The bearer token is not one of this service.", INVALID)
    if not is_storable(found):
        raise _unauthorized("The bearer token's tenant is none: a name has 1 to 150 characters without NUL.", INVALID)
    return found


def _unauthorized(detail: str, challenge: str) -> Problem:
    return Problem(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": challenge})
