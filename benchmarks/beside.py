"""What the benchmarks that set rivals beside variants have in common: their options, the run, the tables."""

import argparse
from collections.abc import Callable
from typing import Any

import pandas as pd

from perfstudy import formatting
from perfstudy.commands import output
from perfstudy.listing import targets
from perfstudy.listing.dataset.scales import find_scale
from perfstudy.listing.lab import Lab
from perfstudy.listing.optimizations.granian import GRANIAN
from perfstudy.listing.variant import BASELINE, BEST, SOURCE_FINAL, UNCACHED
from perfstudy.measure.runner import Runner
from perfstudy.model.labels import shorten
from perfstudy.model.study import Study
from perfstudy.results import Store

VARIANTS = (BASELINE, SOURCE_FINAL, UNCACHED, BEST, BEST - GRANIAN)
"""What rivals are set beside; the last shows what the final variant owes to its server."""


def options(study: Study, text: str | None) -> argparse.Namespace:
    """Return what the command line chooses of *study*."""
    parser = argparse.ArgumentParser(description=(text or "").splitlines()[0])
    parser.add_argument("--scale", default=study.scales[0], help=f"how many rows (default: {study.scales[0]})")
    parser.add_argument("--blocks", type=int, default=study.blocks, help="repetitions; fewer than 10 are indicative")
    parser.add_argument("--requests", type=int, default=study.requests, help="timed requests of a cell, at most")
    parser.add_argument("--seed", type=int, default=1, help="draws the order of cells and requests")
    parser.add_argument("--resume", metavar="ID", help="fill the gaps of this run")
    parser.add_argument("--store", metavar="URL", help="where results are kept (default: as for perfstudy run)")
    return parser.parse_args()


def chosen(study: Study, given: argparse.Namespace) -> Study:
    """Return *study* as the reader wants it."""
    return study.narrow(
        scales=(find_scale(given.scale).name,),
        blocks=given.blocks,
        requests=given.requests,
        least=min(study.least, given.requests),
    )


def measured(study: Study, given: argparse.Namespace, show: Callable[[Any], None]) -> None:
    """Run *study*, or go on with a run of it, and *show* what it found; it is stored like any other."""
    with Store.open(given.store) as store:
        with output.progress() as progress, Lab.start(progress) as lab:
            runner = Runner(lab, store, progress)
            run = store.run(given.resume).id if given.resume else runner.start(chosen(study, given), given.seed)
            runner.fill(run, None if given.resume else chosen(study, given))
        found = store.run(run)
        show(found)
        print(f"\nrun {found.id}: `perfstudy results {found.id}`, `perfstudy publish {found.id}`")


def excluded(run: Any) -> None:
    """Print what does not count, and why."""
    for name, reason in sorted(run.excluded.items()):
        print(f"{name}: {reason}")


def show_ratios(run: Any, reference: str, temperature: str, title: str) -> None:
    """Print every label's time over that of *reference*, scenario by scenario."""
    frame = targets.compute_ratios(run, reference, temperature)
    for (scale, scenario), rows in frame.groupby(["scale", "scenario"], sort=False):
        output.show_table(rows, "table", RATIOS, f"{title}: {scenario}, {scale}")


def show_aims(run: Any) -> None:
    """Print the aims that *run* can judge."""
    output.show_table(targets.judge(run), "table", AIMS, "aims: times of ours over times of theirs")


def interval(row: Any) -> str:
    """Return a ratio with its interval, ``1.12 [1.08, 1.16]``; empty where there is none."""
    return "" if pd.isna(row["ratio"]) else f"{row['ratio']:.3g} [{row['low']:.3g}, {row['high']:.3g}]"


RATIOS: dict[str, output.Cell] = {
    "what": lambda row: shorten(row["label"]),
    "cache": lambda row: row["temperature"],
    "median": lambda row: formatting.time_cell(row["median"]),
    "ratio [95%]": interval,
    "blocks": lambda row: "" if pd.isna(row["blocks"]) else f"{row['blocks']:.0f}",
}

AIMS: dict[str, output.Cell] = {
    "aim": lambda row: row["aim"],
    "scenario": lambda row: f"{row['scenario']}, {row['scale']}",
    "against": lambda row: shorten(row["theirs"]),
    "ours": lambda row: formatting.time_cell(row["mine_median"]),
    "theirs": lambda row: formatting.time_cell(row["their_median"]),
    "at most": lambda row: f"{row['most']:.3g}",
    "measured [95%]": interval,
    "is": lambda row: row["outcome"],
}
