"""Choose where matplotlib stores its list of fonts."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from perfstudy import paths

VARIABLE = "MPLCONFIGDIR"


def choose() -> None:
    """Name a folder of this project where matplotlib's own is not writable."""
    if not os.environ.get(VARIABLE) and not _writable(_own()):
        os.environ[VARIABLE] = str(_ours())


def _own() -> list[Path]:
    """Return the folders that matplotlib takes by itself."""
    named = (("XDG_CONFIG_HOME", ".config"), ("XDG_CACHE_HOME", ".cache"))
    home = os.path.expanduser("~")  # noqa: PTH111 - which, unlike a Path's, does not fail where there is no home
    return [Path(os.environ.get(variable) or Path(home, name)) / "matplotlib" for variable, name in named]


def _ours() -> Path:
    folder = paths.home() / "matplotlib"
    if _writable([folder]):
        return folder
    folder = Path(tempfile.mkdtemp(prefix="perfstudy-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _writable(folders: Sequence[Path]) -> bool:
    try:
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return all(os.access(folder, os.W_OK) for folder in folders)
