"""``perfstudy list``: what is declared, stored and published."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from perfstudy import formatting
from perfstudy.commands import choices, output
from perfstudy.errors import unknown
from perfstudy.model.labels import name_arm, shorten, split_factors

if TYPE_CHECKING:
    import pandas as pd

TOPICS = ("optimizations", "claims", "studies", "scenarios", "scales", "variants", "runs", "published")


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command("list", epilog="Example: `perfstudy list claims --format json`")(list_)


def list_(
    topic: Annotated[
        str,
        typer.Argument(help=f"One of {', '.join(TOPICS)}.", autocompletion=choices.complete(lambda: TOPICS)),
    ] = "optimizations",
    format: choices.Format = "table",
    store: choices.StoreUrl = None,
) -> None:
    """List what there is: optimizations, claims, studies, runs and others."""
    output.check_format(format, choices.FORMATS)
    if topic not in TOPICS:
        raise unknown("topic", topic, TOPICS)
    columns, optional = TABLES.get(topic, (None, ())) if format == "table" else (None, ())
    output.show_table(_list_topic(topic, store), format, columns, optional=optional)


def _say_cells(row: Any) -> str:
    return f"{row['cells']:,}" if row["measured"] == row["cells"] else f"{row['measured']:,} of {row['cells']:,}"


def _name_side(side: str) -> str:
    """Return an arm and its temperature in short: ``everything, warm``."""
    name, temperature = side.rsplit(" ", 1)
    return f"{name_arm(name)}, warm" if temperature == "(warm)" else name_arm(name)


TABLES: dict[str, tuple[dict[str, output.Cell], tuple[str, ...]]] = {
    "runs": (
        {
            "run": lambda r: r["run"],
            "scale": lambda r: r["scale"],
            "blocks": lambda r: str(r["blocks"]),
            "cells": _say_cells,
            "finished": lambda r: formatting.cell(r["finished_at"]) or "no",
            "environment": lambda r: r["environment"][:12],
        },
        ("environment", "scale"),
    ),
    "published": (
        {name: output.cell_of(name) for name in ("name", "scale", "blocks", "cells", "run")},
        ("cells", "scale"),
    ),
    "variants": (
        {"name": lambda r: shorten(r["name"]), "optimizations": output.cell_of("optimizations")},
        ("optimizations",),
    ),
    "studies": (
        {name: output.cell_of(name) for name in ("name", "title", "variants", "scenarios", "scales", "blocks")},
        ("scales", "blocks", "variants", "scenarios"),
    ),
    "claims": (
        {
            "claim": lambda r: r["claim"],
            "claimed": lambda r: r["claimed"],
            "variant": lambda r: _name_side(r["variant"]),
            "reference": lambda r: _name_side(r["reference"]),
            "quote": lambda r: r["quote"],
            "source": lambda r: r["source"],
        },
        ("source", "reference", "variant"),
    ),
}
"""The columns of a table whose topic has more than a terminal has room for, and those that may be left out."""


def _list_topic(topic: str, store: str | None) -> "pd.DataFrame":
    import pandas as pd

    if topic == "runs":
        from perfstudy.results import Store

        with Store.open(store) as opened:
            return opened.runs()
    rows: dict[str, Any] = {
        "optimizations": _optimizations,
        "claims": _claims,
        "studies": _studies,
        "scenarios": _scenarios,
        "scales": _scales,
        "variants": _variants,
        "published": _list_published,
    }
    return pd.DataFrame(rows[topic]())


def _optimizations() -> list[dict[str, Any]]:
    from perfstudy.model.catalog import load_catalogs

    return [row for catalog in load_catalogs().values() for row in catalog.describe_factors()]


def _claims() -> list[dict[str, Any]]:
    from perfstudy.model.catalog import list_claims

    return [
        {
            "claim": c.id,
            "claimed": c.range,
            "variant": f"{c.variant} ({c.temperature})",
            "reference": f"{c.reference} ({c.reference_temperature})",
            "quote": c.quote,
            "source": c.source,
        }
        for c in list_claims()
    ]


def _studies() -> list[dict[str, Any]]:
    from perfstudy.model.catalog import load_studies

    return [
        {
            "name": s.name,
            "title": s.title,
            "variants": len(s.arms),
            "scenarios": ", ".join(s.scenario_names),
            "scales": ", ".join(s.scales),
            "blocks": s.blocks,
        }
        for s in load_studies().values()
    ]


def _scenarios() -> list[dict[str, Any]]:
    from perfstudy.model.catalog import load_catalogs

    found = [one.service.scenario(name) for one in load_catalogs().values() for name in one.every_scenario]
    return [{"name": s.name, "summary": s.summary, "warm-up requests": s.warmups} for s in found]


def _scales() -> list[dict[str, Any]]:
    from perfstudy.model.catalog import load_catalogs

    every = [scale for one in load_catalogs().values() for scale in one.service.data.rows.items()]
    return [{"name": name, "rows": rows} for name, rows in every]


def _variants() -> list[dict[str, Any]]:
    from perfstudy.model.catalog import arm_names

    return [{"name": name, "optimizations": len(split_factors(name))} for name in arm_names()]


def _list_published() -> list[dict[str, Any]]:
    from perfstudy.results.published import list_published, load_published

    found = [load_published(name) for name in list_published()]
    return [
        {"name": s.name, "study": s.study, "scale": s.scale, "blocks": s.blocks, "cells": len(s.cells), "run": s.id}
        for s in found
    ]
