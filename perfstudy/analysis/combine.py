"""Combine two intervals for one effect: where they differ, the wider is published."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from perfstudy.analysis.bootstrap import RESAMPLES, percentile_interval, resample_means
from perfstudy.analysis.effect import student_interval
from perfstudy.analysis.interval import Interval

MATERIAL = 0.1
"""A bound differs materially by more than this share of the narrower width."""


@dataclass(frozen=True)
class Published:
    """The published interval with its two candidates, all on the log scale."""

    interval: Interval
    source: Literal["student", "bootstrap"]
    student: Interval
    bootstrap: Interval


def choose_wider(student: Interval, bootstrap: Interval) -> Published:
    """Return Student's interval, or the wider one where both differ materially.

    They differ materially where either bound differs by more than a tenth of the narrower interval's width.
    Student's assumes that the block effects are about normal, which holds well for logs; the bootstrap assumes that
    the blocks represent all, a poor assumption for few. The wider interval relies on neither assumption alone.
    """
    apart = max(abs(student.low - bootstrap.low), abs(student.high - bootstrap.high))
    material = apart > MATERIAL * min(student.width, bootstrap.width)
    if material and bootstrap.width > student.width:
        return Published(bootstrap, "bootstrap", student, bootstrap)
    return Published(student, "student", student, bootstrap)


def average_blocks(
    values: ArrayLike, confidence: float = 0.95, *, resamples: int = RESAMPLES, seed: int = 0
) -> list[Published]:
    """Return the mean over blocks of each column, with its published interval.

    *values* has the shape (blocks, k).

    Any quantity that is linear in the blocks' log times (a contrast, a Shapley value) is a mean of one value per
    block, so Student's interval and the block bootstrap apply to it directly, and the blocks' own levels cancel.
    """
    y = np.asarray(values, dtype=np.float64)
    draws = resample_means(y, resamples=resamples, seed=seed)
    return [
        choose_wider(student_interval(column, confidence), percentile_interval(drawn, float(column.mean()), confidence))
        for column, drawn in zip(y.T, draws.T, strict=True)
    ]
