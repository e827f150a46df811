"""Say what a run leaves open, and what would decide it."""

from math import ceil, isfinite, log
from typing import Any

from perfstudy import formatting
from perfstudy.analysis.verdict import THRESHOLD
from perfstudy.model.labels import describe
from perfstudy.model.study import MAX_BLOCKS
from perfstudy.report.headline import Name, say_place


def list_open(rows: list[dict[str, Any]], name: Name = describe) -> list[str]:
    """Return a line for each inconclusive row, with what would decide it."""
    return [
        f"{name(row['label'])}, {say_place(row, name)}: {_advise(row)}"
        for row in rows
        if row["comparison"] == "inconclusive"
    ]


def _advise(row: dict[str, Any]) -> str:
    if not isfinite(row["speedup"]):
        return "too few requests were timed for an interval; `--requests` asks for more."
    interval = formatting.factor_with_interval(row["speedup"], row["low"], row["high"])
    if row["low"] <= 0 or not isfinite(row["high"]):
        return f"{formatting.factor(row['speedup'])} has no interval after one block; `--blocks 10` gives it one."
    noise = row["floor"] if isfinite(row["floor"]) else 1.0
    estimate = row["speedup"]
    if max(estimate, 1 / estimate) <= noise and max(estimate, 1 / estimate) > 1 + THRESHOLD:
        return (
            f"{interval} is no more than the reference differs from itself, {formatting.factor(noise)}; "
            "a quieter machine would decide it."
        )
    blocks = estimate_blocks(row)
    if blocks is None:
        limit = formatting.factor(1 + THRESHOLD)
        return f"{interval} is too close to {limit}, the least that counts, for any number of blocks to decide it."
    return f"{interval}; about {blocks:,} blocks would decide it if the estimate stays (`--blocks {blocks}`)."


def estimate_blocks(row: dict[str, Any]) -> int | None:
    """Return how many blocks would decide *row*; None for more than are possible.

    That is if its estimate and its spread stay.
    The half-width of an interval shrinks with the square root of the blocks, and the interval has to leave the
    nearest bound of what counts, which is 1 + the practical threshold or its inverse.
    """
    middle, least = log(row["speedup"]), log(1 + THRESHOLD)
    half = max(log(row["high"]) - middle, middle - log(row["low"]))
    distance = abs(abs(middle) - least)
    if distance == 0 or not isfinite(half):
        return None
    blocks = max(row["blocks"] + 1, ceil(row["blocks"] * (half / distance) ** 2))
    return blocks if blocks <= MAX_BLOCKS else None
