"""Plans drawn as trees: each node with its rows, time and buffers, and what changed between two plans."""

from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from perfstudy.charts import style
from perfstudy.charts.plan_tree import Node, Tree, changed, read
from perfstudy.charts.style import Chart

INDENT = 0.2
LINE = 0.165
"""Inches of a line of details."""
BAR = 0.1
GAP = 0.16
GONE, NEW = "gone", "new"


@dataclass(frozen=True)
class Card:
    """A node as it is written: *mark* is ``gone``, ``new`` or nothing."""

    depth: int
    node: Node
    lines: tuple[str, ...]
    mark: str = ""

    @property
    def height(self) -> float:
        """Inches, the gap to the next card included."""
        return 0.2 + LINE * len(self.lines) + BAR + GAP


def plan(plan: Any, *, title: str = "What PostgreSQL does", width: float = style.WIDE) -> Chart:
    """Draw a plan as a tree, from the result at the top down to the tables.

    *plan* as EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) gives it. A node's bar is its own share of the time.

    Raises:
        UsageError: it is no plan.
    """
    tree = read(plan)
    cards = [_card(depth, node, width - 2 * style.MARGIN) for depth, node in tree.nodes()]
    height = sum(card.height for card in cards)
    chart, top = style.sheet(width, height + 0.3, f"{title}: {_effort(tree)}", "Plan tree")
    axes = _canvas(chart, top)
    _draw(axes, cards, style.MARGIN, top, width - 2 * style.MARGIN, tree.root.time)
    return style.finish(chart, _plan_caption(tree))


def plan_change(
    before: Any, after: Any, *, title: str = "The plan before and after", width: float = style.WIDE
) -> Chart:
    """Draw two plans, side by side where there is room, with the nodes that only one of them has highlighted.

    Both as EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) gives them; bars share one scale of time.

    Raises:
        UsageError: one of them is no plan.
    """
    trees = read(before), read(after)
    beside = width >= 5
    column = (width - 2 * style.MARGIN - 0.24) / 2 if beside else width - 2 * style.MARGIN
    marked = changed(*trees)
    decks = [
        [_card(depth, node, column, mark if only else "") for depth, node, only in nodes]
        for nodes, mark in zip(marked, (GONE, NEW), strict=True)
    ]
    heights = [0.3 + sum(card.height for card in deck) for deck in decks]
    chart, top = style.sheet(width, max(heights) if beside else sum(heights) + 0.2, title, "Two plan trees")
    axes = _canvas(chart, top)
    longest = max(tree.root.time for tree in trees)
    for i, (word, tree, deck) in enumerate(zip(("before", "after"), trees, decks, strict=True)):
        x = style.MARGIN + (i * (column + 0.24) if beside else 0)
        y = top if beside or i == 0 else top + heights[0] + 0.2
        axes.text(x, y, f"{word}: {_effort(tree)}", va="top", color=style.INK, fontsize=style.size(width, -0.5))
        _draw(axes, deck, x, y + 0.3, column, longest)
    return style.finish(chart, _change_caption(*trees))


def _canvas(chart: Chart, top: float) -> Axes:
    """Return axes over the whole sheet, measured in inches from the upper left corner."""
    width, height = chart.get_size_inches()
    axes = chart.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    return axes


def _card(depth: int, node: Node, column: float, mark: str = "") -> Card:
    room = column - INDENT * depth - 0.1
    points = 8.5
    fits = int(room * 72 / (points * 0.57))
    told = [f"{'on ' + node.relation if node.relation else ''}{' using' if node.index else ''}", node.index]
    lines = [style.cut(line, fits) for line in told if line]
    for name, text in node.conditions:
        lines += wrap(style.cut(f"{name.lower()}: {text}", 2 * fits - 8), fits)
    lines += [node.method] if node.method else []
    return Card(depth, node, (*lines, *_numbers(node, fits)), mark)


def _numbers(node: Node, fits: int) -> list[str]:
    """What a node returned, threw away, took and touched, in as few lines as fit."""
    if node.rows is None:
        return [f"{node.expected:,.0f} rows expected, not run"]
    if node.loops == 0:
        return ["never executed"]
    # Fewer than expected may just mean that enough were found; more never does.
    far = node.rows > 10 * node.expected
    parts = [_rows(node.rows) + (f" ({node.expected:,.0f} expected)" if far else "")]
    if node.removed:
        parts.append(f"{node.removed:,.0f} thrown away")
    if node.loops > 1:
        parts.append(f"{node.loops:,} loops")
    parts.append(style.duration(node.own_time))
    parts += (
        [f"{node.own_hit + node.own_read:,} pages" + (f", {node.own_read:,} read" if node.own_read else "")]
        if (node.own_hit + node.own_read)
        else []
    )
    lines = [parts[0]]
    for part in parts[1:]:
        joined = f"{lines[-1]} · {part}"
        lines = [*lines[:-1], joined] if len(joined) <= fits else [*lines, part]
    return lines


