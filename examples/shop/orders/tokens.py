"""Bearer tokens."""

from django.core import signing

SALT = "orders"


def make_token(user):
    """Return a token of *user*."""
    return signing.dumps(user, salt=SALT)


def is_valid(header):
    """Return whether the value of an ``Authorization`` header has a token of ours."""
    kind, _, token = header.partition(" ")
    try:
        return kind == "Bearer" and bool(signing.loads(token, salt=SALT))
    except signing.BadSignature:
        return False
