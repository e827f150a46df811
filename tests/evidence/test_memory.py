"""Memory of a real service; what is asserted is an order, since how much is the machine's business."""

import os
from pathlib import Path

import pytest

from perfstudy.drivers.http import Client
from perfstudy.evidence import memory
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import BASELINE

MEGABYTE = 1_000_000


def test_a_whole_list_takes_more_than_a_page(lab: Lab, tiny: Database) -> None:
    tiny.reconcile(BASELINE)
    with lab.serve(BASELINE, tiny) as service, Client(service.url, service.token(tiny.facts.tenant)) as client:
        client.get(listing(limit=20))
        page = memory.measure_growth(service, lambda: client.get(listing(limit=20)))
        whole = memory.measure_growth(service, lambda: client.get(listing(all="true", program_status="ALL")))
    assert whole > page + MEGABYTE


@pytest.mark.parametrize("measure", [memory._by_polling, memory._by_kernel])
def test_what_was_let_go_again_still_counts(measure) -> None:  # type: ignore[no-untyped-def]
    if measure is memory._by_kernel and not Path("/proc/self/clear_refs").exists():
        pytest.skip("this system has no /proc: the kernel's own peak cannot be asked for")

    def take() -> None:
        for _ in range(10):  # long enough for whoever looks from time to time
            bytearray(b"x" * 40 * MEGABYTE)

    assert measure([os.getpid()], take) > 30 * MEGABYTE
