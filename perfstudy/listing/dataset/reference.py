"""The reference data: the files of ``data/seeds`` as plain, validated values."""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from perfstudy.errors import PerfstudyError
from perfstudy.paths import seeds

STATUSES = ("CURRENT", "PAST", "FUTURE", "PAUSED")
PROGRAM_TYPES = ("BP", "EP", "CPC", "RCA", "CTA", "SLIDESHOW", "BH", "VL", "LOGO", "PORTFOLIO")
LONGEST = 255
"""The width of the columns that hold names, in characters."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The contents of the seed files, except scales and checksums.

    The files' comments say what each value means.
    """

    tenants: Mapping[str, Any]
    program_types: Mapping[str, Mapping[str, Any]]
    statuses: Mapping[str, Any]
    features: Mapping[str, Any]
    money: Mapping[str, Any]
    businesses: Mapping[str, Any]
    custom_names: Mapping[str, Any]
    names: tuple[tuple[str, str, int], ...]
    """First part of a business's name, its part of an address, and its weight."""
    categories: tuple[tuple[str, str], ...]
    """Alias of a category, and a noun for a business's name."""
    cities: tuple[tuple[str, str], ...]
    """A city's name, and its part of an address."""

    @property
    def tenant(self) -> str:
        """The name of the reference tenant."""
        return str(self.tenants["reference"]["name"])

    @property
    def first_day(self) -> date:
        """The day of the table's first program."""
        day: date = self.tenants["history"]["first_day"]
        return day

    @property
    def today(self) -> date:
        """The day on which the table was copied: running programs run on it."""
        day: date = self.tenants["history"]["today"]
        return day


@cache
def read_reference() -> Reference:
    """Return the reference data, read from ``data/seeds`` and checked.

    Raises:
        PerfstudyError: a file is missing, malformed or contradicts itself; the message names the file and the fault.
    """
    read = Reference(
        tenants=_toml("tenants.toml"),
        program_types=_toml("program_types.toml"),
        statuses=_toml("statuses.toml"),
        features=_toml("features.toml"),
        money=_toml("money.toml"),
        businesses=_toml("businesses.toml"),
        custom_names=_toml("custom_names.toml"),
        names=tuple((name, slug, int(weight)) for name, slug, weight in _table("names.csv", 3)),
        categories=tuple((alias, noun) for alias, noun in _table("categories.csv", 2)),
        cities=tuple((city, slug) for city, slug in _table("cities.csv", 2)),
    )
    check(read)
    return read


def check(read: Reference) -> None:
    """Raise PerfstudyError where the reference data contradicts itself."""
    tenant = read.tenants["reference"]
    statuses = tuple(tenant["statuses"])
    _require("tenants.toml", statuses == STATUSES, f"reference.statuses must be {', '.join(STATUSES)}, not {statuses}")
    total = sum(tenant["statuses"].values())
    _require(
        "tenants.toml", total == tenant["programs"], f"reference.statuses sum to {total}, not {tenant['programs']}"
    )
    types = tuple(read.program_types)
    _require("program_types.toml", types == PROGRAM_TYPES, f"the types must be {', '.join(PROGRAM_TYPES)}, not {types}")
    unknown = {f for entry in read.program_types.values() for f in entry["features"]} - set(read.features["active"])
    _require("program_types.toml", not unknown, f"features.toml does not know {', '.join(sorted(unknown))}")
    kinds = tuple(read.statuses["weights"])
    _require("statuses.toml", kinds == STATUSES, f"weights must name {', '.join(STATUSES)}, not {kinds}")
    _require("tenants.toml", read.first_day < read.today, "history.first_day must come before history.today")


def _require(file: str, holds: bool, fault: str) -> None:
    if not holds:
        raise PerfstudyError(f"{seeds() / file}: {fault}")


def _toml(file: str) -> dict[str, Any]:
    try:
        with (seeds() / file).open("rb") as opened:
            return tomllib.load(opened)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise PerfstudyError(f"{seeds() / file} cannot be read: {error}") from error


def _table(file: str, width: int) -> list[list[str]]:
    """Return the rows below the header of a CSV file, skipping comments before it."""
    try:
        text = (seeds() / file).read_text(encoding="utf-8")
    except OSError as error:
        raise PerfstudyError(f"{seeds() / file} cannot be read: {error}") from error
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    rows = list(csv.reader(lines))[1:]
    for row in rows:
        _require(file, len(row) == width, f"{row} has {len(row)} fields, not {width}")
    return rows
