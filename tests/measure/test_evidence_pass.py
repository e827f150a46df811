"""The evidence pass: what it witnesses, the gate judges too, and no process is asked twice for the same."""

import gc
from collections import Counter
from threading import Event, Thread

import pytest

from perfstudy.drivers.http import Client, Exchange, freeze_garbage
from perfstudy.evidence import equivalence
from perfstudy.evidence.counters import Window
from perfstudy.listing.compiling import arm
from perfstudy.listing.gate import identify_exactly
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.requests import listing
from perfstudy.listing.scenarios import find_scenario
from perfstudy.listing.variant import BASELINE, parse
from perfstudy.measure import evidence_pass

CACHED = parse("related+values+cache")
ALL = listing(all="true", program_status="ALL")
GATE = [listing(limit=3), ALL, listing(limit=0)]


def test_an_answer_that_is_witnessed_is_judged_like_any_other(
    lab: Lab, tiny: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.reconcile(BASELINE)
    with lab.serve(BASELINE, tiny) as service, Client(service.url, service.token(tiny.facts.tenant)) as client:
        expected = equivalence.collect_fingerprints(client, GATE, identify_exactly)
    asked: Counter[str] = Counter()
    real = Client.send

    def counting(client: Client, method: str, target: str, body: bytes | None = None, **headers: str) -> Exchange:
        asked[target] += 1
        return real(client, method, target, body, **headers)

    monkeypatch.setattr(Client, "send", counting)
    evidence = evidence_pass.collect_evidence(lab, tiny, arm(CACHED), [find_scenario("all")], GATE)
    assert evidence.answers == expected
    assert [(one.temperature, one.evidence["cache"]) for one in evidence.requests] == [
        ("cold", "MISS"),
        ("warm", "HIT"),
    ]
    # Cold and warm, by the gate or by the witness.
    assert asked == dict.fromkeys(GATE, 2)


def test_what_others_read_meanwhile_is_not_counted(lab: Lab, tiny: Database) -> None:
    tiny.reconcile(BASELINE)
    over = Event()

    def read() -> None:
        with lab.redis.client() as other:
            while not over.is_set():
                other.get(f"{lab.key_prefix}:nothing")

    reader = Thread(target=read)
    reader.start()
    try:
        cold, warm = (
            one.evidence for one in evidence_pass.inspect_request(lab, tiny, arm(CACHED), find_scenario("page"))
        )
    finally:
        over.set()
        reader.join()
    assert (cold["cache_server_hits"], cold["cache_server_misses"], cold["cache_agrees"]) == (0, 1, True)
    assert (warm["cache_server_hits"], warm["cache_server_misses"], warm["cache_agrees"]) == (1, 0, True)


@pytest.mark.parametrize(
    ("said", "hits", "misses", "agrees"),
    [("HIT", 0, 0, None), ("HIT", 2, 0, True), ("HIT", 1, 1, False), ("MISS", 1, 0, False), (None, 0, 0, True)],
)
def test_a_hit_that_asked_nothing_is_neither_confirmed_nor_denied(
    said: str | None, hits: int, misses: int, agrees: bool | None
) -> None:
    assert evidence_pass._describe_cache(said, Window(hits, misses))["cache_agrees"] is agrees


def test_answers_that_differ_have_no_identity_in_common() -> None:
    answers = [Exchange(200, {}, body, 0) for body in (b'{"from_cache":false}', b'{"from_cache":true}', b"other")]
    assert equivalence.find_common_identity(answers[:2], identify_exactly) == identify_exactly(200, answers[0].body)
    assert equivalence.find_common_identity(answers, identify_exactly).startswith("differs between cold and warm")


def test_what_is_there_already_is_collected_again_afterwards() -> None:
    with freeze_garbage():
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() == 0
