"""Make the pages of the API: the facade, and each room with its modules."""

import ast
from pathlib import Path

import perfstudy
from perfstudy.paths import PROJECT

ROOMS = {
    "model": "modules",
    "analysis": "modules",
    "results": "facade",
    "drivers": "",
    "lab": "",
    "evidence": "",
    "measure": "",
    "findings": "facade",
    "charts": "facade",
    "notebook": "",
    "report": "",
    "commands": "",
    "listing": "",
}
"""The rooms from the bottom up. All modules of one are shown whole, or the names of its own facade, or a line each."""
INTRODUCTION = """# API

A study file and a notebook import the names of the facade. Each is also shown with the room that it is of.
"""


def make_pages() -> dict[str, str]:
    """Return each page by its file's name."""
    pages = {f"api/{room}.md": _show_room(room, shown) for room, shown in ROOMS.items()}
    listed = "\n".join(["facade", *ROOMS])
    index = f"{INTRODUCTION}\n```{{toctree}}\n{listed}\n```\n"
    return {"api/index.md": index, "api/facade.md": _show_facade(), **pages}


def _directive(lines: list[str]) -> str:
    return "\n".join(["```{eval-rst}", *lines, "```"])


def _show_facade() -> str:
    summary = (ast.get_docstring(ast.parse(Path(perfstudy.__file__).read_text(encoding="utf-8"))) or "").split("\n\n")
    return "\n\n".join(["# perfstudy", *summary[1:], _show_names("perfstudy", "   :no-index:")]) + "\n"


def _show_names(module: str, *options: str) -> str:
    """Return the names that *module* exports; what matplotlib adds to a class of ours is left out."""
    return _directive(
        [f".. automodule:: {module}", "   :members:", "   :imported-members:", "   :exclude-members: set", *options]
    )


def _show_room(room: str, shown: str) -> str:
    folder = PROJECT / "perfstudy" / room
    parts = [f"# perfstudy.{room}", _describe(folder / "__init__.py")[1]]
    if shown == "facade":
        parts.append(_show_names(f"perfstudy.{room}"))
    for path in sorted(folder.rglob("*.py")):
        first, _ = _describe(path)
        name = ".".join(path.relative_to(PROJECT).with_suffix("").parts)
        if path.name == "__init__.py":
            continue
        if shown == "modules":
            parts.append(f"## {name}\n\n" + _directive([f".. automodule:: {name}", "   :members:"]))
        else:
            parts.append(f"- `{name}`: {first}")
    return "\n\n".join(parts) + "\n"


def _describe(path: Path) -> tuple[str, str]:
    """Return the first line of a module's docstring, and all of it."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.partition("\n")[0], text
