"""Let a reader of the notebooks move published results to their own rates."""

from typing import Any

import numpy as np
import pandas as pd

from perfstudy import charts, findings, formatting
from perfstudy.analysis.hitratio import overall_hit_ratio, zipf_rates
from perfstudy.analysis.queue import response_times
from perfstudy.errors import UsageError
from perfstudy.findings import by_order
from perfstudy.listing.statements import classify
from perfstudy.model.labels import shorten
from perfstudy.model.table import Table
from perfstudy.notebook.controls import Control, Options
from perfstudy.results.published import load_published

HITS = (0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)
LIFETIMES = (1, 5, 15, 60, 300, 900, 3600)
RATES = (0.1, 0.5, 2, 10, 50, 200)
TENANTS = 100
REQUESTS = 20_000
"""Requests of a simulated queue, of which p99 is read."""


def _shares() -> Options:
    return {formatting.percent(share): share for share in HITS}


def first_steps(name: str) -> Control:
    """Return what to do first by the published factorial *name*, by the share of hits.

    Raises:
        UsageError: there is no such set; the nearest are named.
    """
    published = findings.find_published(name)

    def draw(share_of_hits: float) -> Table:
        steps = by_order.best_steps(published, share_of_hits, scenario="page")
        rows = [
            {
                "step": number or "",
                "change": row["change"],
                "mean response": formatting.duration(row["seconds"]),
                "times as fast as the step before": formatting.factor(row["speedup"]) if number else "",
            }
            for number, row in enumerate(steps.to_dict("records"))
        ]
        hits = formatting.percent(share_of_hits)
        return Table(rows, f"What to do first for a page where the cache answers {hits} of requests, from {name}")

    return Control(draw, {"share_of_hits": _shares()}, {"share_of_hits": "50%"})


def lifetimes() -> Control:
    """Return the share of hits and the age of answers, by lifetime, rate and skew.

    Both follow from the rates alone: hits from ``analysis.hitratio``, and since hits come at any time of an answer's
    life alike, their answers are half of the lifetime old on average.
    """

    def draw(lifetime: float, requests_a_second: float, skew: float) -> Any:
        rates = zipf_rates(requests_a_second, TENANTS, skew)
        grid = np.unique([*np.geomspace(0.5, 7200, 60), lifetime])
        hits = overall_hit_ratio(rates, lifetime)
        return charts.reading(
            pd.DataFrame({"x": grid, "y": [overall_hit_ratio(rates, float(one)) for one in grid]}),
            lifetime,
            title="Share of hits by the lifetime of an answer",
            label=f"lifetime, log scale; {requests_a_second:g} requests a second for first pages of {TENANTS} tenants",
            tick=formatting.clock,
            share=True,
            caption=(
                f"With a lifetime of {lifetime:g} s, {formatting.percent(hits)} of requests hit. A hit's answer is "
                f"{lifetime / 2:g} s old on average and {lifetime:g} s at most, unless a write invalidates it."
            ),
        )

    options: dict[str, Options] = {
        "lifetime": {f"{seconds} s": seconds for seconds in LIFETIMES},
        "requests_a_second": {f"{rate:g} a second": rate for rate in RATES},
        "skew": {"all tenants alike": 0.0, "a little (0.4)": 0.4, "as on the web (0.8)": 0.8, "strong (1.2)": 1.2},
    }
    start = {"lifetime": "60 s", "requests_a_second": "2 a second", "skew": "as on the web (0.8)"}
    return Control(draw, options, start)


def variants(name: str) -> Control:
    """Return two variants of the published set *name* side by side, with their plans.

    Raises:
        UsageError: there is no such set; the nearest are named.
    """
    published = load_published(name)
    cells = published.cells
    known = {shorten(str(label)): str(label) for label in cells["label"].unique() if "(" not in str(label)}
    scenarios = [str(one) for one in cells["scenario"].unique() if one != "noop"]

    def draw(before: str, after: str, scenario: str) -> Any:
        plans = [_find_plan(published, label, scenario) for label in (before, after)]
        title = f"{scenario}: {shorten(before)}, and {shorten(after)}"
        chart = charts.plan_change(*plans, title=title)
        chart.caption = "; ".join(_describe(published, label, scenario) for label in (before, after)) + "."
        return chart

    names = list(known)
    options = {"before": known, "after": known, "scenario": {one: one for one in scenarios}}
    return Control(draw, options, {"before": names[0], "after": names[1], "scenario": "page"})


def _find_plan(published: Any, label: str, scenario: str) -> Any:
    """Return the plan of the list of ids, or else the one that takes longest."""
    place = {"variant": label, "scenario": scenario, "temperature": "cold"}
    found = [one for one in published.plans if place.items() <= one.items()]
    if not found:
        raise UsageError(f"{published.name} has no plan of {label!r} for {scenario!r}: choose another variant")
    lists = [one for one in found if classify(one["sql"]) == "ids"]
    return max((one["plan"] for one in lists or found), key=lambda plan: plan["Plan"].get("Actual Total Time", 0.0))


def _describe(published: Any, label: str, scenario: str) -> str:
    place = {"variant": label, "scenario": scenario, "temperature": "cold"}
    count = next(one["statement_count"] for one in published.evidence if place.items() <= one.items())
    frame = findings.find_published(published.name).comparisons
    rows = frame[(frame["label"] == label) & (frame["scenario"] == scenario) & (frame["temperature"] == "cold")]
    return (
        f"{shorten(label)}: {count:,} statements, {formatting.duration(float(rows['median'].iloc[0]))} a cold request"
    )


def queues(name: str) -> Control:
    """Return p99 by the rate of requests, for a variant of the published set *name*.

    It is computed, not measured: requests come at random and wait for one worker, which takes the published median of
    a hit or of a miss for each. The tail of the machine comes on top.

    Raises:
        UsageError: there is no such set; the nearest are named.
    """
    frame = findings.find_published(name).comparisons
    medians = {(row["label"], row["temperature"]): row["median"] for row in _pages(frame)}
    cached = {shorten(str(label)): str(label) for label, temperature in medians if temperature == "warm"}

    def draw(variant: str, share_of_hits: float, load: float) -> Any:
        hits = np.random.default_rng(1).random(REQUESTS) < share_of_hits
        service = np.where(hits, medians[variant, "warm"], medians[variant, "cold"])
        limit = 1 / float(service.mean())
        rates = limit * np.array(sorted({*np.linspace(0.05, 0.95, 19), load}))
        tails = [float(np.quantile(response_times(rate, service), 0.99)) for rate in rates]
        at = limit * load
        read = tails[int(np.abs(rates - at).argmin())]
        return charts.reading(
            pd.DataFrame({"x": rates, "y": tails}),
            at,
            title=f"p99 of a page by the rate of requests: {shorten(variant)}",
            label="requests a second for one worker, log scale",
            tick=formatting.count,
            caption=(
                f"Computed, not measured: at {at:,.0f} requests a second, which keep one worker busy for "
                f"{formatting.percent(load)} of the time, p99 is {formatting.duration(read)}, where a miss takes "
                f"{formatting.duration(medians[variant, 'cold'])} by itself."
            ),
        )

    loads = {formatting.percent(share): share for share in (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95)}
    options = {"variant": cached, "share_of_hits": _shares(), "load": loads}
    return Control(draw, options, {"variant": next(iter(cached)), "share_of_hits": "90%", "load": "70%"})


def _pages(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    return list(frame[frame["scenario"] == "page"].to_dict("records"))
