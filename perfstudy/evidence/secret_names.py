"""Names of members and parameters with values that are never shown or stored."""

import re

SECRET = re.compile(
    r"pass(word|wd|phrase)|secret|token|credential|authori[sz]ation|api[_-]?key|private[_-]?key|access[_-]?key"
    r"|session(id|[_-]?id|[_-]?key)?$|cookie|csrf|xsrf|jwt|bearer|signature|^(sig|otp|pin|auth)$",
    re.IGNORECASE,
)
SIGNED = re.compile(r"^eyJ[\w-]+\.[\w-]+\.[\w-]*$")
"""A JSON Web Token, whatever the member is called."""


def is_secret(name: str, value: object = None) -> bool:
    """Return whether *name* is that of a secret, or *value* looks like a token."""
    return bool(SECRET.search(name)) or (isinstance(value, str) and bool(SIGNED.match(value)))
