"""The rows: exact where the study needs it, plausible elsewhere, and the same bytes every time."""

import json
import random
from collections import Counter
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from perfstudy.errors import PerfstudyError
from perfstudy.listing.dataset import SCALES
from perfstudy.listing.dataset.generate import CHUNK, Rows, choose_slots
from perfstudy.listing.dataset.reference import read_reference
from perfstudy.listing.dataset.scales import Scale

from .decode import Row, rows


@pytest.fixture(scope="module")
def tiny(tiny_rows: Rows) -> list[Row]:
    return rows(tiny_rows)


@pytest.fixture(scope="module")
def small(small_rows: Rows) -> list[Row]:
    return rows(small_rows)


@pytest.fixture(params=["tiny", "small"])
def both(request: pytest.FixtureRequest) -> list[Row]:
    found: list[Row] = request.getfixturevalue(request.param)
    return found


def own(programs: list[Row]) -> list[Row]:
    return [row for row in programs if row["username"] == "agency-2671"]


def share(programs: list[Row], column: str, value: Any) -> float:
    return [row[column] for row in programs].count(value) / len(programs)


def test_every_row_is_there_once(both: list[Row]) -> None:
    assert len(both) in (5_000, 50_000)
    assert [int(row["id"]) for row in both] == list(range(1, len(both) + 1))
    assert len({(row["username"], row["program_id"]) for row in both}) == len(both)


def test_the_reference_tenant_is_the_account_of_the_report(both: list[Row]) -> None:
    programs = own(both)
    assert len(programs) == 2_671
    assert Counter(row["status"] for row in programs) == read_reference().tenants["reference"]["statuses"]
    assert share(programs, "status", "CURRENT") == 435 / 2_671
    assert len({row["yelp_business_id"] for row in programs}) == 100
    assert {row["program_name"] for row in programs} == set(read_reference().program_types)


def test_the_reference_tenant_is_the_same_at_every_scale(tiny: list[Row], small: list[Row]) -> None:
    def content(programs: list[Row]) -> list[Row]:
        return [{k: v for k, v in row.items() if k not in ("id", "business_id")} for row in own(programs)]

    assert content(tiny) == content(small)
    linked = [[row["business_id"] is None for row in own(programs)] for programs in (tiny, small)]
    assert linked[0] == linked[1]


def test_the_largest_tenant_holds_a_tenth(both: list[Row]) -> None:
    sizes = Counter(row["username"] for row in both)
    del sizes["agency-2671"]
    assert sizes.most_common(1)[0][1] == len(both) // 10


def test_a_business_belongs_to_one_tenant(small: list[Row]) -> None:
    owners: dict[str, set[str]] = {}
    for row in small:
        owners.setdefault(row["yelp_business_id"], set()).add(row["username"])
    assert {len(tenants) for tenants in owners.values()} == {1}


