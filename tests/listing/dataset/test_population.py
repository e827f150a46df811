"""Tenants and businesses: Zipf's law, exact totals, unique names."""

import re

import numpy as np
import pytest

from perfstudy.listing.dataset import SCALES
from perfstudy.listing.dataset.generate import Rows
from perfstudy.listing.dataset.population import draw_tenant_sizes
from perfstudy.listing.dataset.reference import read_reference


@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES)
def test_sizes_fill_the_table_by_zipf_s_law(scale) -> None:  # type: ignore[no-untyped-def]
    sizes = draw_tenant_sizes(scale.rows, read_reference())
    own, others = sizes[0], sizes[1:]
    assert own == 2_671
    assert sizes.sum() == scale.rows
    assert others.min() >= 1
    assert others.max() == others[0] == scale.rows // 10
    ranks = np.arange(1, len(others))
    assert np.array_equal(others[:-1], np.maximum(1, others[0] // ranks))


def test_the_tail_is_heavy() -> None:
    sizes = np.sort(draw_tenant_sizes(1_000_000, read_reference()))
    assert np.median(sizes) < 20
    assert sizes[-len(sizes) // 100 :].sum() > 0.5 * sizes.sum()


def test_tenants_have_names_of_their_own(small_rows: Rows) -> None:
    names = small_rows.people.names
    assert names[0] == "agency-2671"
    assert len(set(names)) == len(names) == len(small_rows.people.sizes)
    # What Django allows a username to be.
    assert all(re.fullmatch(r"[\w.@+-]{1,150}", name) for name in names)


def test_every_tenant_has_businesses_and_every_business_a_tenant(small_rows: Rows) -> None:
    people = small_rows.people
    assert people.counts[0] == 100
    assert people.counts.min() == 1
    assert people.counts.sum() == len(people.businesses)
    assert people.starts.tolist() == [0, *np.cumsum(people.counts)[:-1].tolist()]
    assert len(np.unique(people.businesses.ids)) == len(people.businesses)


def test_more_programs_have_more_businesses(tiny_rows: Rows, small_rows: Rows) -> None:
    assert len(tiny_rows.people.businesses) < len(small_rows.people.businesses)
    assert small_rows.people.counts[1] == 5_000 // 27


def test_the_reference_tenant_s_businesses_are_the_same_at_every_scale(tiny_rows: Rows, small_rows: Rows) -> None:
    one, other = tiny_rows.people.businesses, small_rows.people.businesses
    for name in one.__dataclass_fields__:
        assert np.array_equal(getattr(one, name)[:100], getattr(other, name)[:100]), name


def test_keys_number_the_fetched_businesses(small_rows: Rows) -> None:
    people = small_rows.people
    present = people.keys[people.businesses.fetched]
    assert sorted(present.tolist()) == list(range(1, len(present) + 1))
    assert (people.keys[~people.businesses.fetched] == 0).all()
    # In no order of tenants: they were fetched as they came.
    assert abs(np.corrcoef(present, np.arange(len(present)))[0, 1]) < 0.1


def test_some_businesses_were_never_fetched_and_some_fetches_failed(small_rows: Rows) -> None:
    businesses = small_rows.people.businesses
    assert 0.02 < (~businesses.fetched).mean() < 0.06
    assert 0.01 < businesses.failed.mean() < 0.04
    assert not (businesses.failed & ~businesses.fetched).any()
    own = businesses.fetched[:100]
    assert 85 <= own.sum() < 100
    assert businesses.failed[:100].any()
