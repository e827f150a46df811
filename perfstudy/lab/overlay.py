"""Django settings of an arm, merged into those of its project."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_settings(
    scratch: Path, folder: Path, overlay: Mapping[str, Any], environment: Mapping[str, str]
) -> dict[str, str]:
    """Write the merged settings to *scratch*; return the variables that select them."""
    return {}
