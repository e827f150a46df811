"""Draw plans as trees, and what changed between two of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle

from perfstudy import formatting
from perfstudy.charts import style, text
from perfstudy.charts.plan_tree import Extra, Node, Tree, compare_trees, read_tree
from perfstudy.charts.style import Chart

INDENT = 0.2
"""Inches of a level, where there is room for them."""
LEAST = 1.45
"""Inches that the deepest card has; the levels share what is left."""
NAME, LINE = 0.18, 0.165
"""Inches of a line of a node's name, and of one of details."""
POINTS = 8.5
BAR = 0.1
GAP = 0.16
GONE, NEW = "gone", "new"
UNTIMED = "time not measured"


@dataclass(frozen=True)
class Card:
    """A node as it is written: *mark* is ``gone``, ``new`` or nothing."""

    depth: int
    name: list[str]
    lines: list[str]
    own_time: float
    mark: str = ""

    @property
    def head(self) -> float:
        """Inches of the node's name."""
        return 0.02 + NAME * len(self.name)

    @property
    def height(self) -> float:
        """Inches, the gap to the next card included."""
        return self.head + LINE * len(self.lines) + BAR + GAP


@dataclass(frozen=True)
class Deck:
    """The cards of a plan in a column, with its widths in inches."""

    cards: list[Card]
    column: float
    indent: float

    @property
    def height(self) -> float:
        """Inches of all cards."""
        return sum(card.height for card in self.cards)


def plan(plan: Any, *, title: str = "What PostgreSQL does", width: float = style.WIDE) -> Chart:
    """Draw a plan as a tree, from the result at the top down to the tables.

    *plan* as EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) gives it. A node's bar is its own share of the time.

    Raises:
        UsageError: it is no plan.
    """
    tree = read_tree(plan)
    deck = _deck(tree, [(depth, node, "") for depth, node in tree.nodes()], width - 2 * style.MARGIN, width)
    chart, top = style.sheet(width, deck.height + 0.3, f"{title}: {_effort(tree)}", "Plan tree")
    _draw(_canvas(chart), deck, style.MARGIN, top, tree.total)
    return style.finish(chart, _plan_caption(tree))


def plan_change(
    before: Any, after: Any, *, title: str = "The plan before and after", width: float = style.WIDE
) -> Chart:
    """Draw two plans, with the nodes that only one of them has highlighted.

    Both as EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) gives them; bars share one scale of time.

    Raises:
        UsageError: one of them is no plan.
    """
    trees = read_tree(before), read_tree(after)
    side_by_side = width >= 5
    column = (width - 2 * style.MARGIN - 0.24) / 2 if side_by_side else width - 2 * style.MARGIN
    decks = [
        _deck(tree, [(depth, node, mark if only else "") for depth, node, only in nodes], column, width)
        for tree, nodes, mark in zip(trees, compare_trees(*trees), (GONE, NEW), strict=True)
    ]
    points = style.figure_size(width, -0.5)
    heads = [
        text.lines(f"{word}: {_effort(tree)}", column, points)
        for word, tree in zip(("before", "after"), trees, strict=True)
    ]
    above = 0.12 + NAME * max(map(len, heads))
    heights = [above + deck.height for deck in decks]
    chart, top = style.sheet(width, max(heights) if side_by_side else sum(heights) + 0.2, title, "Two plan trees")
    axes = _canvas(chart)
    longest = max(tree.total for tree in trees)
    for i, (head, deck) in enumerate(zip(heads, decks, strict=True)):
        x = style.MARGIN + (i * (column + 0.24) if side_by_side else 0)
        y = top if side_by_side or i == 0 else top + heights[0] + 0.2
        for line, words in enumerate(head):
            axes.text(x, y + NAME * (line + 0.5), words, va="center", color=style.INK, fontsize=points)
        _draw(axes, deck, x, y + above, longest)
    return style.finish(chart, _change_caption(*trees))


def _canvas(chart: Chart) -> Axes:
    """Return axes over the whole sheet, measured in inches from the upper left corner."""
    width, height = chart.get_size_inches()
    axes = chart.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0), xticks=[], yticks=[])
    axes.set_axis_off()
    return axes


