"""The installed catalogs: each a service with its studies, found by entry point."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.metadata import entry_points
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from perfstudy.errors import UsageError, unknown
from perfstudy.model.claim import Claim
from perfstudy.model.restoring import restore_study
from perfstudy.model.service import Service
from perfstudy.model.study import Costs, Study

GROUP = "perfstudy.studies"
"""The group of entry points under which a package declares its :class:`Catalog`."""
LEFT_OPEN = "FILL_IN"
"""What `perfstudy init` writes into a command that only the reader knows."""


@dataclass(frozen=True)
class StatedTime:
    """A response time stated by the document under test: *low* to *high* seconds."""

    label: str
    temperature: str
    low: float
    high: float


@dataclass(frozen=True)
class LowerBound:
    """A competitor that does less than any service could, and its name in a chart.

    The first of a catalog does nothing but answer; one with a *temperature* adds what an answer of that temperature
    cannot do without.
    """

    label: str
    name: str
    temperature: str = ""


@dataclass(frozen=True, kw_only=True)
class Naming:
    """The names of a service's arms: whether one is its own, its long and short forms."""

    knows: Callable[[str], bool]
    describe: Callable[[str], str]
    shorten: Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """A service, its scenarios and studies, and the claims about it."""

    service: Service
    studies: Mapping[str, Study]
    claims: tuple[Claim, ...] = ()
    scenarios: tuple[str, ...] = ()
    """The scenarios that are measured unless a study says otherwise, in the order of display."""
    factors: tuple[str, ...] = ()
    """Every switch of its arms, in the order of display."""
    ladder: tuple[str, ...] = ()
    """The labels of the steps of its ladder."""
    stated: tuple[StatedTime, ...] = ()
    """The response times that its source states, the first of them the reference's."""
    lower_bounds: tuple[LowerBound, ...] = ()
    """The competitors that charts draw as lower bounds, the one that does least first."""
    costs: Costs | None = None
    open_lab: Callable[..., Any]
    """Starts the lab of the service, to be used in ``with``; takes a progress."""
    naming: Naming
    every_scenario: tuple[str, ...] = ()
    """The names of all scenarios but those with a number in their name."""
    arm_names: Callable[[], Iterable[str]] = tuple
    """Returns the names of the arms that a study may compare."""
    headline: tuple[str, ...] = ()
    """The scenarios with a verdict in summaries; only the first is counted in the tally."""
    published: str = ""
    """The published set that these verdicts are from."""
    introduction: str = ""
    """What the study is about, in a sentence or two."""
    path: str = "/"
    """What to request of a service where nothing is named."""
    tenant: str = ""
    """The tenant of the token where none is given: one that every data set has."""
    describe_factors: Callable[[], Iterable[dict[str, str]]] = tuple
    """Returns a row for each factor, with its name and a summary at least."""
    judge_targets: Callable[[Any], Any] | None = None
    """Returns a data frame with a row for each target that a run can judge; its columns are those of the citations."""

    def restore(self, declaration: Mapping[str, Any]) -> Study:
        """Return the study of a stored *declaration*."""
        return restore_study(declaration, self.service, self.costs)


@cache
def load_catalogs() -> Mapping[str, Catalog]:
    """Return the installed catalogs by the names of their services."""
    return {entry.name: entry.load() for entry in entry_points(group=GROUP)}


def first_catalog() -> Catalog:
    """Return the catalog that gives the default names.

    Raises:
        UsageError: none is installed.
    """
    if not load_catalogs():
        raise UsageError("no installed package declares a study: name a Python file that declares one")
    return next(iter(load_catalogs().values()))


def scale_names() -> list[str]:
    """Return the scales of every installed service, the smallest of each first."""
    return [name for catalog in load_catalogs().values() for name in catalog.service.data.rows]


def scenario_names() -> list[str]:
    """Return the scenarios of every installed service."""
    return [name for catalog in load_catalogs().values() for name in catalog.every_scenario]


