"""The time of ``perfstudy --help``, as a multiple of ``python -c pass``.

Both are interleaved in randomised blocks.

Run with ``python benchmarks/startup.py``. A whole process is timed, from its start to its end. The third
command imports typer and does nothing: the lower bound of the command line.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.common import make_parser
from perfstudy.analysis.comparison import compare
from perfstudy.commands import outcome
from perfstudy.formatting import duration, factor_with_interval
from perfstudy.paths import PROJECT

NOTHING, TYPER, HELP = "python -c pass", "python -c 'import typer'", "perfstudy --help"
COMMANDS: dict[str, tuple[str, ...]] = {
    NOTHING: ("-c", "pass"),
    TYPER: ("-c", "import typer"),
    HELP: ("-m", "perfstudy", "--help"),
}
TARGET = 8.0

Times = dict[str, list[Any]]


def main() -> None:
    """Measure, and print each command's median and its ratio to doing nothing."""
    parser = make_parser(__doc__, seed=1)
    parser.add_argument("--blocks", type=int, default=15)
    parser.add_argument("--runs", type=int, default=7, help="of each command in a block")
    options = parser.parse_args()
    if min(options.blocks, options.runs) < 2:
        parser.error("at least 2 blocks of 2 runs are needed for an interval")
    show(measure(options.blocks, options.runs, Random(options.seed)))


def measure(blocks: int, runs: int, random: Random) -> Times:
    """Return the times in seconds of each command, block by block.

    Every block has its own order.
    """
    for arguments in COMMANDS.values():  # the first start compiles, and reads from disk
        time_command(arguments)
    found: Times = {name: [] for name in COMMANDS}
    for _ in range(blocks):
        names = [name for name in COMMANDS for _ in range(runs)]
        random.shuffle(names)
        block: dict[str, list[float]] = {name: [] for name in COMMANDS}
        for name in names:
            block[name].append(time_command(COMMANDS[name]))
        for name, times in block.items():
            found[name].append(np.array(times))
    return found


def time_command(arguments: Sequence[str], folder: Path = PROJECT) -> float:
    """Return the seconds that Python takes with *arguments*, from start to end."""
    # As for a reader, whose Python caches compiled modules.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True)
    return perf_counter() - start


def show(found: Mapping[str, list[Any]]) -> None:
    """Print the medians and the ratios."""
    for name, cells in found.items():
        middle = float(np.exp(np.mean([np.log(np.median(cell)) for cell in cells])))
        speedup = compare(cells, found[NOTHING]).speedup
        assert speedup is not None
        estimate, low, high = 1 / speedup.estimate, 1 / speedup.high, 1 / speedup.low
        target = f" (target: at most {TARGET:g})" if name == HELP else ""
        print(f"{name:26} {duration(middle):>8}  {factor_with_interval(estimate, low, high)} times `{NOTHING}`{target}")


if __name__ == "__main__":
    outcome.run_app(main)
