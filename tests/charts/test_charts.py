"""What each chart shows: its axes, its labels, how much it draws, and the sentence that goes with it."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from perfstudy import charts
from perfstudy.charts import style
from perfstudy.charts.style import Chart
from perfstudy.errors import UsageError
from tests.charts import factories

SCALES = ("tiny", "small", "medium", "large")
ROWS = {"tiny": 5_000, "small": 50_000, "medium": 1_000_000, "large": 10_000_000}
STEPS = ("baseline", "index", "related", "values", "connections", "gunicorn", "cache")

EVERY: dict[str, Callable[..., Chart]] = {
    "samples": lambda **more: charts.samples(factories.samples(), "page", **more),
    "ecdf": lambda **more: charts.ecdf(factories.samples(), "page", **more),
    "ladder": lambda **more: charts.ladder(factories.ladder(), **more),
    "verdicts": lambda **more: charts.verdicts(factories.verdicts(("page", "all", "business", "type")), **more),
    "attribution": lambda **more: charts.attribution(factories.attribution(), **more),
    "interactions": lambda **more: charts.interactions(factories.interactions(), **more),
    "scale": lambda **more: charts.scale(factories.comparisons(scales=SCALES), ROWS, **more),
    "depth": lambda **more: charts.depth(factories.depths(), **more),
    "rows": lambda **more: charts.rows(factories.lengths(), **more),
    "waterfall of one": lambda **more: charts.waterfall(factories.phases().iloc[:1], **more),
    "waterfall": lambda **more: charts.waterfall(factories.phases(), **more),
    "first_requests": lambda **more: charts.first_requests(factories.first_requests(), **more),
    "plan": lambda **more: charts.plan(factories.plan("joined"), **more),
    "plan_change": lambda **more: charts.plan_change(
        factories.plan("page-baseline"), factories.plan("page-index"), **more
    ),
    "costs": lambda **more: charts.costs(factories.costs(), **more),
    "machines": lambda **more: charts.machines(factories.machines(), **more),
    "orders": lambda **more: charts.orders(factories.steps(), **more),
    "tail": lambda **more: charts.tail(factories.samples(), "page", **more),
    "hit_ratio": lambda **more: charts.hit_ratio(*factories.hit_ratios(), **more),
}


def texts(chart: Chart) -> list[str]:
    return [text.get_text() for text in chart.findobj(Text) if text.get_text() and text.get_visible()]  # type: ignore[attr-defined]


def beyond(chart: Chart) -> set[Any]:
    """The labels of ticks outside of the limits, which are not drawn."""
    found = set()
    for axes in chart.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            room = 1e-9 * (high - low)
            for tick in axis.get_major_ticks():
                if not low - room <= tick.get_loc() <= high + room:
                    found |= {tick.label1, tick.label2}
    return found


@pytest.mark.parametrize("width", [style.WIDE, style.NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("name", EVERY)
def test_nothing_is_cut_off(name: str, width: float) -> None:
    """Every text lies on the sheet, as wide as it is drawn, and can be read at the size it is shown in."""
    chart = EVERY[name](width=width)
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(chart)
    canvas.draw()
    sheet, hidden = chart.bbox, beyond(chart)
    for text in chart.findobj(Text):
        if not text.get_text().strip() or not text.get_visible() or text in hidden:  # type: ignore[attr-defined]
            continue
        box = text.get_window_extent(canvas.get_renderer())
        inside = box.x0 > -1 and box.x1 < sheet.width + 1 and box.y0 > -1 and box.y1 < sheet.height + 1
        assert inside, f"{text.get_text()!r} at {box} leaves {sheet}"  # type: ignore[attr-defined]
        assert text.get_fontsize() >= 8  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", EVERY)
def test_every_chart_says_what_to_see(name: str) -> None:
    chart = EVERY[name]()
    assert chart.caption.endswith(".")
    assert any(letter.isdigit() for letter in chart.caption), "a caption comes from the data"
    assert not re.search(r"\bnan\b", " ".join([chart.alt, *texts(chart)]), re.IGNORECASE)


def test_samples_shows_every_one() -> None:
    frame = factories.samples(blocks=4, n=25)
    chart = charts.samples(frame, "page")
    axes = chart.axes[0]
    assert axes.get_xscale() == "log"
    strips = axes.collections
    assert len(strips) == frame.groupby(["label", "temperature"]).ngroups
    assert sum(len(strip.get_offsets()) for strip in strips) == len(frame)  # type: ignore[arg-type]
    assert {"baseline", "everything, cold", "everything, warm"} <= set(texts(chart))
    assert f"{len(frame):,}" in chart.caption
    assert "4 blocks" in chart.caption


def test_interval_of_samples_is_students_over_blocks() -> None:
    from perfstudy.charts.distributions import _median

    logs = np.log([0.010, 0.012, 0.011, 0.013])
    frame = pd.DataFrame({"block": range(4), "seconds": np.exp(logs)})
    half = 3.182446 * logs.std(ddof=1) / 2  # t of 0.975 with 3 degrees of freedom
    assert _median(frame) == pytest.approx(tuple(np.exp([logs.mean(), logs.mean() - half, logs.mean() + half])))
    alone = _median(frame[:1])
    assert alone[0] == pytest.approx(0.010)
    assert np.isnan(alone[1:]).all()


def test_ecdf_climbs_from_none_to_all() -> None:
    from perfstudy.charts.distributions import CURVE_POINTS, steps

    x, y = steps(np.array([0.3, 0.1, 0.2]))
    assert list(x) == [0.1, 0.1, 0.2, 0.3]
    assert list(y) == pytest.approx([0, 1 / 3, 2 / 3, 1])
    x, y = steps(np.random.default_rng(0).lognormal(size=50_000))
    assert len(x) <= CURVE_POINTS + 1
    assert y[-1] == 1
    assert (np.diff(x) >= 0).all()
    axes = EVERY["ecdf"]().axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "linear")
    assert len(axes.lines) == 8


def test_ladder_bars_are_as_long_as_their_steps() -> None:
    frame = factories.ladder()
    chart = charts.ladder(frame)
    axes = chart.axes[0]
    assert axes.get_xscale() == "log"
    bars = [line.get_xdata() for line in axes.lines if line.get_linewidth() == 5]
    assert [float(end / start) for start, end in bars] == pytest.approx(list(frame["speedup"]))
    assert bars[2][0] == pytest.approx(bars[1][1]), "a step starts where the one before it ended"
    assert bars[-1][0] == pytest.approx(bars[-2][0]), "warm and cold start from the same step"
    assert "+ related + values" in texts(chart)


def test_ladder_draws_what_the_report_states_only_where_asked() -> None:
    brackets = [
        len([one for one in charts.ladder(factories.ladder(), stated).axes[0].lines if len(one.get_xdata()) == 4])  # type: ignore[arg-type]
        for stated in (True, False)
    ]
    assert brackets == [4, 0]


def test_verdicts_shows_claims_as_bands_and_words() -> None:
    frame = factories.verdicts(("page", "all"))
    chart = charts.verdicts(frame)
    axes = chart.axes[0]
    assert axes.get_xscale() == "log"
    shown = texts(chart)
    for verdict in frame["verdict"].unique():
        assert any(text.endswith(verdict) for text in shown), f"{verdict} stands in words"
    points = [line for line in axes.lines if line.get_marker() not in ("None", None, "")]
    assert len(points) == frame["speedup"].notna().sum()
    assert "not testable here" in chart.caption
    low, high = axes.get_xlim()
    assert low < frame["low"].min()
    assert high > frame["high"].max()


def test_verdicts_say_indicative() -> None:
    assert "indicative" in charts.verdicts(factories.verdicts(indicative=True)).caption
    assert "indicative" not in charts.verdicts(factories.verdicts()).caption


def test_attribution_names_what_contributes_most_and_what_nothing() -> None:
    chart = charts.attribution(factories.attribution(), temperature="cold")
    assert chart.axes[0].get_xscale() == "log"
    assert "cache contributes most" in chart.caption
    assert "No effect is shown for index" in chart.caption


def test_interactions_are_a_triangle_of_numbers() -> None:
    frame = factories.interactions()
    chart = charts.interactions(frame, temperature="cold")
    assert len(chart.axes[0].patches) == 15
    bold = [t for t in chart.axes[0].texts if t.get_fontweight() == "bold"]
    here = frame[frame["temperature"] == "cold"]
    assert len(bold) == ((here["low"] > 0) | (here["high"] < 0)).sum()
    assert "related and cache" in chart.caption


def test_scale_is_log_by_log_with_a_tick_for_each_scale() -> None:
    chart = EVERY["scale"]()
    axes = chart.axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert [t.get_text() for t in axes.get_xticklabels()] == ["5 k", "50 k", "1 M", "10 M"]
    assert len(axes.lines) == 7, "the baseline's twin is left out"
    assert "2,000×" in chart.caption


def test_scale_needs_to_know_the_rows() -> None:
    with pytest.raises(UsageError, match="'huge'"):
        charts.scale(factories.comparisons(scales=("huge",)), ROWS)


def test_scale_knows_the_declared_rows() -> None:
    assert charts.scale(factories.comparisons(scales=("tiny", "small"))).caption.startswith("While the table grows 10×")


def test_depth_has_offsets_in_order() -> None:
    axes = EVERY["depth"]().axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == ("linear", "log")
    assert all(list(line.get_xdata()) == [0, 100, 500, 1000, 2000, 2651] for line in axes.lines)  # type: ignore[arg-type]


def test_depth_has_a_line_of_its_own_for_cursors() -> None:
    frame = factories.depths()
    asked = frame[frame["label"] == factories.FULL]
    after = asked.assign(scenario=asked["scenario"].str.replace("page", "after"))
    axes = charts.depth(pd.concat([frame, after])).axes[0]
    names = [str(line.get_label()) for line in axes.lines]
    assert len(names) == len(set(names)) == 5
    assert [name for name in names if "by cursor" in name] == [
        "everything by cursor, cold",
        "everything by cursor, warm",
    ]


def test_rows_says_what_one_more_costs() -> None:
    chart = EVERY["rows"]()
    assert (chart.axes[0].get_xscale(), chart.axes[0].get_yscale()) == ("log", "log")
    assert "one more row costs 500 µs in baseline and 20.0 µs in" in chart.caption


def test_waterfall_of_one_request_cascades_to_the_whole() -> None:
    chart = charts.waterfall({"connect": 4.0, "db": 20.0, "serialize": 10.0, "total": 40.0, "response": 44.0})
    bars = [(bar.get_x(), bar.get_width()) for bar in chart.axes[0].patches]  # type: ignore[attr-defined]
    assert [start for start, _ in bars] == pytest.approx([0, 0.004, 0.024, 0.034])
    assert sum(length for _, length in bars) == pytest.approx(0.044)
    assert "45% is waiting for the database" in chart.caption


def test_waterfall_of_several_stacks_them() -> None:
    frame = factories.phases()
    chart = charts.waterfall(frame)
    assert len(chart.axes[0].patches) == 4 * len(frame)
    assert {"everything, cold", "everything, warm", "baseline"} <= set(texts(chart))


def test_first_requests_show_every_process() -> None:
    frame = factories.first_requests()
    chart = charts.first_requests(frame)
    assert sum(len(c.get_offsets()) for c in chart.axes[0].collections) == len(frame)  # type: ignore[arg-type]


def test_a_lone_first_request_leaves_room_for_the_rest() -> None:
    frame = factories.first_requests()
    frame.loc[0, "first"] = frame.loc[0, "usual"] - 2.0
    axes = charts.first_requests(frame).axes[0]
    low, high = axes.get_xlim()
    assert low > -0.5 * high
    assert [line.get_marker() for line in axes.lines].count("<") == 1, "an arrow says where it is"


def test_costs_draw_bars_only_where_they_compare() -> None:
    frame = factories.costs()
    chart = charts.costs(frame)
    panels = frame.groupby(["optimization", "unit"]).size()
    assert len(chart.axes) == len(panels)
    assert sum(len(axes.patches) for axes in chart.axes) == 2 + 4, "cached bytes, and connections"
    assert {"2.34 MB", "82.0 ms", "1.12×", "20 connections"} <= set(texts(chart))


def test_hit_ratio_says_how_far_theory_is_off() -> None:
    chart = EVERY["hit_ratio"]()
    axes = chart.axes[0]
    assert axes.get_xscale() == "log"
    assert axes.get_ylim()[0] == 0
    assert "at most 2.0 percentage points apart" in chart.caption


def test_each_quantile_falls_where_so_many_hit() -> None:
    """While more than one request in twenty misses, p95 is that of a miss; the median falls at half, p99 at 99 %."""
    lines = {line.get_label(): line for line in EVERY["tail"]().axes[0].get_lines()}
    for name, misses in {"median": 0.5, "p95": 0.05, "p99": 0.01}.items():
        shares, times = (np.asarray(side, dtype=float) for side in lines[name].get_data())
        fast = times[shares < 0.5 * misses].max()
        assert times[shares > min(2 * misses, 0.99)].min() > 1.5 * fast, name


def test_orders_mark_the_report_s_own() -> None:
    chart = EVERY["orders"]()
    points = sum(len(c.get_offsets()) for c in chart.axes[0].collections)  # type: ignore[arg-type]
    assert points == len(factories.steps())
    assert "The widest is cache: 5.0× or 6.7×" in chart.caption


def test_machines_have_a_row_each_and_an_interval_where_they_have_blocks() -> None:
    axes = charts.machines(factories.machines()).axes[0]
    points = [line.get_marker() for line in axes.lines if line.get_marker() != "None"]
    intervals = [line for line in axes.lines if line.get_linewidth() in (2, 3) and line.get_marker() == "None"]
    assert points == ["o", "o", "o", "D"]
    assert len(intervals) == 3, "a single block has none"


EMPTY = pd.DataFrame()


@pytest.mark.parametrize(
    ("draw", "arguments"),
    [
        (charts.samples, (EMPTY, "page")),
        (charts.ecdf, (EMPTY,)),
        (charts.ladder, (EMPTY,)),
        (charts.verdicts, (EMPTY,)),
        (charts.attribution, (EMPTY,)),
        (charts.interactions, (EMPTY,)),
        (charts.scale, (EMPTY,)),
        (charts.depth, (factories.comparisons(),)),
        (charts.depth, (factories.lengths(),)),
        (charts.rows, (factories.depths(),)),
        (charts.waterfall, (factories.phases().drop(columns="db"),)),
        (charts.first_requests, (EMPTY,)),
        (charts.costs, (factories.costs().iloc[:0],)),
        (charts.hit_ratio, (EMPTY, EMPTY)),
        (charts.orders, (EMPTY,)),
        (charts.machines, (EMPTY,)),
        (charts.tail, (EMPTY,)),
        (charts.tail, (factories.samples().query("temperature == 'cold'"),)),
        (charts.plan, ({"not": "a plan"},)),
        (charts.plan, ("not JSON",)),
    ],
)
def test_nothing_to_draw_is_said(draw: Callable[..., Chart], arguments: tuple[Any, ...]) -> None:
    with pytest.raises(UsageError, match=r"no column|nothing|no |measured"):
        draw(*arguments)


def test_an_unknown_scenario_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="'pgae': did you mean page"):
        charts.samples(factories.samples(blocks=1), "pgae")


def test_the_title_says_which_place_was_chosen() -> None:
    frame = factories.ladder(("type", "page"))
    assert "page, small" in texts(charts.ladder(frame))[0] + " ".join(texts(charts.ladder(frame)))
    assert any("type, small" in text for text in texts(charts.ladder(frame, scenario="type")))


@pytest.mark.parametrize("blocks", [1, 2])
def test_few_blocks_are_enough_to_draw(blocks: int) -> None:
    assert charts.samples(factories.samples(blocks=blocks, n=5), "page").png(40)


def test_many_samples_stay_small() -> None:
    """A hundred thousand points become an image within the drawing."""
    frame = factories.samples(blocks=20, n=600)
    assert len(frame) > 90_000
    assert len(charts.samples(frame, "page").svg("many")) < 300_000
