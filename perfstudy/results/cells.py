"""What goes into the store: a cell of the schedule, and the result of one."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

Nanoseconds = NDArray[np.int64]

OF_PAGE = "page:"
"""What the name of a page's quantity begins with where it is stored, as no name in a Server-Timing header can."""

LEVEL = 6
"""zlib's level: a million latencies take about 3 MB; loading costs the same at every level."""


@dataclass(frozen=True)
class PlannedCell:
    """One cell of a schedule, with its *position* in its block; both count from 0.

    *label* is the variant's name within the study, which differs from *variant* for the control (A/A) only.
    *temperature* is ``cold`` or ``warm``.
    """

    block: int
    position: int
    label: str
    variant: str
    scale: str
    scenario: str
    temperature: str

    @property
    def key(self) -> tuple[int, str, str, str, str]:
        """What no two cells of a run share: block, scale, label, scenario, temperature."""
        return (self.block, self.scale, self.label, self.scenario, self.temperature)

    def __str__(self) -> str:
        return f"block {self.block + 1}, {self.label}, {self.scenario}, {self.temperature}, {self.scale}"


@dataclass(frozen=True)
class CellResult:
    """The result of one cell.

    - *latencies*: int64 array of shape (n,), nanoseconds, in the order of the requests.
    - *first_ns*: the first request of the fresh process, if this cell was the first that it served.
    - *setup_seconds*: what it took to bring the cell into its declared state, the process's start included.
    - *server_timing*: medians over the requests in milliseconds: connect, db, serialize, total.
    - *quantities*: what a browser counted of a page, by the names of ``perfstudy.model.quantity``.
    - *bytes*: the length of one answer's body; *errors*: the number of requests that failed.
    """

    latencies: Nanoseconds
    first_ns: int | None
    setup_seconds: float
    started_at: datetime
    warmups: int
    server_timing: Mapping[str, Any] = field(default_factory=dict)
    bytes: int = 0
    errors: int = 0
    quantities: Mapping[str, float] = field(default_factory=dict)


def read_quantities(server_timing: Mapping[str, Any]) -> dict[str, float]:
    """Return the quantities of a page that stand in a stored *server_timing*."""
    return {name.removeprefix(OF_PAGE): value for name, value in server_timing.items() if name.startswith(OF_PAGE)}


def pack(latencies: Any) -> bytes:
    """Return nanoseconds as zlib-compressed little-endian int64.

    Raises:
        ValueError: not a series of whole numbers of nanoseconds, of at least 0 and below 2 to the 63rd.
    """
    given = np.asarray(latencies)
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
        raise ValueError("latencies are a series of whole nanoseconds")
    if given.size and not 0 <= int(given.min()) <= int(given.max()) < 2**63:
        raise ValueError("latencies are a series of whole nanoseconds, none below 0 or beyond 64 bits")
    return zlib.compress(given.astype("<i8").tobytes(), LEVEL)


def unpack(packed: bytes) -> Nanoseconds:
    """Return the int64 array that :func:`pack` was given."""
    return np.frombuffer(zlib.decompress(packed), dtype="<i8").astype(np.int64, copy=False)
