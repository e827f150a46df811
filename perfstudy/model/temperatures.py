"""Series: a label at a temperature, and which labels have more than one."""

from collections.abc import Iterable


def both_temperatures(pairs: Iterable[tuple[str, str]]) -> set[str]:
    """Return the labels that were measured both cold and warm, of (label, temperature) pairs.

    What was measured decides, and no part of a name: competitors cache too, under names of their own.
    """
    seen: dict[str, set[str]] = {}
    for label, temperature in pairs:
        seen.setdefault(label, set()).add(temperature)
    return {label for label, temperatures in seen.items() if len(temperatures) > 1}
