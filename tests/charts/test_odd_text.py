"""Text that mathematics would choke on, in every text that a chart is given: it is shown letter by letter."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from matplotlib.text import Text

from perfstudy import charts
from tests.charts import factories
from tests.charts.test_limits import cells

ODD = r" $x^{ \frac{ $$ \alpha_{"
"""What mathematics would choke on, in every text that a chart is given."""


def odd(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return *frame* with odd text in its *columns*; the baseline keeps its name, which it is found by."""
    return frame.assign(
        **{
            column: [text + ODD if text and not text.startswith("baseline") else text for text in frame[column]]
            for column in columns
        }
    )


def odd_plan() -> dict[str, Any]:
    names = ("Relation Name", "Index Name", "Filter", "Subplan Name", "Sort Method")
    run = {"Actual Rows": 1, "Actual Loops": 1, "Actual Total Time": 1}
    return {"Plan": {"Node Type": ODD, **run, **dict.fromkeys(names, ODD)}, "Execution Time": 2}


RATIOS = pd.DataFrame(
    [
        {
            "label": label,
            "scenario": "page",
            "temperature": "cold",
            "scale": "small",
            "ratio": 2.0,
            "low": 1.5,
            "high": 3.0,
        }
        for label in ("cache", "index")
    ]
)
NAMED = ("label", "variant")
SCALE = ("scale",)
PIXEL = charts.Chart(figsize=(1, 1)).png(1)
CURVE = pd.DataFrame({"x": [1.0, 2.0, 5.0], "y": [0.1, 0.2, 0.9]})
ODDLY: dict[str, Callable[[], charts.Chart]] = {
    "samples": lambda: charts.samples(odd(factories.samples(2, 5), *NAMED, *SCALE, "scenario"), "page" + ODD),
    "ecdf": lambda: charts.ecdf(odd(factories.samples(2, 5), *NAMED, *SCALE, "scenario")),
    "tail": lambda: charts.tail(odd(factories.samples(2, 5), *SCALE, "scenario")),
    "filmstrip": lambda: charts.filmstrip({"page" + ODD: [(0.0, PIXEL), (1.0, PIXEL)]}),
    "keys": lambda: charts.keys({"page" + ODD: [(0.0, 0.1), (0.12, 0.3)]}),
    "ladder": lambda: charts.ladder(odd(factories.ladder(), *NAMED, "change", *SCALE, "scenario")),
    "verdicts": lambda: charts.verdicts(odd(factories.verdicts(), "quote", "source", *SCALE, "scenario")),
    "attribution": lambda: charts.attribution(odd(factories.attribution(), "optimization", "scenario")),
    "interactions": lambda: charts.interactions(odd(factories.interactions(), "one", "other", "scenario")),
    "scale": lambda: charts.scale(
        odd(factories.comparisons(scales=("tiny", "small")), *NAMED, *SCALE),
        {"tiny" + ODD: 5, "small" + ODD: 50},
    ),
    "depth": lambda: charts.depth(odd(factories.depths(), *NAMED, *SCALE)),
    "rows": lambda: charts.rows(odd(factories.lengths(), *NAMED, *SCALE)),
    "waterfall": lambda: charts.waterfall(odd(factories.phases(), "label"), title=ODD),
    "first_requests": lambda: charts.first_requests(odd(factories.first_requests(), "label")),
    "lower_bounds": lambda: charts.lower_bounds(odd(RATIOS, "label", "scenario"), scenario="page" + ODD, reference=ODD),
    "roofline": lambda: charts.roofline(odd(cells(), "scenario"), roofs={"wsgi-constant": (ODD, "blue")}),
    "reading": lambda: charts.reading(CURVE, 2.0, title=ODD, label=ODD, caption=ODD, tick=str),
    "plan": lambda: charts.plan(odd_plan(), title=ODD),
    "plan_change": lambda: charts.plan_change(odd_plan(), factories.plan("joined"), title=ODD),
    "costs": lambda: charts.costs(odd(factories.costs(), "optimization", "quantity", "scale")),
    "machines": lambda: charts.machines(odd(factories.machines(), "label", "machine", "reference", *SCALE, "scenario")),
    "orders": lambda: charts.orders(odd(factories.steps(), "after", *SCALE, "scenario")),
}


@pytest.mark.parametrize("name", ODDLY)
def test_text_is_drawn_letter_by_letter(name: str) -> None:
    chart = ODDLY[name]()
    assert chart.png(20).startswith(b"\x89PNG")
    assert "$x^{" in chart.svg("odd"), "what was written is in the image, not what mathematics would make of it"
    texts = [text for text in chart.findobj(Text) if isinstance(text, Text)]
    assert not any(text.get_parse_math() for text in texts)


def test_every_chart_is_given_odd_text() -> None:
    drawn = {name for name in charts.__all__ if name not in ("Chart", "SEED_LADDER", "describe")}
    assert drawn - {"layers", "hit_ratio"} == set(ODDLY), "a new chart with a text of its own is given an odd one"
