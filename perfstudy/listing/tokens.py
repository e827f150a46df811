"""Bearer tokens: a signed tenant's name, verified without a query."""

from django.core import signing

SALT = "perfstudy.tenant"

MOST = 150
"""Characters of a tenant's name at most, which is what the database holds."""
LONGEST = 2500
"""Characters of a token at most; a name of characters beyond U+FFFF alone makes one of 2,462."""


def is_storable(tenant: str) -> bool:
    """Return whether the database can store *tenant*.

    It must have no NUL, no half of a surrogate pair, and not be too long.
    """
    return 1 <= len(tenant) <= MOST and not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in tenant)


def issue(tenant: str, secret: str) -> str:
    """Return the token of *tenant*, signed with HMAC-SHA256 under *secret*."""
    return _signer(secret).sign_object({"tenant": tenant})


def tenant_of(token: str, secret: str) -> str | None:
    """Return the tenant that *token* names; None unless it is signed by *secret*."""
    try:
        payload = _signer(secret).unsign_object(token)
    except (signing.BadSignature, ValueError):
        return None
    tenant = payload.get("tenant") if isinstance(payload, dict) else None
    return tenant if isinstance(tenant, str) and tenant else None


def _signer(secret: str) -> signing.Signer:
    return signing.Signer(key=secret, salt=SALT, fallback_keys=[])
