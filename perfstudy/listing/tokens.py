"""Bearer tokens: a tenant's name under a signature, so that verifying one costs no query."""

from django.core import signing

SALT = "perfstudy.tenant"


def issue(tenant: str, secret: str) -> str:
    """Return the token of *tenant*, signed with HMAC-SHA256 under *secret*."""
    return _signer(secret).sign_object({"tenant": tenant})


def tenant_of(token: str, secret: str) -> str | None:
    """Return the tenant that *token* vouches for, None for a token that *secret* did not sign."""
    try:
        payload = _signer(secret).unsign_object(token)
    except (signing.BadSignature, ValueError):
        return None
    tenant = payload.get("tenant") if isinstance(payload, dict) else None
    return tenant if isinstance(tenant, str) and tenant else None


def _signer(secret: str) -> signing.Signer:
    return signing.Signer(key=secret, salt=SALT, fallback_keys=[])