def _rows(count: float) -> str:
    return "1 row" if count == 1 else f"{count:,.0f} rows"


def _effort(tree: Tree) -> str:
    if not tree.execution:
        return "planned only"
    return f"{style.duration(tree.execution)}, {tree.pages:,} pages"


def _draw(axes: Axes, cards: list[Card], x: float, y: float, column: float, longest: float) -> None:
    """Draw the cards of a plan one below the other, indented by depth, with elbows from parent to child."""
    anchors: dict[int, float] = {}
    for card in cards:
        left = x + INDENT * card.depth
        if card.depth:
            elbow = left - INDENT + 0.06
            axes.plot(
                [elbow, elbow, left - 0.03],
                [anchors[card.depth - 1], y + 0.09, y + 0.09],
                color=style.GRID,
                linewidth=1,
                solid_capstyle="butt",
            )
        _write(axes, card, left, y, x + column, longest)
        anchors[card.depth] = y + card.height - GAP + 0.03
        y += card.height


def _write(axes: Axes, card: Card, left: float, y: float, right: float, longest: float) -> None:
    width = axes.figure.get_size_inches()[0]  # type: ignore[union-attr]
    colour = {GONE: style.VERMILION, NEW: style.GREEN}.get(card.mark, style.BLUE)
    if card.mark:
        box = (left - 0.02, y - 0.03), right - left + 0.04, card.height - GAP + 0.05
        axes.add_patch(Rectangle(*box, color=colour, alpha=0.13, linewidth=0))
        axes.add_patch(Rectangle((left - 0.02, y - 0.03), 0.03, card.height - GAP + 0.05, color=colour, linewidth=0))
        axes.text(
            right - 0.02,
            y + 0.09,
            card.mark,
            ha="right",
            va="center",
            color=style.INK,
            fontsize=8.5,
            fontstyle="italic",
        )
    axes.text(
        left + 0.05,
        y + 0.09,
        card.node.kind,
        va="center",
        color=style.INK,
        fontsize=style.size(width, -0.5),
        fontweight="bold",
    )
    for i, line in enumerate(card.lines):
        axes.text(left + 0.05, y + 0.2 + LINE * (i + 0.5), line, va="center", color=style.FAINT, fontsize=8.5)
    whole = right - left - 0.1
    below = y + 0.2 + LINE * len(card.lines) + 0.03
    share = card.node.own_time / longest if longest else 0
    axes.add_patch(Rectangle((left + 0.05, below), whole, 0.05, color=style.GRID, alpha=0.3, linewidth=0))
    axes.add_patch(Rectangle((left + 0.05, below), whole * min(share, 1), 0.05, color=colour, linewidth=0))


def _plan_caption(tree: Tree) -> str:
    if not tree.execution:
        return f"The plan has {_nodes(tree)}; it was not run."
    _, slow = max(tree.nodes(), key=lambda n: n[1].own_time)
    share = slow.own_time / tree.root.time if tree.root.time else 0
    text = (
        f"The statement takes {style.duration(tree.execution)} and touches {tree.pages:,} pages; "
        f"{share:.0%} of the time is {slow.signature}."
    )
    return f"{text} {tree.removed:,.0f} rows are fetched and thrown away." if tree.removed else text


def _nodes(tree: Tree) -> str:
    count = len(tree.nodes())
    return "one node" if count == 1 else f"{count} nodes"


def _named(signatures: list[str], nothing: str) -> str:
    """Name one or two nodes; count more of them."""
    if len(signatures) > 2:
        return f"{len(signatures)} nodes"
    return " and ".join(signatures) or nothing


def _change_caption(before: Tree, after: Tree) -> str:
    left, right = changed(before, after)
    gone = [node.signature for _, node, only in left if only]
    new = [node.signature for _, node, only in right if only]
    if not gone and not new:
        change = "Both plans have the same nodes"
    else:
        change = f"{_named(gone, 'Nothing')} {'gives' if len(gone) < 2 else 'give'} way to {_named(new, 'nothing')}"
    if not (before.execution and after.execution):
        return f"{change}."
    return (
        f"{change}: from {style.duration(before.execution)} and {before.pages:,} pages to "
        f"{style.duration(after.execution)} and {after.pages:,} pages."
    )
