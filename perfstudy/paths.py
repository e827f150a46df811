"""The project's folders: its own state, the reference data, the published results."""

from pathlib import Path

from perfstudy.model import variables

PROJECT = Path(__file__).resolve().parent.parent


def home() -> Path:
    """Return the folder of all state that the project writes.

    ``PERFSTUDY_HOME``, or ``.perfstudy`` in the project.
    """
    return variables.HOME.read() or PROJECT / ".perfstudy"


def scratch() -> Path:
    """Return the folder of files that live as long as a command, made if missing."""
    folder = home() / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def seeds() -> Path:
    """Return the folder of the reference data, as readable files."""
    return PROJECT / "data" / "seeds"


def published() -> Path:
    """Return the folder of the reviewed result sets."""
    return PROJECT / "data" / "published"
