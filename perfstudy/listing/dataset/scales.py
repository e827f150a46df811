"""The scales: how large the data set is, by name."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfstudy.errors import PerfstudyError, unknown
from perfstudy.paths import seeds

FILE = "scales.toml"
FURTHER = "further"
"""The folder of what is declared apart, so that the identity of the other scales does not change."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A size of the data set: *rows* programs, the reference tenant's included."""

    name: str
    rows: int
    summary: str
    further: bool = False
    """Whether it is declared apart, outside the published results."""


def read_scales() -> dict[str, Scale]:
    """Return the scales of the files ``scales.toml`` by name, smallest first.

    Raises:
        PerfstudyError: the file is missing or malformed; the message names it and what is wrong.
    """
    scales = [*_read(seeds() / FILE), *_read(seeds() / FURTHER / FILE, further=True)]
    return {scale.name: scale for scale in sorted(scales, key=lambda scale: scale.rows)}


def _read(path: Path, *, further: bool = False) -> list[Scale]:
    if further and not path.exists():
        return []
    try:
        with path.open("rb") as file:
            declared: Mapping[str, Mapping[str, Any]] = tomllib.load(file)
        return [Scale(name=name, further=further, **entry) for name, entry in declared.items()]
    except (OSError, TypeError, AttributeError, tomllib.TOMLDecodeError) as error:
        raise PerfstudyError(f"{path} does not declare the scales: {error}; restore it from the repository") from error


SCALES: dict[str, Scale] = read_scales()


def find_scale(name: str) -> Scale:
    """Return the scale called *name*.

    Raises:
        UsageError: there is none; the message names the nearest ones.
    """
    if name not in SCALES:
        raise unknown("scale", name, SCALES)
    return SCALES[name]
