"""The data set: scales, deterministic generation from ``data/seeds``, bulk load, checksum."""

from collections.abc import Callable

from perfstudy.dataset.checksums import checksum
from perfstudy.dataset.marker import Facts, facts
from perfstudy.dataset.scales import SCALES, Scale

__all__ = ["SCALES", "Facts", "Scale", "checksum", "facts", "load"]


def load(url: str, scale: str, progress: Callable[[str, float, float], None] | None = None) -> Facts:
    """Fill the empty database at *url* with *scale*; see ``perfstudy.dataset.loading.load``.

    numpy, Arrow and psycopg are only imported here, so that naming a scale costs nothing.
    """
    from perfstudy.dataset.loading import load as fill

    return fill(url, scale, progress)
