"""What a notebook sees of a cache: its keys, and what an edit leaves behind."""

from perfstudy.listing.workbench.bench import Bench
from perfstudy.listing.workbench.cache import EDITED


def test_a_request_leaves_one_entry(bench: Bench) -> None:
    (row,) = bench.cache.entries("related+values+connections+cache").rows
    assert str(row["key"]).startswith("yelp_ads:1:programs:")
    assert row["holds"] == "pickle of programs (20), total_count, offset, limit, from_cache"


def test_the_first_request_misses_and_the_others_hit(bench: Bench) -> None:
    rows = bench.cache.asked("related+values+connections+cache").rows
    assert [(row["X-Cache"], row["from_cache"]) for row in rows] == [("MISS", False), ("HIT", True), ("HIT", True)]
    assert {row["X-Cache"] for row in bench.cache.asked("related", 1).rows} == {"-"}


def test_only_an_invalidated_cache_shows_an_edit(bench: Bench) -> None:
    shown = bench.cache.edits("related", "related+cache", "related+cache+invalidate")
    seen = {row["variant"]: (row["the next read gives"] == EDITED, row["out of date for"]) for row in shown.rows}
    assert seen == {
        "related": (True, "no time"),
        "related+cache": (False, "up to 60 s"),
        "related+cache+invalidate": (True, "no time"),
    }
    assert repr(bench.cache.edits("related+cache")) == repr(bench.cache.edits("related+cache")), "edits are taken back"
