"""Remove what a published result must not carry: paths, hosts, passwords."""

import platform
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

KEYS = {"host", "hostname", "node", "nodename", "user", "home", "cwd", "executable", "pid"}
"""Keys of identity, telemetry and notes that are left out whole."""

PATTERNS = [
    (re.compile(r"\b(?:postgres(?:ql)?(?:\+\w+)?|redis|rediss|valkey|file|sqlite|unix)://?[^\s\"'<>]+"), "<address>"),
    (re.compile(r"(?<![\w/.)\]}<>])/(?!api\b)[\w.@+-]+(?:/[\w.@+-]+)*/?"), "<path>"),
    (re.compile(r"\b[A-Za-z]:\\[^\s\"'<>]+"), "<path>"),
]
"""Addresses, then absolute paths; what follows ``/api`` is a request to the service and stays."""


def redact(value: Any, names: tuple[str, ...] | None = None) -> Any:
    """Return plain *value* without anything private.

    *names* are the host's own by default.

    Keys lose paths and addresses, and keep names: a variant may be called like the machine.
    """
    names = own_names() if names is None else names
    if isinstance(value, Mapping):
        allowed = {key: inner for key, inner in value.items() if key.lower() not in KEYS}
        return {_text(key, ()): redact(inner, names) for key, inner in allowed.items()}
    if isinstance(value, list | tuple):
        return [redact(inner, names) for inner in value]
    return _text(value, names) if isinstance(value, str) else value


def own_names() -> tuple[str, ...]:
    """Return the texts that name this machine and its user."""
    host = platform.node()
    return tuple(name for name in (str(Path.home()), host, host.partition(".")[0]) if len(name) > 1)


def _text(text: str, names: tuple[str, ...]) -> str:
    if text.startswith("/") and not text.startswith("/api") and "\n" not in text:
        return "<path>"
    for pattern, instead in PATTERNS:
        text = pattern.sub(instead, text)
    for name in names:
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "<host>", text)
    return text
