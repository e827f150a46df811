"""What can be completed with the tab key: names out of the declarations, cheap to list."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer

from perfstudy.errors import UsageError
from perfstudy.model import variables

# Written out, because the declarations would cost the command line its quick start; a test compares.
SCALE_NAMES = ("tiny", "small", "medium", "large")
SCENARIO_NAMES = (
    *("page", "all", "business", "type"),
    *("page-known", "page-gzip", "all-known", "all-gzip"),
)
LISTING = "/api/programs"
SERVICE, TENANT = "listing", "agency-2671"
"""The tenant that every scale has."""
STUDY_NAMES = ("ladder", "factorial", "each", "beyond", "headers", "aa", "scale", "depth", "size")


def complete(names: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """Return the completion of a word out of *names*, which are asked for only then."""
    return lambda incomplete: [name for name in names() if name.startswith(incomplete)]


def variant_names() -> list[str]:
    """Return the variants that the study looks at."""
    from perfstudy.model.catalog import catalogs

    return [name for catalog in catalogs().values() for name in catalog.arm_names()]


def _run_ids() -> list[str]:
    from perfstudy.results import Store

    with Store.open(read_only=True) as store:
        return list(store.runs()["run"])


def _option(help: str, names: Callable[[], Iterable[str]]) -> Any:
    return typer.Option(help=help, autocompletion=complete(names))


Scale = Annotated[str, _option("How many rows the table holds: tiny, small, medium or large.", lambda: SCALE_NAMES)]
VariantName = Annotated[
    str,
    _option(
        "Optimizations joined by +, `baseline`, `all` or `best`; `perfstudy list optimizations` has their names.",
        variant_names,
    ),
]
ScenarioName = Annotated[
    str, _option("Which request: page, all, business, type or page@OFFSET.", lambda: SCENARIO_NAMES)
]
FORMATS = ("table", "markdown", "json", "csv")
Format = Annotated[str, _option(f"One of {', '.join(FORMATS)}.", lambda: FORMATS)]
StoreUrl = Annotated[
    str | None,
    typer.Option("--store", help="Where results are kept: a file or any SQLAlchemy URL.", envvar=variables.STORE.name),
]
RunId = Annotated[
    str,
    typer.Argument(help="A run's id, the unique beginning of one, or `latest`.", autocompletion=complete(_run_ids)),
]


def issue_bearer(token: str | None) -> str:
    """Return *token*, or where none is given the one that this home's services take for :data:`TENANT`.

    Raises:
        UsageError: *token* cannot be sent.
    """
    if token is not None:
        if not token.isascii() or not token.isprintable() or " " in token:
            raise UsageError("--token is no bearer token: `perfstudy token TENANT` prints one")
        return token
    from perfstudy.lab import secret
    from perfstudy.model.catalog import find_catalog

    return find_catalog(SERVICE).service.token(TENANT, secret())
