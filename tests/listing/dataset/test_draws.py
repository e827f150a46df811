"""Random draws: the same for the same name, in the right proportions, one to one where that is promised."""

import numpy as np
import pytest

from perfstudy.listing.dataset.draws import GRAIN, Draws, draw_per_mille, make_table, mix, pick, scale_to
from perfstudy.listing.dataset.identifiers import ALPHABET, BUSINESSES, PROGRAMS, make_identifiers


def test_a_stream_is_the_one_that_numpy_promises() -> None:
    assert Draws(2671, 1).words(2).tolist() == [222108628499546534, 18353035643287211461]
    assert not np.array_equal(Draws(2671, 1).words(9), Draws(2671, 2).words(9))


def test_shorts_use_every_bit() -> None:
    words, shorts = Draws(1).words(5), Draws(1).shorts(4, 5)
    assert shorts.shape == (4, 5)
    assert shorts.astype("<u2").tobytes() == words.astype("<u8").tobytes()


def test_uniform_lies_in_its_interval() -> None:
    drawn = Draws(3).uniform(100_000)
    assert 0 <= drawn.min() < 0.001
    assert 0.999 < drawn.max() < 1
    assert abs(drawn.mean() - 0.5) < 5 * np.sqrt(1 / 12 / 100_000)


def test_a_lookup_table_holds_each_index_in_proportion() -> None:
    counts = np.bincount(make_table([1, 0, 2, 5]))
    assert counts.tolist() == [GRAIN // 8, 0, GRAIN // 4, GRAIN * 5 // 8]
    assert len(make_table([3, 3, 1])) == GRAIN


def test_drawing_reaches_exactly_the_given_indices() -> None:
    every = np.arange(65_536, dtype=np.uint16)
    assert sorted(set(pick(every, make_table([1, 0, 3])).tolist())) == [0, 2]
    assert (np.bincount(scale_to(every, 7)) // 9362 == 1).all()
    assert draw_per_mille(every, 250).sum() == 16_384
    assert draw_per_mille(every, 0).sum() == 0


@pytest.mark.parametrize("base", [PROGRAMS, BUSINESSES])
def test_distinct_numbers_have_distinct_identifiers(base: int) -> None:
    numbers = np.arange(200_000, dtype=np.uint64) + np.uint64(base)
    assert len(np.unique(mix(numbers))) == len(numbers)
    made = make_identifiers(numbers)
    assert len(np.unique(made)) == len(numbers)
    assert set(b"".join(made[:5_000].tolist())) == set(ALPHABET)
    assert {len(one) for one in made.tolist()} == {22}


def test_the_first_half_of_an_identifier_alone_is_one_to_one() -> None:
    made = make_identifiers(np.arange(200_000, dtype=np.uint64))
    assert len(np.unique(made.astype("S11"))) == 200_000
