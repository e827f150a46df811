"""Who asks: the tenant that the bearer token vouches for, and nobody else."""

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest

from perfstudy.service.problems import Problem
from perfstudy.tokens import tenant_of

CHALLENGE = 'Bearer realm="perfstudy"'


def tenant(request: HttpRequest) -> str:
    """Return the tenant of *request*, verified by signature, without a query.

    Raises:
        Problem: 401, where the token is missing or not signed by this service's secret.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _unauthorized("This needs a header 'Authorization: Bearer TOKEN'.", CHALLENGE)
    found = tenant_of(token.strip(), str(settings.SECRET_KEY))
    if found is None:
        raise _unauthorized("The bearer token is not one of this service.", f'{CHALLENGE}, error="invalid_token"')
    return found


def _unauthorized(detail: str, challenge: str) -> Problem:
    return Problem(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": challenge})
