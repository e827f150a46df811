"""Labels of arms in results: controls, factors and readable names."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_args

from perfstudy.errors import UsageError
from perfstudy.model.arm import CONTROL_SUFFIX
from perfstudy.model.catalog import LowerBound, Naming, load_catalogs
from perfstudy.model.scenario import Series

SERIES: tuple[Series, ...] = get_args(Series)
REFERENCE = "baseline"
"""The label of the arm with nothing switched on."""


def name_reference(label: str) -> str:
    """Return what the reference called *label* is called in a sentence."""
    return f"the {REFERENCE}" if label == REFERENCE else label


def is_control(label: str) -> bool:
    """Return whether *label* is a control's: the reference measured a second time."""
    return label.endswith(CONTROL_SUFFIX)


def without_control(label: str) -> str:
    """Return the label of the arm that a control repeats; any other *label* as it is."""
    return label.removesuffix(CONTROL_SUFFIX)


def split_factors(label: str) -> tuple[str, ...]:
    """Return the factors in the name *label*; none for the reference's."""
    name = without_control(label)
    return () if name == REFERENCE else tuple(name.split("+"))


def is_own(declaration: Mapping[str, Any]) -> bool:
    """Return whether no installed package declares the service of *declaration*."""
    return bool(declaration.get("file")) or declaration.get("service", "") not in {"", *load_catalogs()}


def list_factors() -> tuple[str, ...]:
    """Return every factor of the installed catalogs, in their order."""
    return tuple(name for catalog in load_catalogs().values() for name in catalog.factors)


def find_size(scenario: str, series: Iterable[Series] = SERIES) -> int | None:
    """Return the size of *scenario*, None if it is in none of *series*.

    The service that declares it says so; of a scenario that no installed service has, nothing is known.
    """
    for catalog in load_catalogs().values():
        try:
            found = catalog.service.scenario(scenario)
        except UsageError:
            continue
        return found.size if found.series in tuple(series) else None
    return None


def list_lower_bounds() -> tuple[LowerBound, ...]:
    """Return the lower bounds of the installed catalogs."""
    return tuple(bound for catalog in load_catalogs().values() for bound in catalog.lower_bounds)


def is_known(label: str) -> bool:
    """Return whether *label* is that of an arm of an installed service.

    A competitor's is not.
    """
    return any(catalog.naming.knows(without_control(label)) for catalog in load_catalogs().values())


def list_ladder_factors() -> tuple[str, ...]:
    """Return the factors in the order of an installed catalog's ladder."""
    return next((split_factors(catalog.ladder[-1]) for catalog in load_catalogs().values() if catalog.ladder), ())


def list_places() -> tuple[str, ...]:
    """Return the scenarios, then the scales, of the installed catalogs, in order."""
    scenarios = [name for catalog in load_catalogs().values() for name in catalog.scenarios]
    return (*scenarios, *(scale for catalog in load_catalogs().values() for scale in catalog.service.data.rows))


def sort_places(values: Iterable[str]) -> list[str]:
    """Return distinct scenarios or scales in the study's order.

    Those with a number follow each other; others stay as they come, which is as their study declares them.
    """
    known = list_places()
    return sorted(
        dict.fromkeys(values),
        key=lambda value: (known.index(value), "") if value in known else (len(known), value if "@" in value else ""),
    )


def name_place(scale: str, scenario: str, several: bool) -> str:
    """Return the scenario, followed by its scale where there are *several*."""
    return f"{scenario}, {scale}" if several else scenario


def sort_key(label: str) -> tuple[int, tuple[int, ...], bool, str]:
    """Return the sort key of *label*.

    The reference comes first, then its control, then the others by size and study order.
    """
    known = {name: place for place, name in enumerate(list_factors())}
    places = tuple(known.get(factor, len(known)) for factor in split_factors(label))
    return (len(places), places, is_control(label), label)


def sort_arms(labels: Iterable[str]) -> list[str]:
    """Return distinct *labels* in the order of display.

    Those of an installed service come in its order. Of others, which may share a name with one of them, the reference
    comes first, then its control, then the rest as they come.
    """
    distinct = list(dict.fromkeys(labels))
    if REFERENCE in distinct or all(map(is_known, distinct)):
        return sorted(distinct, key=sort_key)
    return put_reference_first(distinct)


def put_reference_first(distinct: list[str]) -> list[str]:
    """Return labels with the reference and its control first.

    The reference is the label that has a control.
    """
    first = {without_control(label) for label in distinct if is_control(label)}
    return sorted(distinct, key=lambda label: (without_control(label) not in first, is_control(label)))


def describe(label: str) -> str:
    """Return *label* for display: ``index + related``, ``everything but cache``."""
    return _apply_naming(label, lambda naming: naming.describe)


def name_arm(label: str) -> str:
    """Return *label* for a table: ``index+related``, ``everything but cache``."""
    return describe(label).replace(" + ", "+")


def shorten(label: str) -> str:
    """Return the shortest form of *label* that the command line takes.

    For example ``original+invalidate``.
    """
    return _apply_naming(label, lambda naming: naming.shorten)


def _apply_naming(label: str, way: Callable[[Naming], Callable[[str], str]]) -> str:
    name = without_control(label)
    for catalog in load_catalogs().values():
        if catalog.naming.knows(name):
            return way(catalog.naming)(name) + label[len(name) :]
    return label


def find_both_temperatures(pairs: Iterable[tuple[str, str]]) -> set[str]:
    """Return the labels found cold and warm in (label, temperature) *pairs*.

    What was measured decides, not the name: competitors cache too, under names of their own.
    """
    seen: dict[str, set[str]] = {}
    for label, temperature in pairs:
        seen.setdefault(label, set()).add(temperature)
    return {label for label, temperatures in seen.items() if len(temperatures) > 1}
