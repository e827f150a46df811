"""The histogram: how exact its quantiles are, and that nothing is lost in adding and in storing."""

import json
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfstudy.drivers.load.histogram import ERROR, LONGEST, SHORTEST, Histogram

times = st.lists(
    st.one_of(st.floats(SHORTEST, LONGEST), st.floats(-13.8, 8.1).map(lambda power: min(2.7**power, LONGEST))),
    min_size=1,
    max_size=60,
)


def of(seconds: list[float]) -> Histogram:
    histogram = Histogram()
    for time in seconds:
        histogram.record(time)
    return histogram


@given(times, st.floats(0.1, 100))
def test_every_quantile_is_as_exact_as_is_said(seconds: list[float], percent: float) -> None:
    histogram = of(seconds)
    exact = sorted(max(time, SHORTEST) for time in seconds)[max(ceil(percent * len(seconds) / 100 - 1e-9), 1) - 1]
    assert histogram.quantile(percent) == pytest.approx(exact, rel=ERROR * (1 + 1e-6))
    assert histogram.quantile(percent) <= histogram.most == pytest.approx(max(*seconds, SHORTEST))
    assert len(histogram) == len(seconds)


@given(times, times)
def test_the_sum_of_two_is_the_histogram_of_both(ones: list[float], others: list[float]) -> None:
    whole, sides = of(ones + others), of(ones)
    sides.add(of(others))
    assert sides.stored() == whole.stored()
    assert Histogram(json.loads(json.dumps(whole.stored()))).stored() == whole.stored()


def test_an_empty_one_is_one_too() -> None:
    empty, one = Histogram(), of([0.25])
    assert (len(empty), empty.quantile(50), empty.most) == (0, 0.0, 0.0)
    one.add(Histogram(empty.stored()))
    assert one.stored() == of([0.25]).stored()


def test_it_holds_any_time() -> None:
    histogram = of([0, -1.0, 1e-9, 1e9, float("inf")])
    assert len(histogram) == 5
    assert histogram.most == LONGEST
    assert histogram.quantile(1) == pytest.approx(SHORTEST, rel=ERROR)


@pytest.mark.parametrize(
    "change",
    [
        {"error": 0.01},
        {"counts": {"-1": 1}},
        {"counts": {"1000000": 1}},
        {"counts": {"1": -1}},
        {"counts": {"1": 0.5}},
        {"counts": {"1": 1 << 70}},
        {"most": float("nan")},
        {"most": -1},
    ],
    ids=str,
)
def test_what_is_no_histogram_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="histogram"):
        Histogram(of([0.25]).stored() | change)
