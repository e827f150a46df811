"""The fields that a write may set, declared once for validation and description."""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from perfstudy.errors import unknown
from perfstudy.listing.contract import PROGRAM_TYPES, STATUSES
from perfstudy.listing.service.problems import bad_field

MAX_CENTS = 10**12 - 1
"""What a numeric(12, 2) holds, in cents."""
MAX_COUNT = 2**31 - 1
LARGEST = sys.float_info.max
"""The largest number in an array: one beyond it would become infinite in most clients."""

ARRAY = f"an array without NUL in it, and without numbers beyond {LARGEST}"

TEXT = r"^[^\u0000]*$"
"""The pattern of a text that PostgreSQL holds."""

VALUE = "#/components/schemas/Value"
"""The reference to the schema of an array's items in the description."""

Read = Callable[[Any], Any]
"""From a JSON value to the column's value; raises ValueError where it is none."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of a program: its JSON name, its column, and its accepted values."""

    name: str
    column: str
    read: Read
    schema: Mapping[str, Any]
    allowed: str
    required: bool = False

    def value(self, given: Any) -> Any:
        """Return the column's value for *given*, None for null where null is allowed.

        Raises:
            Problem: 400, naming the field, the value and what is allowed.
        """
        if given is None and not self.required:
            return None
        try:
            return self.read(given)
        except ValueError:
            allowed = self.allowed if self.required else f"{self.allowed}, or null"
            raise bad_field(self.name, given, allowed) from None


def _text(longest: int) -> Read:
    def read(given: Any) -> str:
        if not isinstance(given, str) or not 1 <= len(given) <= longest:
            raise ValueError
        _storable(given)
        return given

    return read


def _storable(given: str) -> None:
    """Refuse what PostgreSQL cannot hold as text: NUL, and half a surrogate pair."""
    if "\0" in given:
        raise ValueError
    given.encode()  # UnicodeEncodeError is a ValueError


def _choice(values: tuple[str, ...]) -> Read:
    def read(given: Any) -> str:
        if given not in values:
            raise ValueError
        return str(given)

    return read


def _whole(highest: int) -> Read:
    def read(given: Any) -> int:
        # 1.0 is a whole number in JSON Schema, and in JavaScript the same as 1.
        if type(given) not in (int, float) or not 0 <= given <= highest or given != int(given):
            raise ValueError
        return int(given)

    return read


def _cents(given: Any) -> Decimal:
    return Decimal(_whole(MAX_CENTS)(given)).scaleb(-2)


def _day(given: Any) -> date:
    # date.fromisoformat alone would also take 20240101 and 2024-W01-1.
    if not isinstance(given, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", given):
        raise ValueError
    return date.fromisoformat(given)


def _truth(given: Any) -> bool:
    if not isinstance(given, bool):
        raise ValueError
    return given


def _array(given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise ValueError
    _storable_json(given)
    return given


def _storable_json(given: Any) -> None:
    if isinstance(given, str):
        _storable(given)
    elif isinstance(given, int | float) and abs(given) > LARGEST:
        raise ValueError
    elif isinstance(given, list | dict):
        for part in given if isinstance(given, list) else [*given, *given.values()]:
            _storable_json(part)


def text(name: str, longest: int, *, column: str = "", required: bool = False) -> Field:
    """Return a field of 1 to *longest* characters."""
    schema = {"type": "string", "minLength": 1, "maxLength": longest, "pattern": TEXT}
    return Field(
        name=name,
        column=column or name,
        read=_text(longest),
        schema=schema,
        allowed=f"a text of 1 to {longest} characters other than NUL",
        required=required,
    )


def choice(name: str, values: tuple[str, ...], *, column: str = "") -> Field:
    """Return a required field that takes one of *values*."""
    allowed = f"{', '.join(values[:-1])} or {values[-1]}"
    return Field(
        name=name,
        column=column or name,
        read=_choice(values),
        schema={"enum": list(values)},
        allowed=allowed,
        required=True,
    )


def number(name: str, highest: int = MAX_COUNT) -> Field:
    """Return a field that takes whole numbers from 0 to *highest*."""
    schema = {"type": "integer", "minimum": 0, "maximum": highest}
    return Field(
        name=name, column=name, read=_whole(highest), schema=schema, allowed=f"a whole number from 0 to {highest}"
    )


def money(name: str) -> Field:
    """Return a field for an amount in cents, stored in units of the currency."""
    schema = {"type": "integer", "minimum": 0, "maximum": MAX_CENTS}
    return Field(name=name, column=name, read=_cents, schema=schema, allowed=f"cents from 0 to {MAX_CENTS}")


def day(name: str) -> Field:
    """Return a field that takes a date."""
    return Field(
        name=name,
        column=name,
        read=_day,
        schema={"type": "string", "format": "date", "pattern": r"^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
        allowed="a date as YYYY-MM-DD",
    )


def truth(name: str) -> Field:
    """Return a field that takes true or false."""
    return Field(name=name, column=name, read=_truth, schema={"type": "boolean"}, allowed="true or false")


def array(name: str) -> Field:
    """Return a field for a JSON array, which Python or PostgreSQL encodes unchanged."""
    schema = {"type": "array", "items": {"$ref": VALUE}}
    return Field(name=name, column=name, read=_array, schema=schema, allowed=ARRAY)


IDENTITY = text("program_id", 64, required=True)

SYNCED: tuple[Field, ...] = (
    IDENTITY,
    choice("program_type", PROGRAM_TYPES, column="program_name"),
    text("yelp_business_id", 64, required=True),
    choice("status", STATUSES),
    text("program_status", 16),
    text("program_pause_status", 16),
    day("start_date"),
    day("end_date"),
    text("custom_name", 255),
    money("budget"),
    money("max_bid"),
    money("ad_cost"),
    text("currency", 3),
    truth("is_autobid"),
    number("billed_impressions"),
    number("billed_clicks"),
    text("fee_period", 32),
    array("businesses"),
    array("active_features"),
    array("available_features"),
)
"""The fields of a program in a sync; those that are not required may be missing, and are then null."""

CHANGEABLE: tuple[Field, ...] = tuple(f for f in SYNCED if f.name in ("status", "custom_name", "budget"))
"""The fields that a single program's update may set."""


def columns(given: Mapping[str, Any], fields: tuple[Field, ...], *, partial: bool) -> dict[str, Any]:
    """Return the values of *given* by column; if *partial*, of the given fields only.

    Raises:
        Problem: 400, for a field that is unknown, missing, or has a value that is not allowed.
    """
    known = {field.name: field for field in fields}
    for name in given:
        if name not in known:
            raise bad_field(name, given[name], f"only {', '.join(known)}", str(unknown("field", name, known)))
    return {f.column: f.value(given.get(f.name)) for f in fields if not partial or f.name in given}
