"""Build the sections of a report after the verdicts."""

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from perfstudy import charts, findings, formatting
from perfstudy.charts import plan_tree
from perfstudy.charts.frames import series_names
from perfstudy.formatting import amount
from perfstudy.model.labels import REFERENCE, describe, find_size, is_control, name_reference, sort_arms
from perfstudy.model.scenario import Series
from perfstudy.report.material import Material
from perfstudy.report.parts import Code, Heading, Part, Section, Text, figure, space, table
from perfstudy.report.places import Made, at_places, draw_each, key
from perfstudy.results.remarks import count_timed

CROWDED = 15
"""More labels than this are too many for one set of curves."""


def all_sections(material: Material) -> Iterator[Section]:
    """Yield the sections that *material* has something for, in order."""
    for section in (ladder, samples, phases, shares, scale_growth, plans, work, costs):
        parts, key, title, short = section(material)
        if parts:
            yield Section(key, title, short, parts)


def ladder(material: Material) -> Made:
    """Return the ladder at every place; none with fewer than two rungs."""
    frame = material.ladder
    rungs = frame["label"].nunique() if len(frame) else 0
    parts = draw_each(material, "ladder", charts.ladder, frame) if rungs > 1 else []
    return parts, "ladder", "The ladder, step by step", "Ladder"


def samples(material: Material) -> Made:
    """Every sample, the share answered in time, and the numbers, at every place."""
    frame = material.samples

    def make(scale: str, scenario: str) -> Iterator[Part]:
        here = frame[(frame["scale"] == scale) & (frame["scenario"] == scenario)]
        chosen = here[here["label"].isin(principal(material.labels))]
        yield Heading(f"{scenario}, {scale}")
        yield figure(key("samples", scale, scenario), charts.samples, here, scenario)
        yield figure(key("ecdf", scale, scenario), charts.ecdf, chosen, scenario)
        yield _numbers(material, scale, scenario)

    parts = at_places(material, make) if len(frame) else []
    return parts, "samples", "Every sample", "Samples"


def principal(labels: list[str]) -> list[str]:
    """Return the labels to show where there are many: each alone, and all."""
    if len(labels) <= CROWDED:
        return labels
    most = max(label.count("+") for label in labels)
    return [label for label in labels if "+" not in label or label.count("+") == most]


def _numbers(material: Material, scale: str, scenario: str) -> Part:
    frame = material.comparisons
    here = frame[(frame["scale"] == scale) & (frame["scenario"] == scenario)]
    against = name_reference(material.reference)
    caption = f"Response times of {scenario} at {scale}, and speed-ups on {against} with 95% intervals"
    columns = ("variant", "median", "p95", "requests", "speed-up", "interval", "is")
    records = here.to_dict("records")
    names = series_names(records)
    counts = count_timed(material)
    rows = [_number(row, names[row["label"], row["temperature"]], _count(row, counts)) for row in records]
    if "stalled" not in here or not (here["stalled"] > 0).any():
        return table(key("numbers", scale, scenario), caption, columns, rows, "tnnnnnt")
    caption += "; over 35 ms lies the share of answers that may have waited for a delayed acknowledgement"
    rows = [(*row, formatting.share_cell(value)) for row, value in zip(rows, here["stalled"], strict=True)]
    return table(key("numbers", scale, scenario), caption, (*columns, "over 35 ms"), rows, "tnnnnntn")


def _count(row: dict[str, Any], counts: dict[tuple[str, ...], str]) -> str:
    key = tuple(row[name] for name in ("scale", "scenario", "label", "temperature"))
    return counts.get(key, f"{row['n']:,}")


def _number(row: dict[str, Any], name: str, count: str) -> tuple[str, ...]:
    itself = row["label"] == row["reference"] and row["temperature"] == "cold"
    return (
        name,
        formatting.duration(row["median"]),
        formatting.duration(row["p95"]),
        count,
        "" if itself else formatting.ratio(row["speedup"]),
        "" if itself else formatting.interval(row["low"], row["high"]),
        f"{row['comparison']}{' (indicative)' if row['indicative'] and row['comparison'] else ''}",
    )


def phases(material: Material) -> Made:
    """Return where a request's time goes, and processes' first requests."""
    parts: list[Part] = []
    cells = material.cells
    if len(cells):
        shown = cells[cells["label"].isin([n for n in principal(material.labels) if not is_control(n)])]

        def make(scale: str, scenario: str) -> Iterator[Part]:
            here = findings.phases(shown[(shown["scale"] == scale) & (shown["scenario"] == scenario)])
            if len(here):
                title = f"Where the time of a request goes: {scenario}, {scale}"
                yield figure(key("phases", scale, scenario), charts.waterfall, here, title=title)

        parts += at_places(material, make)
        first = first_requests(material)
        if len(first):
            parts.append(figure("first-requests", charts.first_requests, first))
    return parts, "phases", "Where the time goes", "Phases"


def first_requests(material: Material) -> pd.DataFrame:
    """Return a row for each fresh process: label, first and usual seconds."""
    cells = material.cells
    first = cells[cells["first_ns"].notna() & (cells["scenario"] != "noop") & cells["median_ns"].notna()]
    first = first[first["label"].isin(principal(material.labels))]
    return pd.DataFrame(
        {
            "label": first["label"],
            "first": first["first_ns"].astype(float) / 1e9,
            "usual": first["median_ns"].astype(float) / 1e9,
        }
    )


