"""Data that only SQL can write: one answer for each case, the same status and bytes in every variant."""

import json
import logging
import os
import re
from contextlib import ExitStack
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from perfstudy.listing.gate import identify_exactly
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import Variant, beyond_source, parse, variants

from . import odd, programs
from .inside import Inside, django

WHOLE = listing(all="true", program_status="ALL")
TARGETS = (
    WHOLE,
    listing(program_status="ALL", limit=2),
    listing(program_status="ALL", limit=2, offset=1),
    listing(program_status="ALL", limit=1, offset=3),
    listing(program_type="CPC", program_status="ALL"),
    listing(business_id="b1", program_status="ALL"),
    listing(),
)


def in_process(variant):
    """What of *variant* makes answers: neither the server nor an index alone does."""
    return Variant(tuple(o for o in variant if o.seams not in (("server",), ("schema",))))


TOGETHER = ("best", "all", "page+json+keyset+count+bypass", "cache+invalidate+bytes+compressed+near+json+keyset+bypass")
DECLARED = [*variants(), *beyond_source(), *map(parse, TOGETHER)]
ALL = sorted({in_process(variant) for variant in DECLARED}, key=str)
FEW = [variant for variant in ALL if variant.name.count("+") < 2 or "json" in variant.name]
EXAMPLES = int(os.environ.get("PERFSTUDY_TEST_ODD", "8"))

ORDINARY = {
    **{"program_id": "p", "yelp_business_id": "b1", "status": "CURRENT", "program_name": "CPC"},
    **{"created_at": "2024-01-01", "updated_at": "2024-01-01"},
}


@pytest.fixture(scope="module")
def url(databases):
    """The one database of all variants: it has the tables of each; other schemas differ in indexes and partitions."""
    return databases.of(parse("json+count+lines")).url


@pytest.fixture(scope="module")
def connection(url):
    """A connection to it; what this module wrote there is gone afterwards."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection
        connection.execute("DELETE FROM ads_programregistry WHERE username LIKE 'odd-%'")


@pytest.fixture(scope="module")
def services(lab, url):
    """Every variant's application, on top of that database."""
    django()
    with ExitStack() as stack:

        def serve(variant):
            own = {"PERFSTUDY_KEY_PREFIX": f"{lab.key_prefix}:odd:{variant}"}
            return stack.enter_context(Inside(variant, lab.build_environment(url, variant) | own))

        yield {variant: serve(variant) for variant in ALL}


@pytest.fixture(scope="module")
def answers(connection, services):
    """A function that writes rows for a new tenant, and returns what each variant answers to a request of its."""

    def ask(rows, *targets, among=ALL):
        tenant = f"odd-{uuid4().hex}"
        odd.put(connection, tenant, rows)
        return {
            (str(variant), target): [services[variant].get(target, tenant) for _ in range(1 + variant.caches)]
            for variant in among
            for target in targets
        }

    return ask


def agreed(found):
    """The one answer that all of *found* are."""
    by_print, answer = {}, None
    for (variant, _), several in found.items():
        for answer in several:
            by_print.setdefault(identify_exactly(answer.status, answer.body), []).append(variant)
    assert len(by_print) == 1, {key: (len(names), names[:3]) for key, names in by_print.items()}
    return answer


def unshowable(answer):
    body = json.loads(answer.body)
    assert (answer.status, body["status"], body["type"]) == (500, 500, "urn:perfstudy:problem:unshowable-data")
    assert body["title"] == "Data that cannot be shown"
    assert answer.headers["content-type"] == "application/problem+json"
    assert "retry-after" not in answer.headers


EMPTY = ("null", "{}", '""', "0", "0.00", "-0.0", "false", "[]")
NUMBERS = {
    "1.10": "1.10",
    "1e-5": "0.00001",
    "1" * 25: "1" * 25,
    "12345678901234567890.5": "12345678901234567890.5",
    "1234567890.123456789": "1234567890.123456789",
    "1.0": "1.0",
    "-0.0": "0.0",
    "1e5000": "1" + "0" * 5000,
    "1e-3": "0.001",
    "7e-400": f"0.{'0' * 399}7",
    f"{'7' * 4301}.50": f"{'7' * 4301}.50",
}
LEVELS = (
    odd.nested(256, "", ("[", "]")),
    odd.nested(127, "[[]]", ('[{"a":', "}]")),
    json.dumps(["[" * 5000, {"{" * 5000: '\\"[[['}]),
)
NO_LISTS = (
    *("true", "1", "-0.001", '"x"', '"[]"', '{"a": 1}', "1e5000"),
    *(odd.nested(256, "1", ("[", "]")), odd.nested(257, "", ("[", "]")), odd.nested(3000, "", ("[", "]"))),
    *(odd.nested(256, "0", ('{"a":', "}")).join("[]"), odd.nested(1500, "null", ('[{"a":', "}]"))),
)


