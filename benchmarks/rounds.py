"""What the benchmarks that compare variants over several rounds have in common: an order, and ratios with intervals."""

import argparse
from collections.abc import Iterable, Sequence
from random import Random
from typing import TypeVar

import numpy as np

from perfstudy.analysis.effect import student
from perfstudy.analysis.interval import Interval

One = TypeVar("One")


def options(description: str | None, *, rounds: int, seconds: float) -> argparse.Namespace:
    """Read how many rounds are made, how long each line of one is measured, and at which scale."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0] if description else None)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--seconds", type=float, default=seconds)
    parser.add_argument("--scale", default="small")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def shuffled(things: Iterable[One], seed: int, number: int) -> list[One]:
    """Return *things* in the order of round *number*, so that no one comes first each time."""
    found = list(things)
    Random(f"{seed}:{number}").shuffle(found)
    return found


def ratio(mine: Sequence[float], theirs: Sequence[float]) -> Interval:
    """Return *mine* over *theirs*, round by round: the geometric mean with Student's interval over the rounds."""
    return student(np.log(np.array(mine) / np.array(theirs))).exp()


def middle(values: Sequence[float]) -> float:
    """Return the geometric mean over rounds."""
    return float(np.exp(np.mean(np.log(values))))