def _deck(tree: Tree, marked: Sequence[tuple[int, Node, str]], column: float, width: float) -> Deck:
    """Return the cards of *tree* for a column of a figure."""
    deepest = max(depth for depth, _, _ in marked)
    indent = min(INDENT, max(0.0, column - LEAST) / max(1, deepest))
    points = style.figure_size(width, -0.5)
    cards = [_card(depth, node, column - indent * depth - 0.1, points, mark) for depth, node, mark in marked]
    return Deck(cards + [_extra(extra, column - 0.1, points) for extra in tree.extras], column, indent)


def _card(depth: int, node: Node, room: float, points: float, mark: str) -> Card:
    taken = text.inches(mark, POINTS) + 0.12 if mark else 0
    named = [f"{'on ' + node.relation if node.relation else ''}{' using' if node.index else ''}", node.index]
    lines = [text.fit(line, room, POINTS) for line in (node.subplan, *named) if line.strip()]
    for name, condition in node.conditions:
        lines += text.lines(f"{name.lower()}: {condition}", room, POINTS, most=2)
    lines += text.lines(node.method, room, POINTS) if node.method else []
    return Card(
        depth,
        text.lines(node.kind, room - taken, points, bold=True),
        [*lines, *_join_parts(_numbers(node), room)],
        node.own_time,
        mark,
    )


def _extra(extra: Extra, room: float, points: float) -> Card:
    """Return the card of what is no node; it stands below the tree."""
    calls = [] if extra.calls == 1 else [f"{extra.calls:,} calls"]
    numbers = _join_parts([*calls, formatting.duration(extra.own_time) if extra.own_time else UNTIMED], room)
    return Card(0, text.lines(extra.name, room, points, bold=True), numbers, extra.own_time)


def _numbers(node: Node) -> list[str]:
    """What a node returned, threw away, took and touched."""
    if node.rows is None:
        return [f"{_rows(node.expected)} expected, not run"]
    if node.loops == 0:
        return ["never executed"]
    # Fewer than expected may just mean that enough were found; more never does.
    far = node.rows > 10 * node.expected
    parts = [_rows(node.rows) + (f" ({node.expected:,.0f} expected)" if far else "")]
    if node.removed:
        parts.append(f"{node.removed:,.0f} thrown away")
    if node.loops > 1:
        parts.append(f"{node.loops:,} loops")
    parts.append(formatting.duration(node.own_time) if node.timed else UNTIMED)
    pages = node.own_hit + node.own_read
    if pages:
        parts.append(f"{pages:,} pages" + (f", {node.own_read:,} read" if node.own_read else ""))
    return [*parts, *([] if node.buffered else ["pages not measured"])]


def _join_parts(parts: list[str], room: float) -> list[str]:
    """Return *parts* in as few lines of *room* inches as they fit in."""
    lines: list[str] = []
    for part in parts:
        joined = f"{lines[-1]} · {part}" if lines else part
        if lines and text.inches(joined, POINTS) <= room:
            lines[-1] = joined
        else:
            lines += text.lines(part, room, POINTS)
    return lines


def _rows(count: float) -> str:
    return "1 row" if round(count) == 1 else f"{count:,.0f} rows"


def _effort(tree: Tree) -> str:
    if not tree.ran:
        return "planned only"
    took = UNTIMED if tree.elapsed is None else formatting.duration(tree.elapsed)
    return f"{took}, {_pages(tree)}"


def _pages(tree: Tree) -> str:
    return f"{tree.pages:,} pages" if tree.root.buffered else "pages not measured"


def _draw(axes: Axes, deck: Deck, x: float, y: float, longest: float) -> None:
    """Draw the cards of a plan, indented by depth."""
    anchors: dict[int, float] = {}
    elbows = []
    for card in deck.cards:
        left = x + deck.indent * card.depth
        if card.depth:
            elbow = left - deck.indent + min(0.06, deck.indent / 3)
            start, end = (elbow, anchors[card.depth - 1]), (max(elbow, left - 0.03), y + 0.09)
            elbows.append([start, (elbow, end[1]), end])
        _write(axes, card, left, y, x + deck.column, longest)
        anchors[card.depth] = y + card.height - GAP + 0.03
        y += card.height
    axes.add_artist(LineCollection(elbows, colors=style.GRID, linewidths=1, capstyle="butt"))


