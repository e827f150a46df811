"""JSON whose numbers keep their digits."""

import json
import pickle
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfstudy.listing import exact

digits = st.text("0123456789", min_size=1, max_size=60)
numbers = st.builds(
    lambda sign, whole, fraction: f"{sign}{whole.lstrip('0') or '0'}{'.' if fraction else ''}{fraction}",
    st.sampled_from(["", "-"]),
    digits,
    st.just("") | digits,
).filter(lambda text: text != "-0")
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8).map(
    lambda text: json.dumps(text, ensure_ascii=False)
)
values = st.recursive(
    numbers | texts | st.sampled_from(["null", "true", "false", '"\\\\u00001"', '"\\"\\\\u0000"']),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda parts: f"[{','.join(parts)}]")
        | st.dictionaries(texts, inner, max_size=3).map(
            lambda parts: "{" + ",".join(f"{name}:{value}" for name, value in parts.items()) + "}"
        )
    ),
)


@settings(deadline=None)
@given(text=values)
def test_what_is_decoded_is_encoded_to_the_same_bytes(text):
    assert exact.encode(exact.decode(text)) == text.encode()
    assert exact.encode(pickle.loads(pickle.dumps(exact.decode(text)))) == text.encode()


@given(text=numbers)
def test_a_number_is_false_where_it_is_zero(text):
    assert bool(exact.decode(text)) == (Decimal(text) != 0)


@pytest.mark.parametrize("text", ["7" * 5000, f"[{'7' * 5000},0.10]", f"-{'1' * 4301}.0"])
def test_more_digits_than_python_converts(text):
    assert exact.encode(exact.decode(text)) == text.encode()


def test_what_is_no_json_is_an_error():
    for text in ("", "[", '{"a":}'):
        with pytest.raises(json.JSONDecodeError):
            exact.decode(text)
    with pytest.raises(TypeError, match="set is not JSON"):
        exact.encode([{1}])
