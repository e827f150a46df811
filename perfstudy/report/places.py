"""Make the parts of a section at every place, and fold some of them away."""

import re
from collections.abc import Callable, Iterable, Iterator

import pandas as pd

from perfstudy import charts
from perfstudy.report.material import Material
from perfstudy.report.parts import Fold, Part, figure

Made = tuple[list[Part], str, str, str]
"""The parts of a section, its anchor, its title, and its name in the contents."""


def key(*words: str) -> str:
    """Return the anchor of a part that is named by *words*."""
    return re.sub(r"[^a-z0-9]+", "-", " ".join(words).lower()).strip("-")


def at_places(material: Material, make: Callable[[str, str], Iterable[Part]]) -> list[Part]:
    """Return what *make* gives for every scale and scenario.

    What is not among the scenarios that are shown at once is folded away.
    """
    made = {place: list(make(*place)) for place in material.places()}
    shown = [part for place, parts in made.items() if place[1] in material.headline for part in parts]
    rest = {place: parts for place, parts in made.items() if place[1] not in material.headline and parts}
    names = " and ".join(dict.fromkeys(scenario for _, scenario in rest))
    return (
        [*shown, Fold(f"The same for {names}", [part for parts in rest.values() for part in parts])] if rest else shown
    )


def draw_each(material: Material, kind: str, draw: Callable[..., charts.Chart], frame: pd.DataFrame) -> list[Part]:
    """Draw a chart for every place that *frame* has."""
    if frame.empty:
        return []
    there = set(zip(frame["scale"], frame["scenario"], strict=True))

    def make(scale: str, scenario: str) -> Iterator[Part]:
        if (scale, scenario) in there:
            yield figure(key(kind, scale, scenario), draw, frame, scenario=scenario, scale=scale)

    return at_places(material, make)
