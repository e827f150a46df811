"""Say what would decide a claim that a run leaves open."""

from math import ceil, isfinite, log
from typing import Any

from perfstudy import formatting
from perfstudy.analysis.verdict import THRESHOLD
from perfstudy.model.study import MAX_BLOCKS


def count_blocks(blocks: int, half: float, distance: float) -> int | None:
    """Return how many blocks narrow an interval to *distance*.

    *half* is its half-width after so many *blocks*; it shrinks with their square root. None stands for more blocks than
    are possible.
    """
    if distance <= 0 or not isfinite(half):
        return None
    needed = max(blocks + 1, ceil(blocks * (half / distance) ** 2))
    return needed if needed <= MAX_BLOCKS else None


def advise_claim(row: dict[str, Any], blocks: int) -> str:
    """Return what would decide the inconclusive verdict *row*.

    It was judged after so many *blocks*.
    """
    if not isfinite(row["speedup"]):
        return "too few requests were timed for an interval; `--requests` asks for more"
    if row["low"] <= 0 or not isfinite(row["high"]):
        return "one block gives no interval; `--blocks 10` does"
    noise = row["floor"] if isfinite(row["floor"]) else 1.0
    if 1 + THRESHOLD < row["speedup"] <= noise:
        said = f"the reference differs from itself by {formatting.factor(noise)}"
        return f"{said}; a quieter machine would decide it"
    needed = estimate_claim_blocks(row, blocks)
    if needed is None:
        return "too close to a bound for any number of blocks to decide it"
    return f"about {needed:,} blocks should decide it"


def estimate_claim_blocks(row: dict[str, Any], blocks: int) -> int | None:
    """Return how many blocks would decide the claim of *row*.

    That is if its estimate and spread stay. They suffice where the interval leaves 1, which shows a gain, or falls
    below what matters, or below the claimed range.
    """
    middle = log(row["speedup"])
    above, below = log(row["high"]) - middle, middle - log(row["low"])
    needed = [
        count_blocks(blocks, below, middle - log(max(1.0, min(row["floor"], 1 + THRESHOLD)))),
        count_blocks(blocks, above, log(1 + THRESHOLD) - middle),
        count_blocks(blocks, above, log(row["claimed_low"]) - middle),
    ]
    return min((one for one in needed if one is not None), default=None)
