"""Scenarios that go on from a cursor."""

import pytest

from perfstudy.drivers.asker import decode_answer
from perfstudy.drivers.http import Client, Exchange
from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.listing.compiling import arm
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.scenarios import SCENARIOS, find_scenario
from perfstudy.listing.studies import STUDIES
from perfstudy.listing.variant import BASELINE, BEST, parse
from perfstudy.measure import evidence_pass
from perfstudy.measure.evidence_pass import inspect_request


def test_a_page_is_reached_by_the_cursor_of_the_one_before(lab: Lab, tiny: Database) -> None:
    variant = parse("related+page+keyset")
    tiny.reconcile(variant)
    (by_offset,) = inspect_request(lab, tiny, arm(variant), find_scenario("page@100"))
    (by_cursor,) = inspect_request(lab, tiny, arm(variant), find_scenario("after@100"))
    assert "offset=100" in by_offset.evidence["target"]
    assert "&after=" in by_cursor.evidence["target"]
    assert "offset" not in by_cursor.evidence["target"]
    assert by_cursor.evidence["statement_count"] == by_offset.evidence["statement_count"] == 2
    (skipped,) = [sql for sql in by_offset.evidence["statements"] if "OFFSET" in sql]
    assert not any("OFFSET" in sql for sql in by_cursor.evidence["statements"])
    assert skipped


def test_without_cursors_it_cannot_be_asked(lab: Lab, tiny: Database) -> None:
    tiny.reconcile(BASELINE)
    with pytest.raises(PerfstudyError, match="no Link to a next page"):
        inspect_request(lab, tiny, arm(BASELINE), find_scenario("after@100"))
    study = STUDIES["ladder"]
    assert not study.answers(arm(BASELINE), "after@100")
    assert study.answers(arm("best"), "after@100")
    assert all(study.answers(arm(BASELINE), name) for name in SCENARIOS)


@pytest.mark.parametrize("name", ["after@0", "after@19"])
def test_a_cursor_stands_after_a_page(name: str) -> None:
    with pytest.raises(UsageError, match="name 20 or more"):
        find_scenario(name)


@pytest.mark.parametrize("name", ["scale", "depth"])
def test_what_is_recommended_in_the_end_is_studied(name: str) -> None:
    assert BEST.name in [arm.name for arm in STUDIES[name].arms]


ETAG = parse("connections+gunicorn+cache+invalidate+bytes+compressed+etag")


@pytest.mark.parametrize("name", ["page-known", "page-gzip"])
def test_a_client_with_headers_of_its_own_gets_what_a_plain_one_gets_in_fewer_bytes(
    name: str, lab: Lab, tiny: Database
) -> None:
    tiny.reconcile(ETAG)
    plain, baseline = (
        find_scenario("page"),
        evidence_pass.collect_evidence(lab, tiny, arm(BASELINE), [find_scenario(name)], []),
    )
    found = evidence_pass.collect_evidence(lab, tiny, arm(ETAG), [find_scenario(name)], [])
    (target,) = plain.requests(tiny.facts, "evidence", 1)
    assert list(found.answers) == [f"{target} ({name})"]
    assert found.answers == baseline.answers
    (sent,) = {one.evidence["bytes"] for one in baseline.requests}
    (cold, warm) = found.requests
    assert (cold.evidence["cache"], warm.evidence["cache"]) == ("MISS", "HIT")
    assert warm.exchange.status == (304 if name == "page-known" else 200)
    assert warm.evidence["bytes"] < sent / 2
    assert warm.evidence["statement_count"] == 0


def test_an_answer_that_changed_is_not_what_its_tag_named(lab: Lab, tiny: Database) -> None:
    tiny.reconcile(ETAG)
    with lab.serve(ETAG, tiny) as service, Client(service.url, service.token(tiny.facts.tenant)) as client:
        (target,) = find_scenario("page").requests(tiny.facts, "evidence", 1)
        now = client.get(target)
        assert decode_answer(client, target, Exchange(304, {"etag": now.headers["etag"]}, b"", 0)) == (
            200,
            now.body.replace(b'"from_cache":false', b'"from_cache":true'),
        )
        status, body = decode_answer(client, target, Exchange(304, {"etag": 'W/"earlier"'}, b"", 0))
    assert (status, body) == (304, b"of another answer than is sent")
