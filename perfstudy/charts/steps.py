"""Draw the ladder: each step against the step before it."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from perfstudy import formatting
from perfstudy.charts import style
from perfstudy.charts.frames import require, select
from perfstudy.charts.style import Chart
from perfstudy.model.catalog import load_catalogs
from perfstudy.model.labels import REFERENCE, describe, name_reference, split_factors


def stated_times() -> pd.DataFrame:
    """Return the response times that an installed study's source states."""
    found = next((catalog.stated for catalog in load_catalogs().values() if catalog.stated), ())
    return pd.DataFrame([asdict(one) for one in found], columns=["label", "temperature", "low", "high"])


def ladder(
    frame: pd.DataFrame,
    stated: bool = True,
    *,
    scenario: str | None = None,
    scale: str | None = None,
    width: float = style.WIDE,
) -> Chart:
    """Draw how far each step carries the response time from the baseline's.

    *frame* as ``findings.ladder`` gives it. A step's bar starts where its reference ended, so on the logarithmic axis
    its length is the step's own speed-up. The times that the study's source *stated* are drawn in
    shares of its own reference.

    Raises:
        UsageError: no ladder was measured for this scenario or scale.
    """
    require(
        frame, "ladder steps", "label", "temperature", "step", "change", "median", "speedup", "low", "high", "reference"
    )
    frame, where = select(frame, scenario=scenario, scale=scale)
    frame = frame.sort_values(["step", "temperature"], kind="stable")
    climbed = _sort_steps(frame)
    stated_ranges = _describe(stated_times()) if stated and frame["reference"].iloc[0] == REFERENCE else {}
    chart, axes = style.rows(
        width,
        len(frame),
        f"The ladder, step by step: {where}",
        "Ladder on a log scale",
        f"times as fast as {name_reference(frame['reference'].iloc[0])}, log scale"
        + ("\nbracket: what the report states" if stated_ranges else ""),
        foot=style.FOOT + 0.16,
    )
    starts = [start for start, _ in climbed]
    stated_ends = [end for pair in stated_ranges.values() for end in pair]
    bounds = [float(end) for column in ("low", "high") for end in frame[column].to_numpy() * starts]
    style.hold(axes, [1.0, *starts, *(end for _, end in climbed), *stated_ends], bounds)
    style.ratios(axes)
    style.grid(axes)
    climbing = frame.loc[frame["label"] != frame["reference"], "label"]
    colours = style.colour_factors(factor for label in climbing for factor in split_factors(label))
    for y, (step, (start, end)) in enumerate(zip(frame.to_dict("records"), climbed, strict=True)):
        _step(axes, y, step, start, end, colours)
        if (step["label"], step["temperature"]) in stated_ranges:
            _draw_claimed(axes, y + 0.37, *stated_ranges[step["label"], step["temperature"]])
    return style.finish(chart, _caption(frame, climbed, stated_ranges))


def _sort_steps(frame: pd.DataFrame) -> list[tuple[float, float]]:
    """Return (start, end) of each step as factors over the baseline."""
    reached: dict[str, float] = {}
    found = []
    for step in frame.to_dict("records"):
        start = reached.get(step["reference"], 1.0)
        end = start * step["speedup"] if np.isfinite(step["speedup"]) else start
        if step["temperature"] == "cold":
            reached[step["label"]] = end
        found.append((start, end))
    return found


def _describe(seed: pd.DataFrame | None) -> dict[tuple[str, str], tuple[float, float]]:
    if seed is None or seed.empty:
        return {}
    rows = {(r["label"], r["temperature"]): (r["low"], r["high"]) for r in seed.to_dict("records")}
    base = rows.pop(("baseline", "cold"))[0]
    return {key: (base / high, base / low) for key, (low, high) in rows.items()}


def _step(axes: Any, y: float, step: dict[str, Any], start: float, end: float, colours: dict[str, str]) -> None:
    baseline = step["label"] == step["reference"]
    factors = () if baseline else split_factors(step["label"])
    colour = colours[factors[-1]] if factors else style.GREY
    line = y + 0.08
    style.mark(axes, 1, y)
    axes.plot([start, end], [line, line], color=colour, linewidth=5, solid_capstyle="butt", alpha=0.85)
    if np.isfinite(step["low"]) and not baseline:
        bounds = start * step["low"], start * step["high"]
        style.interval(axes, *bounds, line, color=style.INK, linewidth=1.6, zorder=4)
    axes.plot(
        [end],
        [line],
        marker="o",
        markersize=8,
        color=colour,
        zorder=5,
        markerfacecolor=colour if step["temperature"] == "cold" else "none",
        markeredgewidth=2,
    )
    name = describe(step["label"]) if baseline else style.change(step["change"])
    if step["temperature"] == "warm":
        name += ", warm"
    gained = "" if baseline else f"{formatting.ratio(step['speedup'])} · "
    style.row_name(axes, y, name, f"{gained}{formatting.duration(step['median'])}", rise=0.26)


def _draw_claimed(axes: Any, y: float, low: float, high: float) -> None:
    """The report's range, as a bracket under the step."""
    axes.plot([low, low, high, high], [y - 0.07, y, y, y - 0.07], color=style.INK, linewidth=1.4)


def _caption(frame: pd.DataFrame, climbed: list[tuple[float, float]], stated_ranges: dict[Any, Any]) -> str:
    steps = [(c, r) for c, r in zip(climbed, frame.to_dict("records"), strict=True) if r["label"] != r["reference"]]
    most = max(steps, key=lambda s: s[0][1])
    largest = max(steps, key=lambda s: s[0][1] / s[0][0])[1]
    warm = ", warm" if largest["temperature"] == "warm" else ""
    reference = name_reference(str(frame["reference"].iloc[0]))
    text = (
        f"Each bar starts where the step before it ended; the longest is {style.change(largest['change'])}{warm}, "
        f"{formatting.ratio(largest['speedup'])} by itself. At the end of the ladder the answer comes "
        f"{formatting.ratio(most[0][1])} as fast as {reference}'s, in {formatting.duration(most[1]['median'])}."
    )
    return f"{text} Brackets are the ranges that the report states." if stated_ranges else text
