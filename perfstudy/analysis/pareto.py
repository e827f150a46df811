"""The Pareto front: the choices that no other choice beats in everything."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def front(costs: ArrayLike) -> NDArray[np.bool_]:
    """Return which rows of *costs*, shape (choices, criteria) and less being better, no other row dominates.

    A row dominates another where it is nowhere worse and somewhere better: Pareto, *Manuale di economia politica*
    (1906). Equal rows do not dominate each other. Negate a criterion of which more is better.
    """
    c = np.asarray(costs, dtype=np.float64)
    nowhere_worse = np.all(c[:, None] <= c[None], axis=2)
    somewhere_better = np.any(c[:, None] < c[None], axis=2)
    return np.asarray(~np.any(nowhere_worse & somewhere_better, axis=0), dtype=np.bool_)