def _write(axes: Axes, card: Card, left: float, y: float, right: float, longest: float) -> None:
    colour = {GONE: style.VERMILION, NEW: style.GREEN}.get(card.mark, style.BLUE)
    if card.mark:
        box = (left - 0.02, y - 0.03), right - left + 0.04, card.height - GAP + 0.05
        axes.add_artist(Rectangle(*box, color=colour, alpha=0.13, linewidth=0))
        axes.add_artist(Rectangle((left - 0.02, y - 0.03), 0.03, card.height - GAP + 0.05, color=colour, linewidth=0))
        where: dict[str, Any] = {"ha": "right", "va": "center", "color": style.INK}
        axes.text(right - 0.02, y + 0.09, card.mark, fontsize=POINTS, fontstyle="italic", **where)
    width = axes.get_xlim()[1]
    bold: dict[str, Any] = {"color": style.INK, "fontsize": style.figure_size(width, -0.5), "fontweight": "bold"}
    for i, line in enumerate(card.name):
        axes.text(left + 0.05, y + NAME * (i + 0.5), line, va="center", **bold)
    for i, line in enumerate(card.lines):
        axes.text(left + 0.05, y + card.head + LINE * (i + 0.5), line, va="center", color=style.FAINT, fontsize=POINTS)
    whole = right - left - 0.1
    below = y + card.head + LINE * len(card.lines) + 0.03
    share = card.own_time / longest if longest else 0
    axes.add_artist(Rectangle((left + 0.05, below), whole, 0.05, color=style.GRID, alpha=0.3, linewidth=0))
    axes.add_artist(Rectangle((left + 0.05, below), whole * min(share, 1), 0.05, color=colour, linewidth=0))


def _plan_caption(tree: Tree) -> str:
    if not tree.ran:
        return f"The plan has {_nodes(tree)}; it was not run."
    if tree.elapsed is None:
        said = f"The statement was run, its time was not measured; the plan has {_nodes(tree)}, {_pages(tree)}."
    else:
        touched = f"touches {_pages(tree)}" if tree.root.buffered else "its pages were not measured"
        said = f"The statement takes {formatting.duration(tree.elapsed)} and {touched}{_slowest(tree)}."
    return f"{said} {tree.removed:,.0f} rows are fetched and thrown away." if tree.removed else said


def _slowest(tree: Tree) -> str:
    """Say what has the largest share of the time, a node or a trigger."""
    if not tree.total:
        return ""
    parts: list[Node | Extra] = [*(node for _, node in tree.nodes()), *tree.extras]
    slow = max(parts, key=lambda part: part.own_time)
    subplan = f" of {slow.subplan}" if isinstance(slow, Node) and slow.subplan else ""
    return f"; {formatting.percent(slow.own_time / tree.total)} of the time is {slow.signature}{subplan}"


def _nodes(tree: Tree) -> str:
    count = len(tree.nodes())
    return "one node" if count == 1 else f"{count} nodes"


def _name_nodes(signatures: list[str], nothing: str) -> str:
    """Name one or two nodes; count more of them."""
    if len(signatures) > 2:
        return f"{len(signatures)} nodes"
    return " and ".join(signatures) or nothing


def _change_caption(before: Tree, after: Tree) -> str:
    left, right = compare_trees(before, after)
    gone = [node.signature for _, node, only in left if only]
    new = [node.signature for _, node, only in right if only]
    if not gone and not new:
        change = "Both plans have the same nodes"
    else:
        verb = "gives" if len(gone) < 2 else "give"
        change = f"{_name_nodes(gone, 'Nothing')} {verb} way to {_name_nodes(new, 'nothing')}"
    if before.elapsed is None or after.elapsed is None:
        return f"{change}."
    return (
        f"{change}: from {formatting.duration(before.elapsed)} and {_pages(before)} to "
        f"{formatting.duration(after.elapsed)} and {_pages(after)}."
    )
