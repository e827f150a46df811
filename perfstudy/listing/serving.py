"""What this home's processes serve, and requests to serve another variant.

A serving process writes a record into its session's folder, which only its owner can read and which is deleted after
the process has ended. A process that wants another variant writes a request next to it and waits for the answer.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfstudy.errors import PerfstudyError
from perfstudy.formatting import clock
from perfstudy.lab import processes
from perfstudy.lab.session import sessions_folder
from perfstudy.lab.state import State, is_locked, write
from perfstudy.listing.variant import Variant, parse

RECORD, WANTED = "serving.json", "wanted.json"
SWITCHING = 120.0
"""Seconds that a change of the variant may take: a start, and an index on millions of rows."""


@dataclass(frozen=True, kw_only=True)
class ServedVariant:
    """What a running process of this home serves; the URLs contain passwords."""

    folder: Path
    url: str
    variant: str
    scale: str
    tenant: str
    database: str
    redis: str
    prefix: str
    """What every key of its cache starts with."""
    counted: dict[str, int]
    """The hits and misses that Redis had counted before the first request."""
    log: str
    answered: int = 0
    error: str = ""


class ServingRecord:
    """The record of a serving process, which it updates while it takes requests."""

    def __init__(self, folder: Path, **known: Any) -> None:
        self._folder, self._known = folder, known

    def open(self, variant: str, log: Path) -> None:
        """Write down what is served."""
        self._change({"variant": variant, "log": str(log), "answered": 0, "error": ""})

    def serve(self, switch: Callable[[Variant], Mapping[str, Any]]) -> None:
        """Let *switch* serve a variant that was requested, and write down the result."""
        wanted = _read(self._folder / WANTED)
        if wanted is None or wanted["number"] <= self._known["answered"]:
            return
        try:
            changed = {**switch(parse(wanted["variant"])), "error": ""}
        except PerfstudyError as error:
            changed = {"error": str(error)}
        self._change({**changed, "answered": wanted["number"]})

    def close(self) -> None:
        """Delete the record."""
        (self._folder / RECORD).unlink(missing_ok=True)

    def _change(self, changes: Mapping[str, Any]) -> None:
        self._known |= changes
        write(self._folder / RECORD, json.dumps(self._known))


def list_served() -> list[ServedVariant]:
    """Return what this home's running processes serve, the latest first."""
    folders = [folder for folder in sessions_folder(State()).iterdir() if is_locked(folder / "lock")]
    records = [(folder, _read(folder / RECORD)) for folder in folders]
    found = [ServedVariant(folder=folder, **record) for folder, record in records if record is not None]
    return sorted(found, key=lambda one: one.folder.stat().st_ctime, reverse=True)


def find_served(url: str) -> ServedVariant | None:
    """Return what a process of this home serves at *url*; None if none does."""
    return next((one for one in list_served() if one.url == url.rstrip("/")), None)


def request_switch(one: ServedVariant, variant: Variant) -> ServedVariant:
    """Ask the process that serves *one* to serve *variant* instead.

    Return what it serves then.

    Raises:
        PerfstudyError: it could not, or did not answer.
    """
    number = one.answered + 1
    write(one.folder / WANTED, json.dumps({"number": number, "variant": variant.name}))

    def answered() -> bool:
        record = _read(one.folder / RECORD)
        return record is None or record["answered"] >= number

    if not processes.wait_until(answered, SWITCHING, interval=0.05):
        raise PerfstudyError(f"the process that serves {one.url} did not answer within {clock(SWITCHING)}; restart it")
    record = _read(one.folder / RECORD)
    if record is None:
        raise PerfstudyError(f"the process that served {one.url} has ended; start it again with `perfstudy serve`")
    if record["error"]:
        raise PerfstudyError(f"{one.url} still serves {record['variant']}: {record['error']}")
    return ServedVariant(folder=one.folder, **record)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
