"""The data set: scales, generation from ``data/seeds``, bulk load, checksums."""

from collections.abc import Callable

from perfstudy.listing.dataset.checksums import compute_checksum
from perfstudy.listing.dataset.marker import Facts, read_facts
from perfstudy.listing.dataset.scales import SCALES, Scale

__all__ = ["SCALES", "Facts", "Scale", "can_resume", "compute_checksum", "load", "read_facts"]


def load(url: str, scale: str, progress: Callable[[str, float, float], None] | None = None) -> Facts:
    """Fill the empty database at *url* with *scale*; see ``dataset.loading.load``.

    numpy, Arrow and psycopg are only imported here, so that naming a scale costs nothing.
    """
    from perfstudy.listing.dataset.loading import load as fill

    return fill(url, scale, progress)


def can_resume(url: str, scale: str) -> bool:
    """Return whether ``load`` would continue an interrupted load of *scale* at *url*."""
    from perfstudy.listing.dataset import loading

    return loading.can_resume(url, scale)
