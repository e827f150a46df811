"""Run a Django project with the settings of an arm.

A module of ours imports the project's settings and changes those; the environment makes Django use it.
"""

import ast
import hashlib
import math
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from pprint import pformat
from typing import Any

from perfstudy.errors import UsageError
from perfstudy.lab.commands import Command, build_user_environment

VARIABLE = "DJANGO_SETTINGS_MODULE"
ENTRIES = ("manage.py", "wsgi.py", "asgi.py", "*/wsgi.py", "*/asgi.py", "*/*/wsgi.py", "*/*/asgi.py")
"""The files that name a project's settings, as patterns."""
PLAIN = (str, int, float, bool, type(None))
MODULE = '''"""The settings of {module}, with those of an arm."""

import importlib

OVERLAY = {overlay}


def merge(value, change):
    if not (isinstance(value, dict) and isinstance(change, dict)):
        return change
    return {{**value, **{{key: merge(value.get(key), inner) for key, inner in change.items()}}}}


base = importlib.import_module({module!r})
globals().update({{name: getattr(base, name) for name in dir(base) if name.isupper()}})
globals().update({{name: merge(getattr(base, name, None), change) for name, change in OVERLAY.items()}})
del globals()["OVERLAY"]
'''
"""The module that is written. Django takes the names in upper case from it."""


def find_settings(folder: Path, environment: Mapping[str, str]) -> str:
    """Return the name of the settings module of the Django project in *folder*.

    It is the ``DJANGO_SETTINGS_MODULE`` of *environment*, else the one that ``manage.py`` names.

    Raises:
        UsageError: it is no Django project, or its settings cannot be replaced from outside.
    """
    _refuse_assignment(folder)
    if environment.get(VARIABLE):
        return environment[VARIABLE]
    manage = folder / "manage.py"
    if not manage.is_file():
        raise UsageError(
            f"settings= is for Django, and {folder} has no manage.py: use environment=, or name {VARIABLE} in it"
        )
    named = [value for form, value in _read_names(manage) if form == "setdefault"]
    if not named or named[0] is None:
        raise UsageError(f"{manage} does not name the settings: name {VARIABLE} in environment=")
    return named[0]


def _refuse_assignment(folder: Path) -> None:
    """Refuse a project that overwrites the variable, and with it an overlay."""
    for path in (path for pattern in ENTRIES for path in sorted(folder.glob(pattern))):
        if any(form == "assignment" for form, _ in _read_names(path)):
            raise UsageError(f"{path} overwrites {VARIABLE}, so settings= has no effect: write os.environ.setdefault")


def _read_names(path: Path) -> Iterator[tuple[str, str | None]]:
    """Yield how a file sets the variable, and to what; None where that is no constant."""
    try:
        nodes = list(ast.walk(ast.parse(path.read_bytes())))
    except (OSError, SyntaxError, ValueError):
        return
    for node in nodes:
        if isinstance(node, ast.Call) and [_constant(one) for one in node.args[:1]] == [VARIABLE]:
            if isinstance(node.func, ast.Attribute) and node.func.attr == "setdefault":
                yield "setdefault", _constant(node.args[-1])
        elif isinstance(node, ast.Assign):
            targets = [one for one in node.targets if isinstance(one, ast.Subscript)]
            if VARIABLE in [_constant(one.slice) for one in targets]:
                yield "assignment", _constant(node.value)


def _constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def refuse_own_settings(command: Command) -> None:
    """Refuse a command that names its settings itself, over those of the environment.

    Raises:
        UsageError: it has the option ``--settings``.
    """
    words = command if isinstance(command, str) else " ".join(command)
    if re.search(r"(?<!\S)--settings(?=[=\s]|$)", words):
        raise UsageError(f"command {words!r} has --settings, over settings=: name {VARIABLE} in environment= instead")


def write_settings(
    scratch: Path, folder: Path, overlay: Mapping[str, Any], environment: Mapping[str, str]
) -> dict[str, str]:
    """Write a module into *scratch* that changes the settings of a project.

    The project is the one in *folder*; see :func:`find_settings`. Dictionaries are merged, at every depth, and other
    values replace what was there. A setting that the project computes from another is not computed again. Returns the
    variables to add to *environment*.

    Raises:
        UsageError: it is no Django project, a name is no setting's, or a value is no plain data.
    """
    module = find_settings(folder, build_user_environment() | dict(environment))
    if not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", module):
        raise UsageError(f"{VARIABLE} is {module!r}, which names no module: write it with dots, as shop.settings")
    for name in overlay:
        if not (isinstance(name, str) and name.isidentifier() and name.isupper()):
            raise UsageError(f"settings= has {name!r}, which Django would not read: its settings are in upper case")
    text = MODULE.format(module=module, overlay=pformat(_plain("settings", dict(overlay)), sort_dicts=False, width=110))
    name = f"perfstudy_settings_{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    scratch.mkdir(parents=True, exist_ok=True)
    path = scratch / f"{name}.py"
    path.touch(mode=0o600)  # a setting may be a password
    path.write_text(text, encoding="utf-8")
    others = environment.get("PYTHONPATH", "")
    return {VARIABLE: name, "PYTHONPATH": os.pathsep.join(filter(None, [str(scratch.absolute()), others]))}


def _plain(place: str, value: Any) -> Any:
    """Return *value* as what ``repr`` writes and Python reads again."""
    if isinstance(value, Mapping):
        odd = next((key for key in value if type(key) is not str), None)
        if odd is not None:
            raise UsageError(f"{place} has the key {odd!r}, which is no text: write it in quotation marks")
        return {key: _plain(f"{place}.{key}", inner) for key, inner in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_plain(f"{place}[{number}]", inner) for number, inner in enumerate(value))
    if type(value) not in PLAIN or (type(value) is float and not math.isfinite(value)):
        raise UsageError(
            f"{place} is {value!r}: a setting of an arm is text, a number, a truth value, a list or a dict"
        )
    return value
