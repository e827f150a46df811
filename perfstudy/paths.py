"""The folders of state, of the reference data and of the published results.

A checkout keeps its data in ``data`` beside the package. A wheel carries the same files inside the package, which is
never written to.
"""

from importlib.resources import files
from pathlib import Path

from perfstudy.errors import UsageError
from perfstudy.model import variables

PACKAGE = Path(__file__).resolve().parent
PROJECT = PACKAGE.parent
"""The checkout; for an installed package, the folder that it is installed in."""

STATE = ".perfstudy"
MARKS = (".git", "pyproject.toml", "manage.py")
"""What the root of a project is known by."""


def home() -> Path:
    """Return the folder of all state that the project writes.

    ``PERFSTUDY_HOME``, or ``.perfstudy`` at the root of the user's project; this project's own checkout is always its
    own root.

    Raises:
        UsageError: the current folder no longer exists.
    """
    return variables.HOME.read() or (PROJECT if is_checkout() else find_root(_here())) / STATE


def is_checkout() -> bool:
    """Return whether the package lies in its checkout, not in a wheel's place."""
    return not (PACKAGE / "data").is_dir()


def find_root(folder: Path) -> Path:
    """Return the nearest folder from *folder* upwards that a project starts in.

    It is *folder* itself where no folder has ``.git``, ``pyproject.toml`` or ``manage.py``.
    """
    return next((one for one in (folder, *folder.parents) if any((one / mark).exists() for mark in MARKS)), folder)


def _here() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise UsageError("the current folder no longer exists: change to another, or set PERFSTUDY_HOME") from None


def scratch() -> Path:
    """Return the folder of files that live as long as a command, made if missing."""
    folder = home() / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def seeds() -> Path:
    """Return the folder of the reference data, as readable files."""
    return _find_data("seeds")


def published() -> Path:
    """Return the folder of the reviewed result sets that come with the package."""
    return _find_data("published")


def publishing() -> Path:
    """Return the folder that ``perfstudy publish`` writes to; it need not exist."""
    return published() if is_checkout() else home() / "published"


def _find_data(name: str) -> Path:
    return PROJECT / "data" / name if is_checkout() else Path(str(files("perfstudy"))) / "data" / name
