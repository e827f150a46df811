"""A queue: how long requests take that come at random and wait for one server."""

import numpy as np
from numpy.typing import ArrayLike

from perfstudy.analysis.quantile import Array


def response_times(rate: float, service: ArrayLike, seed: int = 1) -> Array:
    """Return the response times in seconds of requests that arrive at random.

    *rate* is in requests a second, *service* the seconds that the server works on each, of shape (requests,).

    Lindley's recursion, *The theory of queues with a single server* (1952): a request waits for what is left of the
    work before it, W' = max(0, W + S - A), with the exponential times A between arrivals (Poisson). As a closed form,
    W is how far the running sum of S - A stands above its least value so far.

    Raises:
        ValueError: the rate is not positive, or there is no request.
    """
    work = np.asarray(service, dtype=np.float64)
    if rate <= 0 or not work.size:
        raise ValueError(f"a queue needs requests at a positive rate: {work.size} requests at {rate}")
    between = np.random.default_rng(seed).exponential(1 / rate, work.size - 1)
    sums = np.concatenate([[0.0], np.cumsum(work[:-1] - between)])
    times: Array = sums - np.minimum.accumulate(sums) + work
    return times
