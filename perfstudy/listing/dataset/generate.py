"""The rows of a scale, generated in chunks, in any order and bounded memory."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perfstudy.listing.dataset.ahead import CORES, prefetch
from perfstudy.listing.dataset.checksums import combine, compute_digest
from perfstudy.listing.dataset.copytext import text
from perfstudy.listing.dataset.draws import Draws, Integers
from perfstudy.listing.dataset.population import JOINED, OWNERS, SEED, Population, draw_population
from perfstudy.listing.dataset.programs import Programs, draw_other_programs, draw_reference_programs
from perfstudy.listing.dataset.reference import read_reference
from perfstudy.listing.dataset.render import make_dictionaries, render_businesses, render_programs
from perfstudy.listing.dataset.scales import Scale

CHUNK = 20_000
"""Rows of a chunk. The rows depend on it, so it is a part of the generation and no option."""


class Rows:
    """The rows of a *scale*: the same bytes from every instance, in any order of use."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale
        self.people: Population = draw_population(scale)
        self.reference = draw_reference_programs()
        self._slots = choose_slots(self.reference.created, scale.rows)
        self._owners = draw_owners(self.people, self._slots)
        self._ready = make_dictionaries(self.people)

    @property
    def chunks(self) -> int:
        """How many chunks the programs come in."""
        return -(-self.scale.rows // CHUNK)

    def businesses(self) -> memoryview:
        """Return the rows of ``ads_business``, in COPY's text format."""
        return text(render_businesses(self.people))

    def numbers(self, chunk: int) -> Programs:
        """Return the programs of a *chunk* as numbers."""
        first = chunk * CHUNK
        tenant = self._owners[first : first + CHUNK].astype(np.int64)
        made = draw_other_programs(self.scale.rows, chunk, first, tenant, self.people.counts[tenant])
        low, high = np.searchsorted(self._slots, (first, first + CHUNK))
        made.put(tenant == 0, self.reference, slice(int(low), int(high)))
        return made

    def programs(self, chunk: int) -> memoryview:
        """Return the rows of ``ads_programregistry`` of a *chunk*, in COPY's text format."""
        return text(self.arrow(chunk))

    def arrow(self, chunk: int) -> Any:
        """Return a *chunk*'s rows of text as an Arrow array, one row each."""
        return render_programs(self.numbers(chunk), chunk * CHUNK + 1, self.people, self._ready)

    def produce(self, first: int = 0, workers: int = max(1, CORES - 1)) -> Iterator[tuple[memoryview, bytes]]:
        """Yield each chunk from *first* on and its digest, in order.

        Threads make them ahead, as many as *workers*: by default one core is left for sending them.
        """
        return prefetch(self._make, range(first, self.chunks), workers)

    def checksum(self, report: Callable[[int], None] = lambda chunks: None) -> str:
        """Return the checksum of all rows: makes every one of them, on all cores.

        *report* is called with the number of chunks made.
        """
        digests = [compute_digest(self.businesses())]
        for _, digest in self.produce(workers=CORES):
            report(len(digests))
            digests.append(digest)
        return combine(digests)

    def __iter__(self) -> Iterator[memoryview]:
        return (self.programs(chunk) for chunk in range(self.chunks))

    def _make(self, chunk: int) -> tuple[memoryview, bytes]:
        rows = self.programs(chunk)
        return rows, compute_digest(rows)


def choose_slots(created: Integers, rows: int) -> Integers:
    """Return the ascending places of the reference tenant's programs in the table.

    The table of *rows* grew over time. *created* ascends; each program is placed at its moment, or just behind the one
    before it.
    """
    count = np.arange(len(created), dtype=np.int64)
    wanted = created * rows // measure_history()
    behind = np.maximum.accumulate(wanted - count) + count
    return np.minimum(behind, rows - len(created) + count)


def measure_history() -> int:
    """Return the length of the table's history in milliseconds."""
    return (read_reference().today - read_reference().first_day).days * 24 * 60 * 60 * 1000


def draw_owners(people: Population, taken: Integers) -> NDArray[np.int32]:
    """Return the tenant of each row, ordered by creation: 0 at the places *taken*.

    A row's moment is uniform between its tenant's arrival and the end; rows are then sorted by their moments, in the
    upper bits of a word whose lower bits are the tenant.
    """
    sizes, rows = people.sizes, people.scale.rows
    until = read_reference().tenants["others"]["joined_until"]
    joined = Draws(SEED, JOINED, rows).uniform(len(sizes)) * until
    joined[0] = 0
    tenants = np.repeat(np.arange(1, len(sizes), dtype=np.int32), sizes[1:])
    moments = joined[tenants] + (1 - joined[tenants]) * Draws(SEED, OWNERS, rows).uniform(len(tenants))
    words = ((moments * 2.0**39).astype(np.int64) << 24) | tenants
    words.sort()
    everyone = np.zeros(rows, dtype=np.int32)
    others = np.ones(rows, dtype=np.bool_)
    others[taken] = False
    everyone[others] = (words & 0xFFFFFF).astype(np.int32)
    return everyone
