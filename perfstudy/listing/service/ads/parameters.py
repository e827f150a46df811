"""The listing's parameters, declared once for validation and description."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from http import HTTPStatus
from typing import Any, Literal, Protocol
from urllib.parse import parse_qsl

from django.conf import settings
from django.utils.http import parse_etags

from perfstudy.errors import unknown
from perfstudy.listing.contract import ANY_STATUS, PROGRAM_TYPES, STATUSES, Position, Query
from perfstudy.listing.service.ads import cursors
from perfstudy.listing.service.problems import Problem, bad_parameter
from perfstudy.listing.variant import parse

MAX_LIMIT = 1000
MAX_OFFSET = 2**31 - 1
KNOWN = 1024
"""The number of query strings that are cached with their meaning."""

Path = Literal["all", "business", "type"]


class Kind(Protocol):
    """The accepted values of a parameter: in words, as JSON Schema, and as a parser."""

    @property
    def allowed(self) -> str:
        """The values in words, for people."""

    @property
    def schema(self) -> dict[str, Any]:
        """The values as JSON Schema, for machines."""

    def read(self, text: str) -> Any:
        """Return the value that *text* means, or raise ValueError."""


@dataclass(frozen=True)
class Integer:
    """A whole number from *low* to *high*, in decimal digits."""

    low: int
    high: int

    @property
    def allowed(self) -> str:
        return f"a whole number from {self.low} to {self.high}"

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}

    def read(self, text: str) -> int:
        # int() alone would also take '1_0', ' 1', '+1' and the digits of every script.
        if not re.fullmatch(r"[0-9]{1,10}", text) or not self.low <= int(text) <= self.high:
            raise ValueError(text)
        return int(text)


@dataclass(frozen=True)
class Boolean:
    """``true`` or ``false`` in any case, or ``1`` or ``0``."""

    @property
    def allowed(self) -> str:
        return "true, false, 1 or 0"

    @property
    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "boolean"}, {"type": "integer", "enum": [0, 1]}]}

    def read(self, text: str) -> bool:
        known = {"true": True, "1": True, "false": False, "0": False}
        if text.lower() not in known:
            raise ValueError(text)
        return known[text.lower()]


@dataclass(frozen=True)
class Choice:
    """One of *values*, in capitals."""

    values: tuple[str, ...]

    @property
    def allowed(self) -> str:
        return f"{', '.join(self.values[:-1])} or {self.values[-1]}"

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.values)}

    def read(self, text: str) -> str:
        if text not in self.values:
            raise ValueError(text)
        return text


@dataclass(frozen=True)
class Text:
    """Text of 1 to *longest* characters; NUL is none, for PostgreSQL cannot hold it."""

    longest: int

    @property
    def allowed(self) -> str:
        return f"1 to {self.longest} characters other than NUL"

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": self.longest, "pattern": r"^[^\u0000]+$"}

    def read(self, text: str) -> str:
        if not 1 <= len(text) <= self.longest or "\0" in text:
            raise ValueError(text)
        return text


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter of the listing: its name in the URL and in ``Query``, and its kind."""

    name: str
    field: str
    kind: Kind
    default: Any = None
    description: str

    def read(self, text: str) -> Any:
        """Return the value that *text* means.

        Raises:
            Problem: 400, naming the parameter, the value and what is allowed.
        """
        try:
            return self.kind.read(text)
        except ValueError:
            raise bad_parameter(self.name, text, self.kind.allowed) from None


PARAMETERS: tuple[Parameter, ...] = (
    Parameter(
        name="offset",
        field="offset",
        kind=Integer(0, MAX_OFFSET),
        default=0,
        description="How many programs come before the page.",
    ),
    Parameter(
        name="limit",
        field="limit",
        kind=Integer(1, MAX_LIMIT),
        default=20,
        description="How many programs a page holds at most.",
    ),
    Parameter(
        name="all",
        field="everything",
        kind=Boolean(),
        default=False,
        description="All programs in one page; offset and limit are then ignored.",
    ),
    Parameter(
        name="program_status",
        field="status",
        kind=Choice((*STATUSES, ANY_STATUS)),
        default="CURRENT",
        description=f"Only programs of this status; {ANY_STATUS} for every status.",
    ),
    Parameter(
        name="business_id",
        field="business_id",
        kind=Text(64),
        description="Only programs of this business; an unknown one has an empty page.",
    ),
    Parameter(
        name="program_type",
        field="program_type",
        kind=Choice((*PROGRAM_TYPES, ANY_STATUS)),
        default=ANY_STATUS,
        description=f"Only programs of this type; {ANY_STATUS} for every type.",
    ),
    Parameter(
        name="search",
        field="search",
        kind=Text(64),
        description="Only programs of businesses whose id or name contains this text, in any case.",
    ),
)