def shares(material: Material) -> Made:
    """Return attribution and interactions of a factorial study."""
    parts: list[Part] = []
    frame = material.attribution
    if len(frame):
        parts.append(
            Text(
                "A Shapley value is an optimization's mean gain over all orders of adding them, so it does not depend "
                "on the ladder's; the values multiply to the whole. Main effects average over all other settings."
            )
        )

    def make(scale: str, scenario: str) -> Iterator[Part]:
        for temperature in ("cold", "warm"):
            yield from _share(material, {"scale": scale, "scenario": scenario, "temperature": temperature})

    parts += at_places(material, make) if len(frame) else []
    return parts, "attribution", "What each optimization contributes", "Attribution"


def _share(material: Material, where: dict[str, str]) -> list[Part]:
    def there(frame: pd.DataFrame) -> bool:
        return len(frame) > 0 and bool((frame[list(where)] == pd.Series(where)).all(axis=1).any())

    parts: list[Part] = []
    for kind, draw, frame in (
        ("attribution", charts.attribution, material.attribution),
        ("interactions", charts.interactions, material.interactions),
    ):
        if there(frame):
            parts.append(figure(key(kind, *where.values()), draw, frame, **where))
    return parts


def scale_growth(material: Material) -> Made:
    """Return response times along scales, offsets and rows of an answer."""
    frame = material.comparisons
    frame = frame[frame["label"].isin(principal(material.labels))] if len(frame) else frame
    parts: list[Part] = []
    if len(material.scales) > 1:
        parts += [
            figure(key("scale", scenario), charts.scale, frame, scenario=scenario)
            for scenario in material.scenarios
            if find_size(scenario) is None
        ]
    drawn: tuple[tuple[Series, Callable[..., charts.Chart]], ...] = (("offset", charts.depth), ("rows", charts.rows))
    for series, chart in drawn:
        if sum(find_size(scenario, (series,)) is not None for scenario in material.scenarios) > 1:
            parts += [figure(key(chart.__name__, scale), chart, frame, scale=scale) for scale in material.scales]
    return parts, "growth", "As the table, the offset and the answer grow", "Growth"


def plans(material: Material) -> Made:
    """Return the plan before and after, where a variant changes it."""

    def make(scale: str, scenario: str) -> Iterator[Part]:
        change = changed_plan(material.plans, scale, scenario, material.reference)
        if change is not None:
            before, after = change
            title = f"{scenario}, {scale}: {describe(material.reference)}, and {describe(after['variant'])}"
            anchor = key("plan", scale, scenario)
            yield figure(anchor, charts.plan_change, before["plan"], after["plan"], title=title)
            yield Code(before["sql"], summary="The statement")

    return at_places(material, make), "plans", "The plan before and after", "Plans"


Row = dict[str, Any]


def changed_plan(rows: list[Row], scale: str, scenario: str, reference: str = REFERENCE) -> tuple[Row, Row] | None:
    """Return the plans of a statement before and after the smallest change.

    Of several such statements, the one that takes longest in the *reference*.
    """
    here = [row for row in rows if (row["scale"], row["scenario"], row["temperature"]) == (scale, scenario, "cold")]
    before = {row["sql"]: row for row in here if row["variant"] == reference}
    pairs = [
        (before[row["sql"]], row)
        for row in here
        if row["sql"] in before and row["variant"] != reference and row["shape"] != before[row["sql"]]["shape"]
    ]
    if not pairs:
        return None
    smallest = sort_arms(after["variant"] for _, after in pairs)[0]
    chosen = [pair for pair in pairs if pair[1]["variant"] == smallest]
    return max(chosen, key=lambda pair: plan_tree.read_tree(pair[0]["plan"]).root.time)


def work(material: Material) -> Made:
    """What one request makes the servers do, at every place."""

    def make(scale: str, scenario: str) -> Iterator[Part]:
        rows = [r for r in material.evidence if r["scale"] == scale and r["scenario"] == scenario]
        rows = [r for r in rows if r["variant"] in principal(material.labels)]
        if rows:
            caption = f"What one request of {scenario} at {scale} makes the servers do"
            columns = ("variant", "statements", "in the database", "rows thrown away", "pages", "answer", "cache")
            order = sort_arms([*material.labels, *(row["variant"] for row in rows)])
            rows.sort(key=lambda r: (order.index(r["variant"]), r["temperature"]))
            names = series_names(rows, "variant")
            shown = [_work_rows(row, names[row["variant"], row["temperature"]]) for row in rows]
            yield table(key("work", scale, scenario), caption, columns, shown, "tnnnnnt")

    return at_places(material, make), "work", "What the servers do", "Evidence"


def _work_rows(row: Row, name: str) -> tuple[str, ...]:
    pages = row.get("buffers_hit", 0) + row.get("buffers_read", 0)
    counts = (
        f"{row.get('statement_count', 0):,}",
        formatting.duration(row.get("execution_ms", 0) / 1e3) if row.get("statement_count") else "0",
        f"{row.get('rows_removed', 0):,.0f}",
        f"{pages:,}",
    )
    return (
        name,
        *(counts if row.get("statements_known", True) else ("-",) * len(counts)),
        amount(row.get("bytes", 0), "bytes"),
        (row.get("cache") or "").lower(),
    )


def costs(material: Material) -> Made:
    """What the gains cost, drawn and as a table."""
    frame = material.costs
    if frame.empty:
        return [], "", "", ""
    rows = [
        (
            space(row["quantity"]),
            space(row["optimization"]),
            row.get("scale") or "",
            amount(row["value"], row["unit"]),
            formatting.interval(row["low"], row["high"])
            if pd.notna(row.get("low")) and pd.notna(row.get("high"))
            else "",
        )
        for row in frame.to_dict("records")
    ]
    columns = ("quantity", "optimization", "scale", "value", "95% interval")
    parts: list[Part] = [
        figure("costs-chart", charts.costs, frame),
        table("costs-table", "What each optimization costs", columns, rows, "tttnn"),
    ]
    return parts, "costs", "What the gains cost", "Costs"
