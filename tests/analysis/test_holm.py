import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfstudy.analysis import adjust

from .simulate import fixed

P = st.lists(st.floats(0, 1), max_size=12)


def rejected(p_values, alpha):
    """Holm's procedure as he states it: walk up the sorted values until one fails."""
    found, left = set(), len(p_values)
    for i in sorted(range(len(p_values)), key=lambda i: p_values[i]):
        if left * p_values[i] > alpha:
            break
        found.add(i)
        left -= 1
    return found


@fixed
@given(P, st.floats(0, 0.9999))
def test_it_rejects_what_the_step_down_procedure_rejects(p_values, alpha):
    adjusted = adjust(p_values)
    assert set(np.flatnonzero(adjusted <= alpha)) == rejected(p_values, alpha)


@fixed
@given(P)
def test_an_adjusted_value_is_the_least_level_that_rejects(p_values):
    for i, value in enumerate(adjust(p_values)):
        if value < 1:
            assert i in rejected(p_values, value)
            assert i not in rejected(p_values, np.nextafter(value, -1))


@fixed
@given(P)
def test_it_never_makes_a_value_smaller_and_keeps_the_order(p_values):
    adjusted = adjust(p_values)
    assert np.all(adjusted >= p_values)
    assert np.all(np.diff(adjusted[np.argsort(p_values, kind="stable")]) >= 0)


def test_a_worked_example():
    assert adjust([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_what_is_no_p_value_is_refused(p):
    with pytest.raises(ValueError, match="between 0 and 1"):
        adjust([0.5, p])
