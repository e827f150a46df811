"""Check a run that comes in a file before anything of it is stored.

A file can be written by anyone: a name must not lead out of a folder or steer a terminal, and a number must be one that
every later step can work with.
"""

import re
from collections.abc import Mapping
from typing import Any

from perfstudy.errors import UsageError
from perfstudy.model.control_characters import is_name
from perfstudy.model.shard import SHARD
from perfstudy.results.machines import CONDITIONS, MACHINES
from perfstudy.results.names import ID, NAME, VARIANT

MARK = "imported"
"""The note of a run that came in a file; it belongs to the store, so no export has it."""

LONGEST = 512
"""Characters of a name: a variant with every optimization has fewer."""
LARGEST = 2**63 - 1
LONGEST_NUMBER = 20
"""Digits."""
SIZE = re.compile(r"@(\d+)\Z", re.ASCII)
NAMES = ("label", "variant", "scale", "scenario", "temperature", "key")
MAPPINGS = {
    "run": ("declaration", "telemetry_before", "telemetry_after"),
    "samples": ("server_timing",),
    "evidence": ("evidence",),
    "costs": ("row",),
    "verdicts": ("row",),
}
"""Columns that hold a mapping, where their type would take any value."""


class NotAnExport(UsageError):  # noqa: N818 - what it is, as people meet it
    """A file that cannot be imported, with the reason; the store is as it was."""


def check(body: Mapping[str, Any]) -> None:
    """Check the names and the numbers of a document without its heading.

    Raises:
        NotAnExport: with the reason.
    """
    _check_run(body["run"])
    _check_passing(body)
    _check_notes({row["key"]: row["value"] for row in body["notes"]})
    for table in body:
        rows = [body["run"]] if table == "run" else body[table] if table != "environment" else []
        for row in rows:
            _check_mappings(table, row)
            _check_names(row)
    for sample in body["samples"]:
        _check_timing(sample)


def _check_run(run: Mapping[str, Any]) -> None:
    id = run["id"]
    if not (isinstance(id, str) and ID.fullmatch(id)):
        raise NotAnExport(f"holds a run with an id that is none: {id!r}")
    for kind in ("study", "scale"):
        if not NAME.fullmatch(run[kind]):
            raise NotAnExport(f"names a {kind} that is none: {run[kind]!r}")
    if not id.startswith(f"{run['study']}-{run['scale']}-"):
        raise NotAnExport(f"holds a run with an id of another study: {id!r}")
    for variant in run["declaration"].get("variants") or ():
        if not VARIANT.fullmatch(variant):
            raise NotAnExport(f"names a variant that is none: {variant!r}")


def _check_passing(body: Mapping[str, Any]) -> None:
    cpus = body["environment"].get("cpus")
    if not (cpus is None or _is_number(cpus)):
        raise NotAnExport(f"counts CPUs as {cpus!r}")
    for when in ("telemetry_before", "telemetry_after"):
        _check_telemetry(body["run"][when] or {})


def _check_telemetry(telemetry: Mapping[str, Any]) -> None:
    for name, value in telemetry.items():
        is_load = name == "load" and isinstance(value, list) and value
        if not all(_is_number(one) for one in (value if is_load else [value])):
            raise NotAnExport(f"has {value!r} where a number belongs: {name}")


def _check_notes(notes: Mapping[str, Any]) -> None:
    """Check the notes that say which blocks of a run were measured, and where."""
    shard = notes.get(SHARD)
    if shard is not None:
        number, of = shard["number"], shard["of"]
        if not (type(number) is int and type(of) is int and 1 <= number <= of <= LARGEST):
            raise NotAnExport(f"is shard {number!r} of {of!r}, and there is none")
    for row in notes.get(MACHINES) or ():
        blocks = row["blocks"]
        if not isinstance(row["identity"], dict) or not all(type(block) is int for block in blocks):
            raise NotAnExport(f"has a machine that is none: {str(row)[:40]!a}")
        for conditions in row.get(CONDITIONS) or ():
            _check_telemetry(conditions)


def _check_mappings(table: str, row: Mapping[str, Any]) -> None:
    for name in MAPPINGS.get(table, ()):
        if not isinstance(row[name], dict) and not (row[name] is None and name == "telemetry_after"):
            raise NotAnExport(f"has {row[name]!r} where a mapping belongs: {name}")


def _check_names(row: Mapping[str, Any]) -> None:
    for name in NAMES:
        value = row.get(name, "")
        if not isinstance(value, str):
            raise NotAnExport(f"has {value!r} where a name belongs: {name}")
        if not is_name(value) or len(value) > LONGEST:
            raise NotAnExport(f"has a {name} that cannot be shown: {value[:40]!a}")
    if row.get("key") == MARK:
        raise NotAnExport(f"has a note {MARK!r}, which no export has")
    if "scenario" in row and (size := _size(row["scenario"])) > LARGEST:
        raise NotAnExport(f"has a scenario with a number that is too large: {size}")


def _size(scenario: str) -> int:
    """Return the number at the end of the name of a *scenario*, 0 where it has none."""
    found = SIZE.search(scenario)
    return int(found[1]) if found and len(found[1]) < LONGEST_NUMBER else LARGEST + 1 if found else 0


def _check_timing(sample: Mapping[str, Any]) -> None:
    for name in ("n", "warmups", "bytes", "errors"):
        if sample[name] < 0:
            raise NotAnExport(f"has a cell with {sample[name]} {name}")
    first = [] if sample["first_ns"] is None else [sample["first_ns"]]
    for nanoseconds in (*first, *sample["nanoseconds"]):
        if not (type(nanoseconds) is int and 0 < nanoseconds <= LARGEST):
            raise NotAnExport(f"has a response time that is none: {nanoseconds!r} ns")
    for part, value in sample["server_timing"].items():
        if not (value is None or _is_number(value)):
            raise NotAnExport(f"has {value!r} where a number belongs: {part}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) <= LARGEST