def arm_names() -> list[str]:
    """Return the arms that the installed studies may look at."""
    return [name for catalog in load_catalogs().values() for name in catalog.arm_names()]


def list_claims() -> tuple[Claim, ...]:
    """Return the claims of every installed catalog."""
    return tuple(claim for catalog in load_catalogs().values() for claim in catalog.claims)


def find_catalog(service: str) -> Catalog:
    """Return the catalog of *service*.

    Raises:
        UsageError: no installed package declares one; the nearest names are given.
    """
    if service not in load_catalogs():
        raise unknown("service", service, load_catalogs())
    return load_catalogs()[service]


def restore(declaration: Mapping[str, Any]) -> Study:
    """Return the study of a stored *declaration*, of any service.

    Raises:
        UsageError: no installed package declares its service, or that knows one of its names no more.
    """
    if declaration.get("file"):
        return _restore_own(declaration)
    return find_catalog(declaration["service"]).restore(declaration)


def _restore_own(declaration: Mapping[str, Any]) -> Study:
    """Return the study of a service of one's own, read from its file again.

    Raises:
        UsageError: the file does not declare it any more.
    """
    found = _load_file(Path(declaration["file"]))
    narrowed = {name: declaration[name] for name in ("blocks", "requests", "seconds", "least")}
    narrowed |= {name: declaration[name] for name in ("until", "width") if name in declaration}
    narrowed |= {"looks": tuple(declaration.get("looks") or ())}
    study = found.narrow(scenarios=tuple(declaration["scenarios"]), **narrowed)
    now = json.loads(json.dumps(study.declaration()))
    changed = [name for name, value in now.items() if value != declaration.get(name)]
    if changed:
        raise UsageError(
            f"study file {declaration['file']!r} was changed since the run began, in {', '.join(changed)}: "
            "start a new run"
        )
    return study


def load_studies() -> dict[str, Study]:
    """Return every installed study by name."""
    return {name: study for catalog in load_catalogs().values() for name, study in catalog.studies.items()}


def find_study(name: str) -> Study:
    """Return the study called *name*, or ``STUDY`` of the Python file *name*.

    Raises:
        UsageError: no study has that name (the nearest are named), or the file declares none.
    """
    if name.endswith(".py"):
        return _load_file(Path(name))
    found = load_studies()
    if name not in found:
        raise unknown("study", name, found)
    return found[name]


class _FileLoader(SourceFileLoader):
    """Load a module without writing its bytecode next to it: the folder is the user's."""

    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:
        """Write nothing."""


def _load_file(path: Path) -> Study:
    try:
        found = path.is_file()
    except OSError as error:  # as for a name that is too long
        raise UsageError(f"study file {str(path)!r} cannot be read: {error.strerror}; name another") from None
    if not found:
        raise UsageError(
            f"study file {str(path)!r} does not exist: name one that does, or one of {', '.join(load_studies())}"
        )
    loader = _FileLoader("declared_study", str(path))
    spec = spec_from_file_location(loader.name, path, loader=loader)
    assert spec is not None
    module = module_from_spec(spec)
    try:
        loader.exec_module(module)
    except UsageError:
        raise
    except SyntaxError as error:
        said = f"line {error.lineno}: {error.msg}"
        raise UsageError(f"study file {str(path)!r} is no Python: {said}") from None
    except (Exception, SystemExit) as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise UsageError(f"study file {str(path)!r} does not run: {said}") from error
    declared = getattr(module, "STUDY", None)
    if not isinstance(declared, Study):
        raise UsageError(f"study file {str(path)!r} declares no study: assign a perfstudy.Study to STUDY in it")
    if LEFT_OPEN in str(declared.service.command):
        raise UsageError(
            f"study file {str(path)!r} has {LEFT_OPEN} in `command`: write what serves an arm in its place"
        )
    return declared.at(path)
