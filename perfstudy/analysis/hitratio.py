"""Caches with a fixed lifetime: their hit ratio, and quantiles of response times."""

import numpy as np
from numpy.typing import ArrayLike

from perfstudy.analysis.quantile import Array


def hit_ratio(rate: ArrayLike, lifetime: float) -> Array:
    """Return the share of requests for a key that hit, for Poisson requests at *rate*.

    *rate* is per second, of any shape.

    h = rate T / (1 + rate T), with T the *lifetime* in seconds from insertion, which a hit does not extend.
    Each cycle is one miss and then the Poisson(rate T) requests of one lifetime, all hits; h is hits over requests
    in a cycle. Jung, Berger and Balakrishnan, *Modeling TTL-based internet caches* (2003); as a TTL cache without
    reset in Fofack, Nain, Neglia and Towsley, *Analysis of TTL-based cache networks* (2012). Nothing is evicted
    before its time: a full cache needs the characteristic time of Che, Tung and Wang (2002) instead.

    Raises:
        ValueError: a rate or the lifetime is negative.
    """
    expected = np.asarray(rate, dtype=np.float64) * lifetime
    if lifetime < 0 or np.any(expected < 0):
        raise ValueError(f"rates and lifetimes are not negative: {rate!r}, {lifetime}")
    ratio: Array = expected / (1 + expected)
    return ratio


def overall_hit_ratio(rates: ArrayLike, lifetime: float) -> float:
    """Return the hit ratio of all requests, over the keys of shape (keys,).

    It is sum_k rate_k h_k / sum_k rate_k.

    It is weighted by requests, not keys: few popular keys nearly always hit, many rare ones nearly never.

    Raises:
        ValueError: there is no request at all, or a rate or the lifetime is negative.
    """
    each = np.asarray(rates, dtype=np.float64)
    if not each.sum() > 0:
        raise ValueError("a hit ratio needs requests, and the rates sum to none")
    return float(each @ hit_ratio(each, lifetime) / each.sum())


def zipf_rates(total: float, keys: int, exponent: float = 1.0) -> Array:
    """Return *total* requests a second shared by Zipf's law, shape (keys,).

    The most popular of the *keys* is first:

    rate_k = total k^-s / sum_j j^-s: Breslau, Cao, Fan, Phillips and Shenker, *Web caching and Zipf-like
    distributions* (1999), who found exponents s of 0.64 to 0.83.
    """
    share = np.arange(1, keys + 1, dtype=np.float64) ** -exponent
    rates: Array = total * share / share.sum()
    return rates


def mixture_quantile(hits: ArrayLike, misses: ArrayLike, ratio: float, q: ArrayLike) -> Array:
    """Return response time quantiles where a share *ratio* of requests hit.

    The result has the shape of *q*.

    F(x) = ratio F_hit(x) + (1 - ratio) F_miss(x);   quantile = the least sample x with F(x) >= q

    from the samples of *hits* and of *misses* in seconds. It shows what a cache does not do: while more than 1 - q
    of the requests miss, the q quantile is a miss's time, however fast the hits are.

    Raises:
        ValueError: *ratio* is not between 0 and 1, or a side that has weight has no sample.
    """
    hit, miss = (np.asarray(side, dtype=np.float64).ravel() for side in (hits, misses))
    if not 0 <= ratio <= 1 or (ratio > 0 and not hit.size) or (ratio < 1 and not miss.size):
        raise ValueError(f"a mixture at hit ratio {ratio} needs samples: {hit.size} hits and {miss.size} misses")
    times = np.concatenate([hit, miss])
    mass = np.concatenate(
        [np.full(hit.size, ratio / max(hit.size, 1)), np.full(miss.size, (1 - ratio) / max(miss.size, 1))]
    )
    order = np.argsort(times, kind="stable")
    order = order[mass[order] > 0]
    reached = np.cumsum(mass[order])
    place = np.searchsorted(reached, np.asarray(q, dtype=np.float64) - 1e-12)
    quantiles: Array = times[order][np.minimum(place, order.size - 1)]
    return quantiles
