"""When requests are due."""

from collections.abc import Iterator
from random import Random

from perfstudy.errors import unknown

KINDS = ("poisson", "constant")


def draw_arrivals(kind: str, rate: float, duration: float, seed: int = 1) -> Iterator[float]:
    """Yield the seconds after the start at which requests are due.

    There are *rate* a second, for *duration* seconds.

    ``constant`` spaces them equally. ``poisson`` draws the gaps from the exponential distribution, as many independent
    visitors make them; the same *seed* gives the same moments.

    Raises:
        UsageError: *kind* is neither.
    """
    if kind not in KINDS:
        raise unknown("kind of arrivals", kind, KINDS)
    draw = Random(seed)
    due, number = (draw.expovariate(rate) if kind == "poisson" else 0.0), 0
    while due < duration:
        yield due
        number += 1
        due = due + draw.expovariate(rate) if kind == "poisson" else number / rate
