"""Check a run before its first request, and write its schedule."""

import secrets
import string
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from perfstudy.errors import UsageError
from perfstudy.results import schema
from perfstudy.results.cells import PlannedCell
from perfstudy.results.names import NAME


def make_id(study: str, scale: str, created: datetime) -> str:
    """Return a new run's id: study, scale, date and time, four random letters.

    Raises:
        UsageError: the study's or the scale's name cannot be part of an id.
    """
    for kind, name in (("study", study), ("scale", scale)):
        if not NAME.fullmatch(name):
            raise UsageError(f"the {kind} {name!r} cannot be stored: a name is lower-case letters, digits, - and _")
    letters = "".join(secrets.choice(string.ascii_lowercase) for _ in range(4))
    return f"{study}-{scale}-{created.astimezone(UTC):%Y%m%d-%H%M%S}-{letters}"


def add_schedule(session: Session, run: str, cells: Sequence[PlannedCell]) -> None:
    """Write the blocks and the cells of a run."""
    session.add_all(schema.Block(run=run, number=number) for number in sorted({cell.block for cell in cells}))
    session.flush()
    session.add_all(schema.Cell(run=run, number=number, **vars(cell)) for number, cell in enumerate(cells))


def check_schedule(schedule: Sequence[PlannedCell]) -> list[PlannedCell]:
    if not schedule:
        raise UsageError("the schedule has no cell: give at least one variant, one scenario and one block")
    seen = set()
    for cell in schedule:
        if cell.key in seen:
            raise UsageError(f"the schedule has this cell twice: {cell}")
        seen.add(cell.key)
    return list(schedule)


def name_scales(cells: Sequence[PlannedCell], declaration: Mapping[str, Any]) -> str:
    found = sorted({cell.scale for cell in cells})
    declared = declaration.get("scales")
    if isinstance(declared, list | tuple) and set(declared) == set(found):
        found = list(declared)
    return found[0] if len(found) == 1 else f"{found[0]}-to-{found[-1]}"
