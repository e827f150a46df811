"""What a notebook sees of a service in operation: counters that add up, a way back that fails nobody, outages."""

from perfstudy.listing.optimizations import ORIGINAL
from perfstudy.listing.workbench.bench import Bench
from perfstudy.listing.workbench.operations import parse_counters


def test_every_optimization_has_a_way_back_by_hand(bench: Bench) -> None:
    rows = bench.operations.by_hand("all").rows
    assert [row["optimization"] for row in rows] == [o.name for o in ORIGINAL]
    assert all(row["by hand"] for row in rows)


def test_the_service_counts_what_it_answered(bench: Bench) -> None:
    rows = bench.operations.counters("related+cache", 5).rows
    assert {row["cache"]: row["requests"] for row in rows} == {"MISS": 1, "HIT": 4}


def test_only_the_listing_is_shown_of_the_metrics() -> None:
    labels = 'status="200",cache="",tenant_class="small"'
    text = f'# TYPE perfstudy_requests counter\nperfstudy_requests_total{{path="other",{labels}}} 3.0\n# EOF\n'
    assert not list(parse_counters(text))
    assert [row["requests"] for row in parse_counters(text.replace("other", "all"))] == [3]


def test_a_way_back_fails_no_request_and_leaves_nothing(bench: Bench) -> None:
    first, second = bench.operations.rollback("index+related", "related", "index").rows
    assert (first["then served"], second["then served"]) == ("index", "baseline")
    assert first["failed requests"] == second["failed requests"] == 0
    assert first["the baseline's answers"]
    assert second["the baseline's answers"]
    assert (first["the baseline's schema"], second["the baseline's schema"]) == (False, True)


def test_outages_end_in_answers(bench: Bench) -> None:
    redis, postgres = bench.operations.outages("related+cache").rows
    assert (redis["without"], postgres["without"]) == ("Redis", "PostgreSQL")
    assert str(redis["a page asked before"]).startswith("503, Retry-After")
    assert postgres["a page asked before"] == "200"
    assert str(postgres["another page"]).startswith("503, Retry-After")
    assert redis["well again"]
    assert postgres["well again"]
