"""The environment variables that the project reads, and how each is parsed.

Nothing else in the package reads them, so that a bad value gives the same one-line message everywhere.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from perfstudy.errors import UsageError, unknown

T = TypeVar("T")
Parser = Callable[[str, str], T]
"""Parses a variable: from its name, for the message, and its text to the value."""

POSTGRES_FORM = "postgresql://USER:PASSWORD@HOST:PORT/NAME"
REDIS_FORM = "redis://:PASSWORD@HOST:PORT/0"
PORTS = 1 << 16


@dataclass(frozen=True)
class Variable(Generic[T]):
    """One environment variable; an empty one counts as unset."""

    name: str
    meaning: str
    parse: Parser[T]

    def read(self, environment: Mapping[str, str] | None = None) -> T | None:
        """Return its value in *environment*, or None where it is unset.

        The default is the environment of the process.

        Raises:
            UsageError: the text cannot be read.
        """
        value = (os.environ if environment is None else environment).get(self.name)
        return self.parse(self.name, value) if value else None


def without_password(url: str) -> str:
    """Return *url* without its password; it need not be valid."""
    scheme, mark, rest = url.partition("://")
    user, at, place = rest.rpartition("@")
    return f"{scheme}{mark}{user.partition(':')[0]}{at}{place}"


def parse_text(name: str, value: str) -> str:
    """Return *value* if it is printable and not blank."""
    if not value.strip():
        raise UsageError(f"{name} is blank, {value!r}: give it a value, or unset it")
    if not value.isprintable():
        raise UsageError(f"{name} is {_shorten(value)}, which has a control character or bytes that are no UTF-8")
    return value


def parse_path(name: str, value: str) -> Path:
    """Return the path that *value* names, with ``~`` for a home folder."""
    try:
        found = Path(parse_text(name, value)).expanduser().resolve()
        found.exists()
    except RuntimeError:
        raise UsageError(f"{name} is {_shorten(value)}: there is no such user; write the path out") from None
    except OSError as error:
        raise UsageError(f"{name} is {_shorten(value)}: {error.strerror}; name another path") from None
    return found


def parse_folder(name: str, value: str) -> Path:
    """Return the folder that *value* names; it need not exist yet."""
    found = parse_path(name, value)
    nearest = next(one for one in (found, *found.parents) if one.exists())
    if not nearest.is_dir():
        raise UsageError(f"{name} is {_shorten(value)}, but {str(nearest)!r} is no folder; name another")
    return found


def choose_from(*values: str) -> Parser[str]:
    """Return a parser that accepts one of *values*."""

    def parse(name: str, value: str) -> str:
        if value not in values:
            raise unknown(name, value, values)
        return value

    return parse


def parse_seconds(name: str, value: str) -> int:
    """Return the whole seconds, from 1 on, that *value* states."""
    if not re.fullmatch("[1-9][0-9]{0,8}", value):
        raise UsageError(f"{name} is {_shorten(value)}: it takes whole seconds, from 1 on")
    return int(value)


def parse_postgres_url(name: str, value: str) -> str:
    """Return *value* if it is a URL that libpq accepts, of one or more hosts."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        if re.match(r"postgres(ql)?(\+\w+)?://", value) is None or not value.isprintable():
            raise ValueError
        parts = conninfo_to_dict(re.sub(r"^\w+(\+\w+)?://", "postgresql://", value))
        ports = [int(one) for one in str(parts.get("port") or "").split(",") if one]
        if not all(0 < one < PORTS for one in ports):
            raise ValueError
    except (ProgrammingError, ValueError):
        # libpq's own message quotes the URL, and with it the password.
        raise UsageError(f"{name} is no URL {POSTGRES_FORM}: {_shorten(without_password(value))}") from None
    return value


def parse_redis_url(name: str, value: str) -> str:
    """Return *value* if it is the URL of a server that speaks Redis's protocol."""
    try:
        parts = urlsplit(value)
        (parts.hostname or "").encode("idna")
        known = parts.scheme in ("redis", "rediss", "unix") and (parts.port is None or parts.port > 0)
    except ValueError:  # a port that does not exist, a bracket that does not close, an empty label as in a..b
        known = False
    if not known or not value.isprintable() or " " in value:
        raise UsageError(f"{name} is no URL {REDIS_FORM}: {_shorten(without_password(value))}")
    return value


def _shorten(value: str) -> str:
    return repr(value if len(value) <= 80 else value[:77] + "...")


HOME = Variable("PERFSTUDY_HOME", "The folder of all state that the project writes.", parse_folder)
STORE = Variable("PERFSTUDY_STORE", "Where results are stored: a file or any SQLAlchemy URL.", parse_text)
DATABASE_URL = Variable(
    "PERFSTUDY_DATABASE_URL", "A PostgreSQL server to use instead of the lab's.", parse_postgres_url
)
REDIS_URL = Variable("PERFSTUDY_REDIS_URL", "A Redis or Valkey server to use instead of the lab's.", parse_redis_url)
BROWSER = Variable("PERFSTUDY_BROWSER", "The program of a Chrome, Chromium or Edge to drive.", parse_path)

VARIANT = Variable("PERFSTUDY_VARIANT", "The variant that a service process serves.", parse_text)
SERVICE_DATABASE = Variable("PERFSTUDY_SERVICE_DATABASE", "The database of a service process.", parse_postgres_url)
SERVICE_REDIS = Variable("PERFSTUDY_SERVICE_REDIS", "The cache of a service process.", parse_redis_url)
SERVICE_SECRET = Variable("PERFSTUDY_SERVICE_SECRET", "The key that signs the service's tokens.", parse_text)
KEY_PREFIX = Variable("PERFSTUDY_KEY_PREFIX", "What every cache key starts with.", parse_text)
CACHE_SECONDS = Variable("PERFSTUDY_CACHE_SECONDS", "For how many seconds an answer is cached.", parse_seconds)
STATEMENT_LOG = Variable("PERFSTUDY_STATEMENT_LOG", "The file that a service writes its statements to.", parse_path)
INSTANCE = Variable("PERFSTUDY_INSTANCE", "Distinguishes services that share an address.", parse_text)
LOG = Variable("PERFSTUDY_LOG", "`line` or `json`: the form of the service's log.", choose_from("line", "json"))
LOG_SQL = Variable("PERFSTUDY_LOG_SQL", "`1` makes the service log its statements.", choose_from("0", "1"))

PAGE = Variable("PERFSTUDY_PAGE", "The folder of the page that a service shows.", parse_folder)
SEARCH = Variable(
    "PERFSTUDY_SEARCH", "`page` or `server`: where the page's text is searched.", choose_from("page", "server")
)

ALL: tuple[Variable[str] | Variable[Path] | Variable[int], ...] = (
    *(HOME, STORE, DATABASE_URL, REDIS_URL, BROWSER),
    *(VARIANT, SERVICE_DATABASE, SERVICE_REDIS, SERVICE_SECRET, KEY_PREFIX),
    *(CACHE_SECONDS, STATEMENT_LOG, INSTANCE, LOG, LOG_SQL),
    *(PAGE, SEARCH),
)
INHERITED = (HOME, LOG, LOG_SQL)
"""Variables that a child process that runs the package inherits unchanged."""