AFTER = Parameter(
    name="after",
    field="after",
    kind=Text(cursors.LONGEST),
    description="Where the page begins, as the Link of the page before gives it; in place of offset, and not with all.",
)

BY_NAME = {parameter.name: parameter for parameter in PARAMETERS}
FURTHER = {AFTER.name: AFTER}
"""The parameters that an optimization may add."""


def declared() -> tuple[Parameter, ...]:
    """Return the parameters that this process takes."""
    return tuple(_accepted(settings.PERFSTUDY_VARIANT).values())


@cache
def _accepted(variant: str) -> Mapping[str, Parameter]:
    """Return the parameters that *variant* accepts, by name.

    They are the baseline's and those that its optimizations add.
    """
    return BY_NAME | {name: FURTHER[name] for o in parse(variant) for name in o.parameters}


def parse_query(query_string: str, if_none_match: str, tenant: str) -> Query:
    """Return the query of a request of *tenant*.

    Raises:
        Problem: 400, for a parameter that is unknown, occurs twice, or has a value that is not allowed.
    """
    values = _read_values(query_string, settings.PERFSTUDY_VARIANT)
    if values.get("after") is not None:
        values = {**values, "after": _read_position(values, parse_parameters(query_string), tenant)}
    return Query(tenant=tenant, known=tuple(parse_etags(if_none_match)) if if_none_match else (), **values)


def parse_parameters(query_string: str) -> Mapping[str, str]:
    """Return the parameters of *query_string* as they were sent.

    Raises:
        Problem: 400, for one that is unknown or stands twice.
    """
    return _parse_once(query_string, settings.PERFSTUDY_VARIANT)


def path_of(query: Query) -> Path:
    """Return which of the listing's three paths serves *query*."""
    if query.business_id is not None:
        return "business"
    return "type" if query.program_type is not None else "all"


@lru_cache(maxsize=KNOWN)
def _read_values(query_string: str, variant: str) -> Mapping[str, Any]:
    """Return the value of each parameter, cached, since few query strings are common."""
    sent = _parse_once(query_string, variant)
    values = {p.field: p.read(sent[p.name]) if p.name in sent else p.default for p in _accepted(variant).values()}
    if values["program_type"] == ANY_STATUS:
        values["program_type"] = None
    return values


@lru_cache(maxsize=KNOWN)
def _parse_once(query_string: str, variant: str) -> Mapping[str, str]:
    return _pairs(query_string, _accepted(variant))


def _read_position(values: Mapping[str, Any], sent: Mapping[str, str], tenant: str) -> Position:
    if "offset" in sent or values["everything"]:
        raise bad_parameter("after", values["after"], "neither together with offset nor with all")
    try:
        return cursors.read_cursor(values["after"], tenant)
    except ValueError:
        raise bad_parameter("after", values["after"], "a cursor that this tenant was given") from None


def _pairs(query_string: str, taken: Mapping[str, Parameter]) -> Mapping[str, str]:
    """Return the parameters of *query_string* as sent, each known and given once."""
    found: dict[str, str] = {}
    for name, value in _decode(query_string):
        if name not in taken:
            detail = str(unknown("parameter", name, taken))
            raise Problem(
                HTTPStatus.BAD_REQUEST, detail, parameter=name, value=value, allowed=f"only {', '.join(taken)}"
            )
        if name in found:
            raise bad_parameter(name, value, f"once only, and it was {found[name]!r} already")
        found[name] = value
    return found


def _decode(query_string: str) -> list[tuple[str, str]]:
    # Django's own request.GET would put U+FFFD where the bytes are no text, and answer another question.
    try:
        text = query_string.encode("latin-1").decode()
        return parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeError:
        detail = "The query is not valid UTF-8; encode it as UTF-8, then percent-encode it."
        raise Problem(
            HTTPStatus.BAD_REQUEST, detail, parameter=None, value=query_string, allowed="UTF-8, percent-encoded"
        ) from None
