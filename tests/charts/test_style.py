"""Colours that stay apart, numbers in words, and figures that need no backend."""

import base64
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import escape
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex

from perfstudy import charts, findings, formatting, published
from perfstudy.charts import style
from perfstudy.listing.optimizations import FRONT_END, ORIGINAL
from perfstudy.listing.studies import add_page
from perfstudy.listing.variant import BASELINE, BEST
from perfstudy.model.labels import describe, sort_key
from perfstudy.paths import PROJECT
from tests.charts import factories

# Full severity; Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color vision
# deficiency" (2009), in linear RGB.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(matrix) @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one: str, other: str) -> float:
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_palette_stays_apart(blindness: str) -> None:
    seen = {colour: lab(np.array(BLINDNESS[blindness]) @ linear(colour)) for colour in (*style.PALETTE, style.GREY)}
    distances = {pair: float(np.linalg.norm(seen[pair[0]] - seen[pair[1]])) for pair in combinations(seen, 2)}
    closest = min(distances, key=lambda pair: distances[pair])
    assert distances[closest] > 10, f"{closest} are {distances[closest]:.1f} apart"


@pytest.mark.parametrize("grey", [style.INK, style.FAINT])
def test_text_of_an_image_contrasts_with_its_ground(grey: str) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1, on any page, because an image brings its ground."""
    assert contrast(grey, style.GROUND) >= 4.5


def blend(colour: str, opacity: float, ground: str) -> str:
    """Return what is seen of *colour* over *ground*."""
    both = ([int(one[i : i + 2], 16) for i in (1, 3, 5)] for one in (colour, ground))
    return "#" + "".join(f"{round(opacity * a + (1 - opacity) * b):02x}" for a, b in zip(*both, strict=True))


REPORT = (PROJECT / "perfstudy" / "report" / "report.css").read_text()
PAPERS = list(zip(*(re.findall(rf"--{name}: (#\w{{6}})", REPORT) for name in ("ink", "paper")), strict=True))
"""Ink and paper of the report in light, in dark and in print."""


@pytest.mark.parametrize(("ink", "ground"), [(style.INK, style.GROUND), *PAPERS])
def test_numbers_of_a_heat_map_contrast_with_their_cells(ink: str, ground: str) -> None:
    cells = charts.interactions(factories.interactions(), temperature="cold").axes[0].patches
    seen = [blend(to_hex(cell.get_facecolor()), float(cell.get_facecolor()[3]), ground) for cell in cells]
    assert len(set(seen)) > 5
    assert min(contrast(ink, cell) for cell in seen) >= 4.5


def show_ticks(low: float, high: float, width: float, kind: Callable[..., None], which: str) -> list[Any]:
    """Return the boxes of the labels of an axis from *low* to *high*, in the order of the axis."""
    chart, top = style.sheet(width, 3.5, "Ticks", "Axis")
    axes = style.area(chart, 0.66, top, 0.24, 2.6)
    (axes.set_xlim if which == "x" else axes.set_ylim)(low, high)
    kind(axes, which)
    style.finish(chart, "")
    canvas = FigureCanvasAgg(chart)
    canvas.draw()
    labels = (axes.xaxis if which == "x" else axes.yaxis).get_ticklabels()
    return [label.get_window_extent(canvas.get_renderer()) for label in labels]


@pytest.mark.parametrize("width", [style.WIDE, style.NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("which", ["x", "y"])
@pytest.mark.parametrize(
    ("low", "kind"), [(0.069, style.times), (3.1, style.times), (0.93, style.ratios), (4_800, style.counts)]
)
@pytest.mark.parametrize("times", [1.22, 1.5, 2.1, 4, 11, 240, 1e5, 1e12])
def test_labels_of_ticks_stay_apart(
    times: float, low: float, kind: Callable[..., None], which: str, width: float
) -> None:
    boxes = show_ticks(low, low * times, width, kind, which)
    assert 2 <= len(boxes) <= 9
    for one, other in pairwise(boxes):
        assert (other.x0 - one.x1 if which == "x" else other.y0 - one.y1) >= 3


def draw_step(low: float, high: float) -> Any:
    """Return the axes of a ladder whose one step has the interval *low* to *high*."""
    frame = factories.ladder().iloc[:3].copy()
    frame.loc[frame.index[1], ["speedup", "low", "high"]] = 1.1, low, high
    return charts.ladder(frame, stated=False).axes[0]


def find_arrows(axes: Any) -> list[str]:
    return [line.get_marker() for line in axes.lines if line.get_marker() in ("<", ">")]


@pytest.mark.parametrize(
    ("low", "high", "arrows"),
    [(0.9, 1.3, []), (0.5, 2.9, []), (0.0, 36_400.0, ["<", ">"]), (0.9, np.inf, [">"]), (np.nan, np.nan, [])],
)
def test_an_axis_holds_intervals_up_to_a_limit_and_arrows_say_where_not(
    low: float, high: float, arrows: list[str]
) -> None:
    axes = draw_step(low, high)
    left, right = axes.get_xlim()
    assert find_arrows(axes) == arrows
    assert right / left < 1_000, "points keep a third of the axis"
    inside = [line for line in axes.lines if line.get_linewidth() == 1.6]
    assert all(left <= x <= right for line in inside for x in line.get_xdata())


def test_every_optimization_has_a_colour_of_its_own() -> None:
    assert len({style.colour_of(o.name) for o in ORIGINAL}) == len(ORIGINAL)


def test_factors_that_no_catalog_knows_have_colours_in_their_order() -> None:
    colours = style.colour_factors(["prefetch", "pool", "index", "prefetch"])
    assert list(colours) == ["prefetch", "pool", "index"]
    assert len(set(colours.values()) - {style.GREY}) == 3
    assert colours["index"] == style.colour_of("index")


def test_a_study_with_factors_of_its_own_keeps_their_order() -> None:
    names = dict(zip(factories.NAMES, ("zip", "pool", "async", "batch", "lazy", "index"), strict=True))
    frame = factories.interactions().replace({"one": names, "other": names})
    axes = charts.interactions(frame, temperature="cold").axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["zip", "pool", "async", "batch", "lazy"]
    alone = charts.attribution(factories.attribution().replace({"optimization": names}), temperature="cold")
    bars = [line.get_color() for line in alone.axes[0].lines if line.get_linewidth() == 9]
    assert len(set(bars)) == len(names)


def test_looks_never_repeat() -> None:
    labels = [*factories.MEDIANS, "index+related+cache", "related+cache", "values+cache", "index+gunicorn"]
    looks = style.choose_style(labels)
    assert list(looks) == labels
    assert len({(look.colour, look.marker, str(look.dash)) for look in looks.values()}) == len(labels)
    assert looks["index"].colour == style.colour_of("index"), "what has a colour keeps it beside the control"


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("baseline", "baseline"),
        ("baseline (control)", "baseline (control)"),
        ("index+cache", "index + cache"),
        ("+".join(o.name for o in ORIGINAL), "everything"),
        ("+".join(o.name for o in ORIGINAL if o.name != "values"), "everything but values"),
        ("+".join(o.name for o in ORIGINAL) + "+invalidate", "everything + invalidate"),
        (add_page(BASELINE).name, "every switch of the page"),
        (add_page(BEST).name, "best + every switch of the page"),
        ((add_page(BEST) - "windowed").name, "best + " + " + ".join(o.name for o in FRONT_END if o.name != "windowed")),
    ],
)
def test_names(label: str, name: str) -> None:
    assert describe(label) == name


def test_order_is_the_studys() -> None:
    labels = ["cache", "index+cache", "baseline (control)", "index", "baseline", "index+related"]
    expected = ["baseline", "baseline (control)", "index", "cache", "index+related", "index+cache"]
    assert sorted(labels, key=sort_key) == expected


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0000049, "4.90 µs"),
        (0.00038, "380 µs"),
        (0.0482, "48.2 ms"),
        (0.9999, "1.00 s"),
        (0.09999, "100 ms"),
        (1.234, "1.23 s"),
        (1234.5, "1,230 s"),
        (float("nan"), "-"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert formatting.duration(seconds) == words


@pytest.mark.parametrize(("value", "words"), [(0, "0"), (0.05, "50 ms"), (2.5, "2.5 s"), (0.0002, "200 µs")])
def test_ticks_of_a_clock_are_round(value: float, words: str) -> None:
    assert formatting.clock(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(1.066, "1.07×"), (0.97, "0.97×"), (3.14, "3.1×"), (52.6, "53×"), (1234, "1,200×"), (0.04, "0.040×")],
)
def test_ratios(value: float, words: str) -> None:
    assert formatting.ratio(value) == words


def test_intervals() -> None:
    assert formatting.interval(2.91, 3.3) == "2.9 to 3.3×"
    assert formatting.interval(float("nan"), 3.3) == ""


def test_cutting_keeps_the_ends() -> None:
    assert style.cut("index + related + values + connections", 26) == "index + … + connections"
    assert style.cut("short", 26) == "short"
    assert len(style.cut("an_index_with_a_very_long_name_idx", 20)) == 20


def test_chart_displays_as_an_image_with_its_sentence() -> None:
    chart = charts.ladder(factories.ladder())
    data, metadata = chart._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    assert data["text/plain"].startswith("<Chart size")
    assert f"<figcaption>{escape(chart.caption)}</figcaption></figure>" in data["text/html"]
    assert "--ink:color-mix(in srgb, currentColor 100%" in data["text/html"]
    assert metadata["image/png"]["alt"] == chart.alt == charts.describe(chart)
    assert chart.caption in chart.alt


def test_image_has_a_ground_of_its_own() -> None:
    import io

    from matplotlib.image import imread

    pixels = imread(io.BytesIO(charts.ladder(factories.ladder()).png(60)), format="png")
    assert (pixels[[0, 0, -1, -1], [0, -1, 0, -1]] == 1).all()


def test_svg_is_one_element_that_refers_to_nothing_outside() -> None:
    svg = charts.samples(factories.samples(blocks=3), "page").svg("a key")
    assert svg.startswith("<svg viewBox=")
    assert svg.endswith("</svg>")
    assert 'role="img" aria-label="Strip chart' in svg
    assert "http" not in svg
    ids = re.findall(r' id="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    references = {m.strip('"') for m in re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', svg) for m in m if m}
    assert references <= set(ids)
    for image in re.findall(r'href="data:image/png;base64,([^"]+)"', svg):
        assert base64.b64decode(image).startswith(b"\x89PNG")
    assert f"var(--ink,{style.INK})" in svg
    assert not re.search(rf"(?<!,){style.INK}", svg), "every grey is the page's own"


def test_ids_of_two_charts_never_meet() -> None:
    one, other = (
        set(re.findall(r' id="([^"]+)"', charts.attribution(factories.attribution()).svg(key))) for key in ("a", "b")
    )
    assert one
    assert not one & other


def test_drawing_is_deterministic_and_safe_in_threads() -> None:
    def draw(_: int) -> str:
        return charts.verdicts(factories.verdicts()).svg("same")

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(draw, range(4)))) == 1


def test_import_touches_no_backend() -> None:
    import subprocess
    import sys

    code = "import sys, perfstudy.charts; print('matplotlib.pyplot' in sys.modules, 'django' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "False"]


@pytest.mark.parametrize("room", ["results", "findings", "charts", "report", "notebook", "commands"])
def test_units_are_written_by_the_formatting_alone(room: str) -> None:
    unit = re.compile(r"\{[^{}\"]*:[^{}\"]*(?:[fg]\} ?(?:ms|µs|kB|MB|GB|×|%)|%\})")
    found = {path.name: unit.findall(path.read_text()) for path in (PROJECT / "perfstudy" / room).rglob("*.py")}
    assert not {name: specs for name, specs in found.items() if specs}


@pytest.mark.parametrize("width", [style.WIDE, style.NARROW])
def test_a_legend_of_many_long_names_stays_in_the_chart(width: float) -> None:
    frame = findings.comparisons(published("whole-medium"))
    frame["label"] = frame["label"].str.replace("+windowed", "")  # a name that is not short
    chart = charts.rows(frame, width=width)
    FigureCanvasAgg(chart).draw()
    (axes,) = chart.axes
    legend = axes.get_legend()
    assert legend is not None
    assert len(legend.get_texts()) == len(axes.lines)
    place, whole = legend.get_window_extent(), chart.bbox
    assert place.x1 <= whole.x1
    assert place.y0 >= whole.y0
