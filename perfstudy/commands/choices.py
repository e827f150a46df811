"""What can be completed with the tab key: names out of the declarations, cheap to list."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer

from perfstudy.optimizations import ALL

SCALE_NAMES = ("tiny", "small", "medium", "large")
SCENARIO_NAMES = ("page", "all", "business", "type")
STUDY_NAMES = ("ladder", "factorial", "each", "aa", "scale", "depth")


def _starting(names: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    return lambda incomplete: [name for name in names() if name.startswith(incomplete)]


def _variant_names() -> list[str]:
    from perfstudy.variant import variants

    return [variant.name for variant in variants()]


def _run_ids() -> list[str]:
    from perfstudy.results import Store

    with Store.open(read_only=True) as store:
        return list(store.runs()["run"])


def _option(help: str, names: Callable[[], Iterable[str]]) -> Any:
    return typer.Option(help=help, autocompletion=_starting(names))


Scale = Annotated[str, _option("How many rows the table holds: tiny, small, medium or large.", lambda: SCALE_NAMES)]
VariantName = Annotated[
    str,
    _option(
        f"Optimizations joined by +, `baseline` or `all`. There are {', '.join(o.name for o in ALL)}.", _variant_names
    ),
]
ScenarioName = Annotated[
    str, _option("Which request: page, all, business, type or page@OFFSET.", lambda: SCENARIO_NAMES)
]
StoreUrl = Annotated[
    str | None,
    typer.Option("--store", help="Where results are kept: a file or any SQLAlchemy URL.", envvar="PERFSTUDY_STORE"),
]
RunId = Annotated[
    str,
    typer.Argument(help="A run's id, the unique beginning of one, or `latest`.", autocompletion=_starting(_run_ids)),
]


def variants_starting(incomplete: str) -> list[str]:
    """Return the variants whose names start with *incomplete*."""
    return [name for name in _variant_names() if name.startswith(incomplete)]
