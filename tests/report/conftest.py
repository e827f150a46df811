"""The store that a module of the report's tests has to itself."""

from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the runs are stored."""
    return tmp_path_factory.mktemp("stored") / "store.sqlite"
