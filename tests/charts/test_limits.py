"""The charts of limits: made-up cells of known shape, and what they say of them."""

import pandas as pd
import pytest

from perfstudy import charts
from perfstudy.errors import UsageError


def cells() -> pd.DataFrame:
    """Return cells of two sizes: milliseconds as a floor and a part for each byte give them."""
    shapes = {
        ("wsgi-constant", "cold"): (0.3, 0.6),
        ("wsgi-redis", "cold"): (0.4, 1.0),
        ("wsgi-postgres", "cold"): (0.5, 25),
        ("cache", "cold"): (2.0, 30),
        ("cache", "warm"): (0.8, 2.0),
    }
    return pd.DataFrame(
        [
            {
                "label": label,
                "temperature": temperature,
                "scenario": scenario,
                "bytes": size,
                "median_ns": int(1e6 * (a + b * size / 1e6)),
            }
            for (label, temperature), (a, b) in shapes.items()
            for scenario, size in (("page", 10_000), ("all", 1_000_000))
        ]
    )


def test_the_roofs_are_what_a_request_and_a_byte_cost() -> None:
    assert "bare WSGI costs 300 µs for a request and 600 µs for a megabyte" in charts.roofline(cells()).caption


def test_there_is_no_roof_without_two_sizes() -> None:
    frame = cells()
    with pytest.raises(UsageError, match="no lower bound was measured"):
        charts.roofline(frame[frame["scenario"] == "page"])


def test_the_layers_add_up_to_the_response() -> None:
    found = charts.layers(cells(), "cache")
    whole = found.set_index("temperature")[["socket", "store", "rest"]].sum(axis=1)
    assert whole["cold"] == pytest.approx(2.3)
    assert whole["warm"] == pytest.approx(0.82)


def test_what_was_not_measured_has_no_layers() -> None:
    with pytest.raises(UsageError, match="etag"):
        charts.layers(cells(), "etag")
