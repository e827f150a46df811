"""Holm's adjustment of the p-values of claims that are judged together."""

import numpy as np
from numpy.typing import ArrayLike

from perfstudy.analysis.quantile import Array


def adjust(p_values: ArrayLike) -> Array:
    """Return Holm's step-down adjusted p-values, in the order given, shape (m,).

    With p_(1) <= ... <= p_(m):  adjusted p_(i) = max over j <= i of min(1, (m - j + 1) p_(j)).
    Rejecting where the adjusted value is at most alpha keeps the chance of any false rejection within alpha,
    however the tests depend on each other: Holm, *A simple sequentially rejective multiple test procedure* (1979).

    Raises:
        ValueError: a value is not between 0 and 1.
    """
    p = np.asarray(p_values, dtype=np.float64).ravel()
    if not np.all((p >= 0) & (p <= 1)):
        raise ValueError(f"a p-value lies between 0 and 1, and these do not: {p[~((p >= 0) & (p <= 1))]}")
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(np.minimum(1.0, np.arange(p.size, 0, -1) * p[order]))
    adjusted = np.empty_like(p)
    adjusted[order] = stepped
    return adjusted
