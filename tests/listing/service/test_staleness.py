"""Readers and writers at once over HTTP: no answer is older than what was acknowledged before it was asked for."""

import pytest

from benchmarks.staleness import BEST, GUARDED, UNGUARDED, World, run_mixed
from perfstudy.listing.variant import parse

FASTEST = "fastest+ttl+warm+etag"


@pytest.fixture
def seen(request, lab, databases):
    """What 16 clients saw of a variant."""
    name, operations = request.param
    variant, world = parse(name), World("staleness")
    with lab.serve(variant, databases.of(variant), key_prefix="staleness") as service:
        yield run_mixed(service, world, operations, 16)
        lab.clear_cache("staleness")


@pytest.mark.parametrize(
    "seen",
    [
        (BEST, 2_000),
        (FASTEST, 2_000),
        (GUARDED, 1_000),
        (GUARDED + "+granian", 1_000),
        (GUARDED.replace("gunicorn+", ""), 1_000),
    ],
    ids=["best", "fastest", "gunicorn", "granian", "development"],
    indirect=True,
)
def test_no_answer_is_stale(seen):
    assert seen["stale"] == 0
    assert not [event for event in seen if event.startswith("failed")]
    assert min(seen[event] for event in ("hit", "miss", "unchanged", "updates", "syncs")) > 0


@pytest.mark.parametrize("seen", [(UNGUARDED, 400)], ids=["unguarded"], indirect=True)
def test_without_invalidation_this_would_be_noticed(seen):
    assert seen["stale"] > 0
