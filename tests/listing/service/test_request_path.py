"""The path of a cached hit through the service: how many files it passes."""

import sys
from pathlib import Path

import perfstudy
from perfstudy.listing.requests import listing
from perfstudy.listing.service.body_drain import read_away

PACKAGE = Path(perfstudy.__file__).parent
MOST = 12
"""Files of the package that a hit may pass: as many as one can hold in mind."""


def test_a_hit_of_the_recommended_variant_passes_at_most_twelve_files(lab, inside, monkeypatch):
    lab.clear_cache()
    service = inside("best")
    monkeypatch.setattr(service, "application", read_away(service.application))
    assert [service.get(listing()).cache for _ in range(3)] == ["MISS", "HIT", "HIT"]
    passed = set()

    def note(frame, event, argument):
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.is_relative_to(PACKAGE):
            passed.add(str(path.relative_to(PACKAGE)))

    answer = service.application

    def profiled(environ, start):
        sys.setprofile(note)  # until what follows the answer is done too
        return answer(environ, start)

    monkeypatch.setattr(service, "application", profiled)
    try:
        found = service.get(listing())
    finally:
        sys.setprofile(None)
    assert found.cache == "HIT"
    assert {"listing/optimizations/near.py", "listing/service/metrics.py"} <= passed
    assert len(passed) <= MOST, sorted(passed)
