"""The targets and whether they are met, from runs that are stored or published.

``python benchmarks/targets.py RUN…`` prints a table of what the runs can judge; a run is named by its id, the unique
beginning of one, ``latest``, or the name of a published set. Without a run, it says which command measures what.

Studies that compare variants with competitors, ``limits.py`` and ``peers.py``, take their options, run and tables from
here.
"""

import argparse
from collections.abc import Callable
from typing import Any

import pandas as pd

from benchmarks.common import make_parser
from perfstudy import formatting
from perfstudy.commands import outcome, output
from perfstudy.listing import targets
from perfstudy.listing.dataset.scales import find_scale
from perfstudy.listing.lab import Lab
from perfstudy.listing.optimizations.granian import GRANIAN
from perfstudy.listing.variant import BASELINE, BEST, FASTEST, SOURCE_FINAL, UNCACHED
from perfstudy.measure.runner import Runner
from perfstudy.model.labels import shorten
from perfstudy.model.quantity import RESPONSE
from perfstudy.model.study import Study
from perfstudy.results import Store
from perfstudy.results.published import list_published, load_published

COMMANDS = {
    "a hit or a miss, against the lower bounds": "python benchmarks/limits.py --scale medium",
    "a hit or a miss, against the peers": "python benchmarks/peers.py --scale medium",
    "ten million rows, against fifty thousand": "perfstudy run --study scale --blocks 10",
    "the tenant's last page by its cursor, against its first": "perfstudy run --study depth --scale medium",
}


STATEMENT = UNCACHED + "presorted"
VARIANTS = (BASELINE, SOURCE_FINAL, UNCACHED, STATEMENT, STATEMENT + "lines", BEST, BEST - GRANIAN, FASTEST)
"""The variants that competitors are compared with.

That without Granian shows the effect of the server.
"""


def main() -> None:
    """Print the targets that the runs can judge, and how the others are measured."""
    parser = make_parser(__doc__)
    parser.add_argument("runs", nargs="*", metavar="RUN", help="a stored or a published run")
    parser.add_argument("--store", metavar="URL", help="where results are stored")
    options = parser.parse_args()
    frames = [targets.judge(find_run(name, options.store)) for name in options.runs]
    if frames:
        output.show_table(pd.concat(frames, ignore_index=True), "table", TARGETS, "targets")
    for what, command in COMMANDS.items():
        print(f"{what}: `{command}`")
    for what, (target, command) in targets.ELSEWHERE.items():
        print(f"{what}, {target}: `{command}`")


def find_run(name: str, url: str | None) -> Any:
    """Return the run called *name*."""
    if name in list_published():
        return load_published(name)
    with Store.open(url, read_only=True) as store:
        return store.run(name)


def read_options(study: Study, text: str | None) -> argparse.Namespace:
    """Return the options of the command line for *study*."""
    parser = make_parser(text, scale=study.scales[0], seed=1)
    parser.add_argument("--blocks", type=int, default=study.blocks, help="repetitions; fewer than 10 are indicative")
    parser.add_argument("--requests", type=int, default=study.requests, help="timed requests of a cell, at most")
    parser.add_argument("--resume", metavar="ID", help="fill the gaps of this run")
    parser.add_argument("--store", metavar="URL", help="where results are stored")
    return parser.parse_args()


def narrow(study: Study, options: argparse.Namespace) -> Study:
    """Return *study* as narrowed by the command line."""
    return study.narrow(
        scales=(find_scale(options.scale).name,),
        blocks=options.blocks,
        requests=options.requests,
        least=min(study.least, options.requests),
    )


def run_study(study: Study, options: argparse.Namespace, show: Callable[[Any], None]) -> None:
    """Run *study* or resume a run of it, and *show* the result.

    The run is stored like any other.
    """
    with Store.open(options.store) as store:
        with output.progress() as progress, Lab.start(progress) as lab:
            runner = Runner(lab, store, progress, progress.step)
            run = store.run(options.resume).id if options.resume else runner.start(narrow(study, options), options.seed)
            runner.fill(run, None if options.resume else narrow(study, options))
        found = store.run(run)
        show(found)
        print(f"\nrun {found.id}: `perfstudy results {found.id}`, `perfstudy publish {found.id}`")


def show_excluded(run: Any) -> None:
    """Print the excluded arms, and why they are excluded."""
    for name, reason in sorted(run.excluded.items()):
        print(f"{name}: {reason}")


def show_ratios(run: Any, reference: str, temperature: str, title: str, quantity: str = RESPONSE) -> None:
    """Print every label's *quantity* of time over that of *reference*, by scenario."""
    frame = targets.compute_ratios(run, reference, temperature, quantity).dropna(subset=["median"])
    for (scale, scenario), rows in frame.groupby(["scale", "scenario"], sort=False):
        output.show_table(rows, "table", RATIOS, f"{title}: {scenario}, {scale}")


def show_targets(run: Any) -> None:
    """Print the targets that *run* can judge."""
    output.show_table(targets.judge(run), "table", TARGETS, "targets: times of ours over times of theirs")


def format_ratio(row: Any) -> str:
    """Return a ratio with its interval, empty where there is none.

    For example ``1.12 [1.08, 1.16]``.
    """
    return "" if pd.isna(row["ratio"]) else formatting.factor_with_interval(row["ratio"], row["low"], row["high"])


RATIOS: dict[str, output.Cell] = {
    "what": lambda row: shorten(row["label"]),
    "cache": lambda row: row["temperature"],
    "median": lambda row: formatting.time_cell(row["median"]),
    "ratio [95%]": format_ratio,
    "blocks": lambda row: "" if pd.isna(row["blocks"]) else f"{row['blocks']:.0f}",
}

TARGETS: dict[str, output.Cell] = {
    "target": lambda row: row["target"],
    "scenario": lambda row: f"{row['scenario']}, {row['scale']}",
    "against": lambda row: shorten(row["theirs"]),
    "ours": lambda row: formatting.time_cell(row["mine_median"]),
    "theirs": lambda row: formatting.time_cell(row["their_median"]),
    "at most": lambda row: formatting.short(row["most"]),
    "measured [95%]": format_ratio,
    "is": lambda row: row["outcome"],
}


if __name__ == "__main__":
    outcome.run_app(main)
