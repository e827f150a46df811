"""Read results of the first schema as those of the second.

In the first schema the control was called ``baseline (again)``, a competitor ``rival:NAME``, and an arm was a label and
a variant, without its role and factors. Stores are converted when they are first opened for writing, exports and
published sets when they are read; no number is touched. Published sets of before the verdict *ruled out* have
*inconclusive* in its place.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select, update

from perfstudy.model.arm import CONTROL_SUFFIX
from perfstudy.model.catalog import find_catalog
from perfstudy.model.labels import REFERENCE, split_factors
from perfstudy.results import schema
from perfstudy.results.plain import plain

if TYPE_CHECKING:
    import pandas as pd

FIRST = 1
"""The schema whose names are converted."""
OLD_CONTROL, OLD_COMPETITOR = " (again)", "rival:"
SERVICE = "listing"
"""The only service that there was."""
OLD_PACKAGE, PACKAGE = "benchmarks.rivals.", "benchmarks.competitors."
"""What runs name in the commands of competitors: the package that it was called first, and what it is called now."""
NAMED: dict[str, tuple[str, ...]] = {"cells": ("label", "variant"), "exclusions": ("variant",)}
NAMED |= {"evidence": ("variant",), "plans": ("variant",)}
"""The columns of an export's tables that hold names of arms."""


def convert_name(name: str) -> str:
    """Return what the arm or label that was called *name* is called now."""
    stem = name.removeprefix(OLD_COMPETITOR)
    return stem.removesuffix(OLD_CONTROL) + CONTROL_SUFFIX if stem.endswith(OLD_CONTROL) else stem


def convert_rows(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return *rows* with the names in *columns* as they are now."""
    return [row | {column: convert_name(row[column]) for column in columns} for row in rows]


def convert_declaration(old: Mapping[str, Any]) -> dict[str, Any]:
    """Return the declaration of a study as it is written now."""
    if "service" in old:
        return dict(old) | {"arms": [_convert_command(arm) for arm in old.get("arms") or ()]}
    catalog = find_catalog(SERVICE)
    arms = [_convert_arm(arm) for arm in old.get("arms") or ()]
    used = {factor for arm in arms for factor in arm["factors"]}
    declared = catalog.studies[REFERENCE_STUDY].declaration()
    others = {name: value for name, value in old.items() if name != "arms"}
    added = {name: declared[name] for name in ("claims", "ladder")}
    factors = [name for name in catalog.factors if name in used]
    # As it is stored, so that the run of an export is the same before and after.
    return dict(plain({"variants": []} | others | added | {"service": SERVICE, "arms": arms, "factors": factors}))


REFERENCE_STUDY = "ladder"
"""The study whose claims and ladder are those of every study of the first schema."""


def _convert_arm(old: Mapping[str, Any]) -> dict[str, Any]:
    label, name = convert_name(old["label"]), convert_name(old["variant"])
    rival = old.get("rival")
    if rival:
        given = {key: rival[key] for key in ("title", "command", "scenarios") if key in rival}
        schema_of = find_catalog(SERVICE).service.arm(rival.get("schema", REFERENCE)).schema
        competitor = {"role": "competitor", "factors": [], "caches": rival.get("caches", False), "schema": schema_of}
        return {"label": label, "name": name} | competitor | _convert_command(given)
    factors = list(split_factors(name))
    role = "control" if label.endswith(CONTROL_SUFFIX) else "variant" if factors else "reference"
    caches = find_catalog(SERVICE).service.arm(name).caches
    return {"label": label, "name": name, "role": role, "factors": factors, "caches": caches}


def _convert_command(arm: Mapping[str, Any]) -> dict[str, Any]:
    if "command" not in arm:
        return dict(arm)
    return dict(arm) | {"command": [word.replace(OLD_PACKAGE, PACKAGE) for word in arm["command"]]}


def convert_verdicts(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return the verdicts of a published set in the words of today.

    What was *inconclusive* is *ruled out* where the interval lies below the claimed range: row 3a of
    :mod:`perfstudy.analysis.verdict`, which came later.
    """
    if frame.empty or "claimed_low" not in frame:
        return frame
    below = frame["verdict"].eq("inconclusive") & frame["high"].lt(frame["claimed_low"])
    return frame.assign(verdict=frame["verdict"].mask(below, "ruled out"))


def convert_document(document: dict[str, Any]) -> dict[str, Any]:
    """Return the body of an export of the first schema as one of the second."""
    converted = {name: convert_rows(document[name], columns) for name, columns in NAMED.items()}
    run = document["run"] | {"declaration": convert_declaration(document["run"]["declaration"])}
    return document | converted | {"run": run}


def upgrade(connection: Connection) -> None:
    """Convert a store of the first schema in place, in one transaction."""
    columns = [schema.Cell.label, schema.Cell.variant, schema.Exclusion.variant]
    for column in (*columns, schema.Evidence.variant, schema.Plan.variant):
        for (name,) in connection.execute(select(column).distinct()).all():
            if convert_name(name) != name:
                connection.execute(update(column.class_).where(column == name).values({column.key: convert_name(name)}))
    for id, declaration in connection.execute(select(schema.Run.id, schema.Run.declaration)).all():
        changed = convert_declaration(declaration)
        connection.execute(update(schema.Run).where(schema.Run.id == id).values(declaration=changed))
    connection.execute(update(schema.SchemaVersion).values(version=schema.VERSION))
