"""Draw the images of README.md and docs/, from a published set and from the imports."""

import re

from perfstudy import charts, findings, published
from perfstudy.model.palette import FAINT, GRID, INK
from perfstudy.paths import PROJECT
from tools.docs import drawing

FOLDER = PROJECT / "docs" / "images"
THEMES = {
    "light": {INK: "#1f2328", FAINT: "#59636e", GRID: "#d1d9e0"},
    "dark": {INK: "#f0f6fc", FAINT: "#9198a1", GRID: "#3d444d"},
}
"""The greys of a page on white and on black, in place of those that suit both."""


def draw_all() -> dict[str, str]:
    """Return every image as SVG by its file's name."""
    frame = findings.ladder(published("ladder-medium"))
    ladder = charts.ladder(frame, scenario="page").svg("ladder")
    themed = {f"ladder-{theme}.svg": _make_file(ladder, colours) for theme, colours in THEMES.items()}
    return {**themed, "rooms.svg": drawing.draw()}


def _make_file(element: str, colours: dict[str, str]) -> str:
    """Return the *element* of a page as a file of its own, in *colours*."""
    element = re.sub(r"var\(--[a-z]+,(#[0-9a-f]{6})\)", lambda found: colours[found[1]], element)
    return (
        element.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace(
            "'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif"
        )
        + "\n"
    )
