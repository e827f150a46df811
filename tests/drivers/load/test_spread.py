"""A load in parts: together they ask what the whole asks, at the same moments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfstudy.drivers.load.arrivals import draw_arrivals
from perfstudy.drivers.load.connection import Target
from perfstudy.drivers.load.open_loop import Load
from perfstudy.drivers.load.spread import split_load

AT = 1_000.0


def make_load(rate: float, connections: int = 8) -> Load:
    target = Target("127.0.0.1", 1, b"")
    return Load(target=target, rate=rate, duration=2, arrivals="constant", connections=connections)


def due(load: Load) -> list[float]:
    assert load.at is not None
    return [load.at - AT + moment for moment in draw_arrivals(load.arrivals, load.rate, load.duration, load.seed)]


@given(rate=st.integers(1, 400), parts=st.integers(1, 8))
def test_parts_ask_in_turn_when_the_whole_would(rate: int, parts: int) -> None:
    asked = sorted(moment for part in split_load(make_load(rate), parts, AT) for moment in due(part))
    assert asked == pytest.approx([number / rate for number in range(len(asked))], abs=1e-6)
    assert abs(len(asked) - 2 * rate) <= parts


@pytest.mark.parametrize(("connections", "parts", "each"), [(8, 2, 4), (8, 3, 2), (1, 4, 1)])
def test_parts_share_the_connections_and_draw_apart(connections: int, parts: int, each: int) -> None:
    split = split_load(make_load(100, connections), parts, AT)
    assert {part.connections for part in split} == {each}
    assert len({part.seed for part in split}) == parts
