"""Every odd plan is read and shown: parts add up, no text leaves its box or lies over other text, at any width."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from perfstudy import charts
from perfstudy.charts.plan_tree import read_tree
from perfstudy.charts.style import Chart
from perfstudy.evidence import plans
from perfstudy.notebook.display import PlanView

FOLDER = Path(__file__).parent / "json"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
WIDTHS = [pixels / 96 for pixels in (400, 700, 1100)]
PAIRS = list(zip(NAMES[::2], [*NAMES[1::2], NAMES[0]], strict=False))
"""Each plan beside another one."""
each = pytest.mark.parametrize("name", NAMES)
# The odd plans have letters of Japanese and a picture, which the one font of all charts lacks.
pytestmark = pytest.mark.filterwarnings("ignore:Glyph .* missing from font")


def load(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


@each
def test_own_times_and_pages_add_up_to_the_whole(name: str) -> None:
    tree = read_tree(load(name))
    nodes = [node for _, node in tree.nodes()]
    parts = [*nodes, *tree.extras]
    assert sum(part.own_time for part in parts) == pytest.approx(tree.total, abs=1e-9)
    assert sum(node.own_hit + node.own_read for node in nodes) == tree.pages
    assert all(part.own_time >= 0 for part in parts)
    assert all(node.own_time <= node.time + 1e-9 for node in nodes)
    if tree.execution and tree.root.timed:
        assert tree.total <= tree.execution, "the whole is no longer than the statement"


def extents(chart: Chart) -> list[tuple[str, Any]]:
    renderer = FigureCanvasAgg(chart).get_renderer()
    shown = [text for text in chart.findobj(Text) if isinstance(text, Text) and text.get_text().strip()]
    return [(text.get_text(), text.get_window_extent(renderer)) for text in shown if text.get_visible()]


def misplaced(chart: Chart, found: list[tuple[str, Any]], columns: int) -> list[str]:
    """Return which of the texts *found* lie outside of the sheet or of their column, or over something else."""
    width, height = chart.bbox.width, chart.bbox.height
    middle = width / 2 if columns == 2 else width
    wrong = []
    for words, box in found:
        right = middle if box.x0 < middle and words != chart.texts[0].get_text() else width
        if box.x0 < 0 or box.x1 > right or box.y0 < 0 or box.y1 > height:
            wrong.append(f"{words!r} leaves its box: {box.x0:.0f} to {box.x1:.0f} of {right:.0f}")
    found = sorted(found, key=lambda pair: -pair[1].y1)
    for place, (words, box) in enumerate(found):
        for others, below in found[place + 1 :]:
            if below.y1 <= box.y0:
                break
            if min(box.x1, below.x1) - max(box.x0, below.x0) > 1 and min(box.y1, below.y1) - max(box.y0, below.y0) > 2:
                wrong.append(f"{words!r} lies over {others!r}")
    return wrong


def check(chart: Chart, columns: int) -> None:
    found = extents(chart)
    assert misplaced(chart, found, columns) == []
    assert chart.caption.endswith(".")
    assert not re.search(r"\bnan\b|e\+\d", " ".join([chart.alt, *(words for words, _ in found)]))


@each
def test_a_plan_is_drawn_in_its_boxes(name: str) -> None:
    for width in WIDTHS:
        chart = charts.plan(load(name), width=width)
        check(chart, 1)
    assert chart.png(12).startswith(b"\x89PNG")


@pytest.mark.parametrize(("name", "other"), PAIRS)
def test_two_plans_are_compared_in_their_boxes(name: str, other: str) -> None:
    for width in WIDTHS:
        chart = charts.plan_change(load(name), load(other), width=width)
        check(chart, 2 if width >= 5 else 1)
    assert chart.png(12).startswith(b"\x89PNG")


@each
def test_text_and_html_name_every_node(name: str) -> None:
    document = load(name)[0] if isinstance(load(name), list) else load(name)
    view = PlanView(document, "SELECT 1")
    nodes = list(plans.iterate_nodes(document))
    assert len(repr(view).splitlines()) == len(nodes)
    html = view._repr_html_()
    assert html.count("<tr>") == len(nodes) + 1
    assert not re.search(r"\d\.?\d*e[+-]\d", re.sub(r">\u2003*[A-Z][^<]*<", "><", html)), "numbers are written out"
    for node in nodes:
        assert node.get("Subplan Name", "") in repr(view)


def test_misplaced_text_is_found() -> None:
    """The check itself finds what lies over other text, and what leaves the sheet."""
    chart = charts.plan(load("result"))
    axes = chart.axes[0]
    for words in ("one thing", "another"):
        axes.text(1, 0.6, words)
    axes.text(chart.get_size_inches()[0] - 0.1, 0.9, "too far right")
    wrong = " ".join(misplaced(chart, extents(chart), 1))
    assert "lies over" in wrong
    assert "'too far right' leaves its box" in wrong


@pytest.mark.parametrize("width", [0.6, 1.5])
def test_a_figure_may_be_as_narrow_as_it_likes(width: float) -> None:
    assert charts.plan(load("deep-conditions"), width=width).png(12)
    assert charts.plan_change(load("deep-conditions"), load("long-names"), width=width).png(12)
