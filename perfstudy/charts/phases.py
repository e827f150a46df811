"""Draw where the time of a request goes."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from perfstudy import formatting
from perfstudy.charts import style
from perfstudy.charts.frames import require
from perfstudy.charts.style import Chart
from perfstudy.model.labels import sort_arms

PHASES: Mapping[str, tuple[str, str, str]] = {
    "connect": ("connect", style.ORANGE, "connecting to the database"),
    "db": ("database", style.BLUE, "waiting for the database"),
    "serialize": ("serialize", style.GREEN, "making the answer"),
    "rest": ("the rest", style.GREY, "server, routing, HTTP"),
}
"""Each phase: its name, its colour, and what it is, in the order in which a request goes through them."""


def waterfall(
    phases: pd.DataFrame | Mapping[str, float],
    *,
    title: str = "Where the time of a request goes",
    width: float = style.WIDE,
) -> Chart:
    """Draw where one request's time goes, or a stacked bar for each label.

    *phases*: milliseconds as the service's ``Server-Timing`` gives them, columns connect, db, serialize and total; with
    ``response``, the client's own time in milliseconds, the rest reaches to that instead. Several rows need a column
    ``label``, and where it is there ``temperature`` is said too.

    Raises:
        UsageError: a phase is missing.
    """
    frame = pd.DataFrame([phases]) if isinstance(phases, Mapping) else phases
    require(frame, "phases", "connect", "db", "serialize", "total")
    if len(frame) == 1:
        return _cascade(_parts(frame.iloc[0].to_dict()), title, width)
    require(frame, "phases", "label")
    return _stacks(frame, title, width)


def _parts(row: Mapping[str, Any]) -> dict[str, float]:
    """Return seconds by phase; what no phase accounts for is the rest."""
    parts = {name: max(0.0, float(row[name])) / 1e3 for name in ("connect", "db", "serialize")}
    whole = row.get("response")
    total = float(row["total"] if whole is None or pd.isna(whole) else whole) / 1e3
    return parts | {"rest": max(0.0, total - sum(parts.values()))}


def _cascade(parts: dict[str, float], title: str, width: float) -> Chart:
    total = sum(parts.values())
    chart, axes = style.rows(width, len(parts), title, "Waterfall", "time since the request began", row=0.48)
    _time_axis(axes, total)
    start = 0.0
    for y, (phase, seconds) in enumerate(parts.items()):
        _, colour, words = PHASES[phase]
        axes.barh(y + 0.16, seconds, left=start, height=0.36, color=colour)
        start += seconds
        if y < len(parts) - 1:
            axes.plot([start, start], [y + 0.16, y + 1.16], color=style.GRID, linewidth=0.8, zorder=0)
        style.row_name(axes, y, words, f"{formatting.duration(seconds)}, {formatting.percent(seconds / (total or 1))}")
    most = max(parts, key=lambda p: parts[p])
    return style.finish(
        chart,
        f"Of {formatting.duration(total)}, {formatting.percent(parts[most] / (total or 1))} is {PHASES[most][2]}, "
        f"{formatting.duration(parts[most])}.",
    )


def _stacks(frame: pd.DataFrame, title: str, width: float) -> Chart:
    order = sort_arms(frame["label"])
    records = sorted(frame.to_dict("records"), key=lambda r: (order.index(r["label"]), r.get("temperature", "")))
    stacks = [_parts(r) for r in records]
    labels = [r["label"] for r in records]
    names = [style.series_name(r["label"], r.get("temperature", ""), labels.count(r["label"]) > 1) for r in records]
    chart, axes = style.rows(
        width,
        len(stacks),
        title,
        "Stacked bars",
        "time of a request",
        row=0.5,
        foot=style.FOOT + 0.26,
    )
    _time_axis(axes, max(sum(parts.values()) for parts in stacks))
    for y, (name, parts) in enumerate(zip(names, stacks, strict=True)):
        _stack(axes, y, parts)
        style.row_name(axes, y, name, formatting.duration(sum(parts.values())))
    style.legend(
        axes, 0.6, 4, handlelength=1.2, handles=[Patch(color=colour, label=word) for word, colour, _ in PHASES.values()]
    )
    return style.finish(chart, _stacks_caption(names, stacks))


def _time_axis(axes: Axes, longest: float) -> None:
    axes.set_xlim(0, longest * 1.02 or 1)
    style.set_linear(axes.xaxis, formatting.clock)
    style.grid(axes)


def _stack(axes: Axes, y: float, parts: dict[str, float]) -> None:
    start = 0.0
    for phase, seconds in parts.items():
        axes.barh(y + 0.16, seconds, left=start, height=0.36, color=PHASES[phase][1])
        start += seconds


def _stacks_caption(names: list[str], stacks: list[dict[str, float]]) -> str:
    first, last = stacks[0], stacks[-1]

    def most(parts: dict[str, float]) -> str:
        phase = max(parts, key=lambda p: parts[p])
        return f"{formatting.percent(parts[phase] / (sum(parts.values()) or 1))} {PHASES[phase][2]}"

    return (
        f"{names[0]} spends {formatting.duration(sum(first.values()))}, {most(first)}; "
        f"{names[-1]} spends {formatting.duration(sum(last.values()))}, {most(last)}."
    )