def test_tenants_lie_interleaved(small: list[Row]) -> None:
    """A block of 8 kB holds about 18 rows: those of a tenant must not fill blocks of their own."""
    names = [row["username"] for row in small]
    assert sum(one == other for one, other in pairwise(names)) / len(names) < 0.06
    places = [i for i, name in enumerate(names) if name == "agency-2671"]
    assert len({place // 18 for place in places}) > 0.6 * len(places)
    assert np.histogram(places, bins=10, range=(0, len(names)))[0].min() > 100


def test_the_table_grew_over_time(small: list[Row]) -> None:
    created = [row["created_at"] for row in small if row["username"] != "agency-2671"]
    assert created == sorted(created)
    firsts: dict[str, int] = {}
    for place, row in enumerate(small):
        firsts.setdefault(row["username"], place)
    late = sum(place > len(small) / 2 for place in firsts.values())
    assert late > len(firsts) / 4


def test_the_mix_follows_the_seeds(small: list[Row]) -> None:
    others = [row for row in small if row["username"] != "agency-2671"]
    for column, weights in (
        ("status", read_reference().statuses["weights"]),
        ("program_name", {kind: entry["weight"] for kind, entry in read_reference().program_types.items()}),
        ("currency", {code or None: weight for code, weight in read_reference().money["currency"].items()}),
    ):
        for value, weight in weights.items():
            wanted = weight / sum(weights.values())
            # Five standard errors, and what a lookup table of 4096 steps rounds off.
            tolerance = 5 * (wanted * (1 - wanted) / len(others)) ** 0.5 + 1 / 4096
            assert abs(share(others, column, value) - wanted) < tolerance, (column, value)


def test_dates_fit_the_status(both: list[Row]) -> None:
    today = read_reference().today.isoformat()
    for row in both:
        start, end = row["start_date"], row["end_date"]
        if start and end:
            assert start < end
        if row["status"] == "PAST":
            assert end < today
        elif row["status"] == "FUTURE":
            assert start is None or start > today
        else:
            assert start is None or start < today
            assert end is None or end > today
        assert row["created_at"] <= row["updated_at"] < today


def test_only_programs_with_a_budget_have_metrics(both: list[Row]) -> None:
    for row in both:
        if row["budget"] is None:
            assert {row[c] for c in ("max_bid", "ad_cost", "billed_impressions", "billed_clicks")} == {None}
        elif row["ad_cost"] is not None:
            assert Decimal(row["ad_cost"]) <= Decimal(row["budget"])
    assert 0.3 < 1 - share(both, "budget", None) < 0.6


def test_money_has_cents_that_a_float_loses(both: list[Row]) -> None:
    amounts = [row[c] for row in both for c in ("budget", "max_bid", "ad_cost") if row[c] is not None]
    lost = [amount for amount in amounts if int(float(amount) * 100) != int(Decimal(amount) * 100)]
    assert len(lost) > 0.01 * len(amounts)
    assert {amount[-3] for amount in amounts} == {"."}


def test_every_nullable_column_has_nulls_and_values(both: list[Row]) -> None:
    required = {
        "id", "username", "program_id", "yelp_business_id", "status", "program_name", "created_at", "updated_at",
    }  # fmt: skip
    nulls = {column: share(both, column, None) for column in both[0]}
    assert {column for column, part in nulls.items() if part == 0} == required
    assert all(part < 0.85 for part in nulls.values())


@pytest.mark.parametrize("column", ["businesses", "active_features", "available_features"])
def test_lists_are_null_empty_or_filled(both: list[Row], column: str) -> None:
    lists = [None if row[column] is None else json.loads(row[column]) for row in both]
    assert sum(value is None for value in lists) > 0.03 * len(lists)
    assert sum(value == [] for value in lists) > 0.05 * len(lists)
    assert sum(bool(value) for value in lists) > 0.4 * len(lists)


def test_active_features_are_available_unless_a_list_is_missing(both: list[Row]) -> None:
    for row in both:
        if row["active_features"] and row["available_features"] not in (None, "[]"):
            assert set(json.loads(row["active_features"])) <= set(json.loads(row["available_features"]))


def test_listed_businesses_are_the_tenant_s(both: list[Row]) -> None:
    owned: dict[str, set[str]] = {}
    for row in both:
        owned.setdefault(row["username"], set()).add(row["yelp_business_id"])
    programs = own(both)
    listed = [json.loads(row["businesses"]) for row in programs if row["businesses"]]
    assert {len(value) for value in listed} == {0, 1, 2}
    assert {one["yelp_business_id"] for value in listed for one in value} <= owned["agency-2671"]


def test_the_reference_tenant_meets_every_kind_of_custom_name(both: list[Row]) -> None:
    names = {row["custom_name"] for row in own(both)}
    assert None in names
    assert names & set(read_reference().custom_names["nasty"]["values"])
    assert names & set(read_reference().custom_names["scripts"]["values"])
    assert max(len(name or "") for name in names) == 255


def test_every_nasty_name_occurs(small: list[Row]) -> None:
    names = {row["custom_name"] for row in small}
    declared = read_reference().custom_names
    missing = {*declared["nasty"]["values"], *declared["scripts"]["values"]} - names
    assert missing == set()


def test_chunks_are_the_same_in_any_order(small_rows: Rows) -> None:
    again = Rows(SCALES["small"])
    order = list(range(again.chunks))
    random.Random(1).shuffle(order)
    made = {chunk: bytes(again.programs(chunk)) for chunk in (*order, *order)}
    assert [made[chunk] for chunk in range(again.chunks)] == [bytes(part) for part in small_rows]


def test_a_chunk_is_no_larger_than_it_says(small_rows: Rows) -> None:
    assert [len(small_rows.numbers(chunk)) for chunk in range(small_rows.chunks)] == [CHUNK, CHUNK, 10_000]


@pytest.mark.parametrize("count", [2_672, 3_333])
def test_the_reference_tenant_fits_into_a_table_of_any_size(count: int) -> None:
    made = Rows(Scale(name="odd", rows=count, summary="for this test"))
    everyone = [row["username"] for row in rows(made)]
    assert len(everyone) == count
    assert everyone.count("agency-2671") == 2_671


def test_a_table_without_room_for_others_is_refused() -> None:
    with pytest.raises(PerfstudyError, match="a scale of 2671 rows has no room"):
        Rows(Scale(name="odd", rows=2_671, summary="for this test"))


def test_slots_are_distinct_and_inside() -> None:
    crowded = np.array([0, 0, 0, 0, 10**15, 10**15, 10**15], dtype=np.int64)
    assert choose_slots(crowded, 9).tolist() == [0, 1, 2, 3, 6, 7, 8]
