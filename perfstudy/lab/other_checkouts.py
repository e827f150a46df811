"""Refuse an interpreter that imports the reader's checkout in place of a commit."""

import json
import subprocess
from pathlib import Path

from perfstudy.errors import UsageError
from perfstudy.lab.builds import ANSWERING
from perfstudy.lab.commands import build_user_environment

PROBE = """
import importlib.metadata, importlib.util, json, os, pkgutil, sys

checkout = sys.argv[1]
inside = lambda path: (os.path.realpath(path or ".") + os.sep).startswith(checkout + os.sep)
names = {module.name for module in pkgutil.iter_modules([path for path in sys.path[1:] if inside(path)])}
for distribution in importlib.metadata.distributions():
    if '"editable": true' in (distribution.read_text("direct_url.json") or ""):
        names.update((distribution.read_text("top_level.txt") or "").split())
found = {}
for name in sorted(names):
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        continue
    if spec is not None:
        places = [spec.origin] if spec.has_location else list(spec.submodule_search_locations or ())
        found.update({name: os.path.realpath(place) for place in places[:1] if inside(place)})
print(json.dumps(found))
"""
"""Prints the modules that come from below its argument, with their files.

An editable installation puts its folder on the path, or names its modules in ``top_level.txt``.
"""
TOOLS = frozenset(("conftest", "noxfile", "setup", "tasks", "fabfile"))
"""Modules that projects keep for their tools; no service imports them."""


def check_imports(python: str, folder: Path, tree: Path, checkout: Path, label: str) -> None:
    """Check that *python*, started in *folder*, imports the code of *tree* itself.

    *checkout* is the repository that the commit in *tree* belongs to. An environment that has it installed for editing
    would serve the reader's own code in place of the commit's, and every arm alike.

    Raises:
        UsageError: it imports a module from *checkout* that *tree* has too.
    """
    root = checkout.resolve()
    for name, place in _probe(python, folder, root).items():
        own = tree / Path(place).relative_to(root)
        if name not in TOOLS and own.exists() and not Path(place).is_relative_to(tree.resolve()):
            raise UsageError(
                f"arm {label!r} serves a commit, and its interpreter {python} imports {name!r} from {str(root)!r}, "
                "where it is installed for editing: let build= make an environment in each commit, as `uv sync` does"
            )


def _probe(python: str, folder: Path, checkout: Path) -> dict[str, str]:
    """Return the modules that *python* would import from *checkout*, with their files."""
    command = [python, "-c", PROBE, str(checkout)]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=build_user_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=ANSWERING,
        )
        found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    except (OSError, subprocess.TimeoutExpired, ValueError, IndexError):
        return {}  # an interpreter that prints otherwise is no reason to refuse a study
    return found
