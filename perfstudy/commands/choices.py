"""Declare options and arguments that several commands take."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from perfstudy.errors import UsageError
from perfstudy.model import variables


def complete(names: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """Return the completion of a word out of *names*, which are asked for only then."""
    return lambda incomplete: [name for name in names() if name.startswith(incomplete)]


def complete_from(name: str) -> Callable[[str], list[str]]:
    """Return the completion of a word by a function of the catalogs."""

    def names() -> Iterable[str]:
        from perfstudy.model import catalog

        return list(getattr(catalog, name)())

    return complete(names)


def _list_runs() -> list[str]:
    from perfstudy.results import Store
    from perfstudy.results.engine import StoreError
    from perfstudy.results.opening import list_names
    from perfstudy.results.published import list_published

    try:
        with Store.open(read_only=True) as store:
            return list_names(store)
    except StoreError:  # nothing is stored yet
        return list_published()


def complete_parts(incomplete: str) -> list[str]:
    """Return the exports that start with *incomplete*, then the runs."""
    folder = Path(incomplete).parent if not incomplete.endswith("/") else Path(incomplete)
    files = sorted(str(path) for path in folder.glob("*") if path.suffix in (".parquet", ".json"))
    return [name for name in (*files, *_list_runs()) if name.startswith(incomplete)]


def _option(help: str, names: Callable[[], Iterable[str]]) -> Any:
    return typer.Option(help=help, autocompletion=complete(names))


Scale = Annotated[
    str,
    typer.Option(
        help="How many rows the table holds; `perfstudy list scales` has the names.",
        autocompletion=complete_from("scale_names"),
    ),
]
VariantName = Annotated[
    str,
    typer.Option(
        help="Optimizations joined by +, `baseline`, `all`, `best`, `fastest` or `uncached`; `perfstudy list "
        "optimizations` has their names.",
        autocompletion=complete_from("arm_names"),
    ),
]
ScenarioName = Annotated[
    str,
    typer.Option(
        help="Which request; `perfstudy list scenarios` has the names.",
        autocompletion=complete_from("scenario_names"),
    ),
]
FORMATS = ("table", "markdown", "json", "csv")
Format = Annotated[str, _option(f"One of {', '.join(FORMATS)}.", lambda: FORMATS)]
StoreUrl = Annotated[
    str | None,
    typer.Option("--store", help="The store of results: a file or any SQLAlchemy URL.", envvar=variables.STORE.name),
]
SummaryFile = Annotated[
    Path | None,
    typer.Option(
        "--summary",
        dir_okay=False,
        metavar="FILE",
        help="Write the summary to this file, in Markdown for a pull request; - prints it.",
    ),
]
RunId = Annotated[
    str,
    typer.Argument(
        help="A run's id, the unique beginning of one, `latest`, or a set of `perfstudy list published`.",
        autocompletion=complete(_list_runs),
    ),
]


def issue_bearer(token: str | None) -> str:
    """Return *token*, or by default one that this home's services take.

    Raises:
        UsageError: *token* cannot be sent.
    """
    if token is not None:
        if not token.isascii() or not token.isprintable() or " " in token:
            raise UsageError("--token is no bearer token: `perfstudy token TENANT` prints one")
        return token
    from perfstudy.lab import secret
    from perfstudy.model.catalog import first_catalog

    catalog = first_catalog()
    return catalog.service.token(catalog.tenant, secret())
