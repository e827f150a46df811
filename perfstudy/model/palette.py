"""Colours, markers and dashes.

Colours are Okabe and Ito's (https://jfly.uni-koeln.de/color/, 2008), which stay apart in every common kind of
colour blindness; no chart tells things apart by colour alone. No grey reaches 4.5 to 1 on white and on JupyterLab's
dark alike (WCAG 2.2, 1.4.3), so an image brings its own ground, and in SVG text and lines become the page's variables.
"""

from collections.abc import Mapping
from typing import Any

GROUND = "#ffffff"
"""What an image is drawn on."""
INK = "#1b2024"
"""Text that must be read."""
FAINT = "#545d66"
"""Text that may be read."""
GRID = "#8b949c"
"""Lines behind the data."""

BLUE, SKY, GREEN = "#0072b2", "#56b4e9", "#009e73"
ORANGE, PURPLE, VERMILION = "#e69f00", "#cc79a7", "#d55e00"
GREY = "#808182"
"""The baseline, and what is not judged."""

PALETTE = (BLUE, SKY, GREEN, ORANGE, PURPLE, VERMILION)
"""By study order."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "h")
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (6, 1.5, 1.5, 1.5)))
WARM_DASH: Any = (0, (1.3, 1))
"""Warm is dotted where cold is drawn through, and hollow where cold is filled."""


VERDICTS: Mapping[str, tuple[str, str]] = {
    "supported": (GREEN, "o"),
    "exceeded": (BLUE, "^"),
    "fell short": (ORANGE, "v"),
    "ruled out": (PURPLE, "<"),
    "refuted": (VERMILION, "X"),
    "inconclusive": (GREY, "D"),
    "not testable here": (GREY, "s"),
    "invalid": (GREY, "P"),
}
"""Colour and marker of each verdict; the word is always shown too."""

VARIABLES = {INK: "--ink", FAINT: "--faint", GRID: "--grid"}
