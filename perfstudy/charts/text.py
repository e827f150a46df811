"""Measure, cut and wrap text by how wide it is drawn."""

from functools import lru_cache

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.textpath import text_to_path

FONT = "DejaVu Sans"
SLACK = 1.02
"""A renderer rounds each letter to its pixels; this much more than the font says is always enough."""


def literal(figure: Figure) -> None:
    """Show every text of *figure* as it stands, and in one font."""
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        text.set_parse_math(False)
        text.set_usetex(False)
        text.set_fontfamily(FONT)


@lru_cache(maxsize=20_000)
def inches(text: str, points: float, bold: bool = False) -> float:
    """Return how wide one line of *text* is drawn."""
    font = FontProperties(family=FONT, size=points, weight="bold" if bold else "normal")
    # A space at an end has no ink, but takes room.
    width, _, _ = text_to_path.get_text_width_height_descent(f"{text}|", font, False)
    bar, _, _ = text_to_path.get_text_width_height_descent("|", font, False)
    return float(SLACK * (width - bar) / 72)


def fit(text: str, room: float, points: float, bold: bool = False) -> str:
    """Cut *text* in its middle to *room* inches; both its ends stay."""
    text = plain(text)
    if inches(text, points, bold) <= room:
        return text
    low, high = 0, len(text) - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if inches(_ends(text, middle), points, bold) <= room else (low, middle - 1)
    return _ends(text, low)


def _ends(text: str, letters: int) -> str:
    """Return the first two thirds and the last third of so many *letters* of *text*."""
    tail = letters // 3
    return f"{text[: letters - tail]}…{text[len(text) - tail :]}"


def lines(text: str, room: float, points: float, bold: bool = False, most: int = 0) -> list[str]:
    """Break *text* into lines of *room* inches, at most *most* if given."""
    found: list[str] = []
    rest = plain(text)
    while rest:
        if most and len(found) == most - 1:
            return [*found, fit(rest, room, points, bold)]
        line = _first(rest, room, points, bold)
        found.append(line.rstrip())
        rest = rest[len(line) :].lstrip()
    return found or [""]


def _first(text: str, room: float, points: float, bold: bool) -> str:
    """Return what of *text* goes on the first line."""
    if inches(text, points, bold) <= room:
        return text
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if inches(text[:middle], points, bold) <= room else (low, middle - 1)
    if text[low : low + 1] == " ":
        return text[:low]
    space = text.rfind(" ", 0, low)
    return text[: space + 1] if space > 0 else text[:low]


def plain(text: str) -> str:
    """Return *text* on one line, without what no font can show."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