@pytest.mark.parametrize("column", ["businesses", "available_features"])
def test_a_list_column_that_holds_nothing_shows_an_empty_list(answers, column):
    rows = [ORDINARY | {"program_id": str(n), column: value} for n, value in enumerate(EMPTY)]
    answer = agreed(answers(rows, WHOLE))
    assert [program[column] for program in json.loads(answer.body)["programs"]] == [[]] * len(EMPTY)


def test_a_number_within_a_list_shows_the_digits_that_are_stored(answers):
    rows = [ORDINARY | {"active_features": f'[{number}, {{"n": [{number}]}}]'} for number in NUMBERS]
    rows = [row | {"program_id": str(n)} for n, row in enumerate(rows)]
    answer = agreed(answers(rows, WHOLE))
    for number in NUMBERS.values():
        assert f'"active_features":[{number},{{"n":[{number}]}}]'.encode() in answer.body


def test_a_list_that_nests_as_deep_as_is_shown(answers):
    rows = [ORDINARY | {"program_id": str(n), "businesses": value} for n, value in enumerate(LEVELS)]
    answer = agreed(answers(rows, WHOLE))
    assert [program["businesses"] for program in json.loads(answer.body)["programs"]] == list(map(json.loads, LEVELS))


MONEY = {"budget": "1", "max_bid": "1", "ad_cost": "1"}
BAD = [
    *({name: value} for name in ("start_date", "end_date") for value in odd.DATES),
    *(MONEY | {name: "NaN"} for name in MONEY),
    {"budget": "NaN", "max_bid": None, "ad_cost": None},
    *({"available_features": value} for value in NO_LISTS),
]


@pytest.mark.parametrize("columns", BAD, ids=lambda columns: str(columns)[:40])
def test_what_cannot_be_shown_is_one_problem_and_is_logged_with_its_program(answers, monkeypatch, columns):
    logged = []
    logger = logging.getLogger("perfstudy.problems")
    monkeypatch.setattr(logger, "handle", logged.append)
    held = {"a": dict.fromkeys(columns), "b": columns, "c": columns}
    found = answers([ORDINARY | {"program_id": name} | more for name, more in held.items()], WHOLE, among=FEW)
    unshowable(agreed(found))
    assert len(logged) == sum(map(len, found.values()))
    assert all(re.match("program 'b' of tenant 'odd-", record.getMessage()) for record in logged)
    assert len({record.getMessage() for record in logged}) == 1


def test_what_is_not_shown_may_hold_anything(answers):
    times = [{"created_at": value, "updated_at": value} for value in odd.TIMES]
    figures = [{"budget": None, "max_bid": "NaN", "ad_cost": "NaN"}]
    rows = [ORDINARY | {"max_bid": None, "ad_cost": None} | row | {"program_id": str(n)}
            for n, row in enumerate([*times, *figures])]  # fmt: skip
    assert agreed(answers(rows, WHOLE)).status == 200


def test_whatever_the_columns_take_every_variant_answers_alike(connection, answers):
    rows = odd.rows(connection, programs.BUSINESSES)
    seen = {"rows": 0, "answers": 0, "shown": 0}

    # An example asks every variant: to shrink one would take minutes, and what differs is said at once.
    @settings(
        deadline=None,
        max_examples=EXAMPLES,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
    )
    @given(
        st.lists(rows, max_size=9, unique_by=lambda row: row["program_id"]),
        st.lists(st.sampled_from(TARGETS), min_size=1, max_size=2, unique=True),
    )
    def check(rows, targets):
        found = answers(rows, *targets)
        for target in targets:
            answer = agreed({key: several for key, several in found.items() if key[1] == target})
            if answer.status != 200:
                unshowable(answer)
            seen["shown"] += answer.status == 200
        seen["answers"] += sum(map(len, found.values()))
        seen["rows"] += len(rows)

    check()
    assert seen["shown"]
    print(f"{seen}, {len(ALL)} variants")
