"""How a series is named and drawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from perfstudy.model.labels import describe, is_control, list_factors, split_factors
from perfstudy.model.palette import DASHES, GREY, MARKERS, PALETTE


def colour_of(factor: str) -> str:
    """Return the colour of a factor; grey for one that no catalog knows.

    The first ones have a colour each; the others repeat the colours, with other markers.
    """
    known = list_factors()
    return PALETTE[known.index(factor) % len(PALETTE)] if factor in known else GREY


def colour_factors(factors: Iterable[str]) -> dict[str, str]:
    """Return a colour for each factor.

    Those that no catalog knows take the colours that are left, in turn.
    """
    distinct = list(dict.fromkeys(factors))
    known = {factor: colour_of(factor) for factor in distinct if factor in list_factors()}
    spare = cycle([colour for colour in PALETTE if colour not in known.values()] or PALETTE)
    return {factor: known.get(factor) or next(spare) for factor in distinct}


def series_name(label: str, temperature: str, both: bool) -> str:
    """Return the name of a label, with its temperature if *both* occur."""
    return f"{describe(label)}, {temperature}" if both else describe(label)


@dataclass(frozen=True)
class Style:
    """How one series is drawn; two series of a chart never share all three."""

    colour: str
    marker: str
    dash: Any


def choose_style(labels: Iterable[str]) -> dict[str, Style]:
    """Return a look for each label: the colour of its last factor if free."""
    found: dict[str, Style] = {}
    taken: list[str] = []
    distinct = list(dict.fromkeys(labels))
    owned = {_own(label) for label in distinct}
    for place, label in enumerate(distinct):
        wanted = _own(label)
        spare = [c for c in PALETTE if c not in owned and c not in taken]
        colour = wanted if wanted not in taken or is_control(label) or not spare else spare[0]
        dash = DASHES[taken.count(colour) % len(DASHES)]
        taken.append(colour)
        found[label] = Style(colour, MARKERS[place % len(MARKERS)], dash)
    return found


def _own(label: str) -> str:
    """Return the colour of a label's last factor, grey without one."""
    return colour_of(split_factors(label)[-1]) if split_factors(label) else GREY


def change(text: str) -> str:
    """Return a ladder's change as people read it: ``+ related + values``."""
    return " ".join(text.replace("+", " + ").split())
