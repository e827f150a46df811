"""Draw which room imports which, from the imports themselves."""

import ast
from html import escape
from pathlib import Path

from perfstudy.model.palette import BLUE
from perfstudy.paths import PROJECT
from tools.docs.api import ROOMS

STEP, LEFT, TOP = 26, 110, 96
GREY = "#757677"
"""It can be read on white and on black: the site's reader may choose either."""


def find_imports() -> dict[str, set[str]]:
    """Return the rooms that each room imports, itself left out."""
    return {room: _find(PROJECT / "perfstudy" / room) - {room} for room in ROOMS}


def _find(folder: Path) -> set[str]:
    nodes = [node for path in folder.rglob("*.py") for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    names = [
        f"{node.module}.{alias.name}" for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names
    ]
    names += [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    parts = [name.split(".") for name in names]
    return {part[1] for part in parts if part[0] == "perfstudy" and len(part) > 1 and part[1] in ROOMS}


def draw() -> str:
    """Return a matrix as SVG: a dot where the room of the row imports that of the column."""
    rooms, imports = list(ROOMS), find_imports()
    width, height = LEFT + STEP * len(rooms) + 50, TOP + STEP * len(rooms) + 10
    said = "; ".join(f"{room} imports {', '.join(sorted(found)) or 'nothing'}" for room, found in imports.items())
    shapes = [shape for place, room in enumerate(rooms) for shape in _draw_room(place, room, len(rooms))]
    dots = [
        f'<circle cx="{LEFT + STEP * column + 13}" cy="{TOP + STEP * row + 13}" r="6" fill="{BLUE}"/>'
        for row, room in enumerate(rooms)
        for column, other in enumerate(rooms)
        if other in imports[room]
    ]
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    )
    opening += f' font-family="sans-serif" font-size="13" fill="{GREY}" role="img" aria-label="{escape(said)}">'
    return "\n".join([opening, *shapes, *dots, "</svg>"]) + "\n"


def _draw_room(place: int, room: str, count: int) -> list[str]:
    """Return the names of a room's row and column, and the lines between them."""
    x, y, end = LEFT + STEP * place, TOP + STEP * place, STEP * count
    lines = f"M {LEFT} {y + 13} H {LEFT + end} M {x + 13} {TOP} V {TOP + end}"
    return [
        f'<path d="{lines}" stroke="{GREY}" stroke-opacity="0.4"/>',
        f'<text x="{LEFT - 8}" y="{y + 17}" text-anchor="end">{room}</text>',
        f'<text transform="translate({x + 17} {TOP - 8}) rotate(-60)">{room}</text>',
    ]
