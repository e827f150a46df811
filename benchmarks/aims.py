"""The aims and whether they are met, from runs that are stored or published.

Run with ``python benchmarks/aims.py RUN…``; a run is named by its id, the unique beginning of one, ``latest``, or the
name of a published set. Without a run, it says which command measures what.
"""

import argparse
from typing import Any

import pandas as pd

from benchmarks import beside
from perfstudy.commands import outcome, output
from perfstudy.listing import targets
from perfstudy.results import Store
from perfstudy.results.published import list_published, load_published

COMMANDS = {
    "a hit or a miss, against the floors": "python benchmarks/limits.py --scale medium",
    "a hit or a miss, against the peers": "python benchmarks/peers.py --scale medium",
    "ten million rows, against fifty thousand": "perfstudy run --study scale --blocks 10",
    "the tenant's last page by its cursor, against its first": "perfstudy run --study depth --scale medium",
}


def main() -> None:
    """Print the aims that the runs can judge, and how the others are measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("runs", nargs="*", metavar="RUN", help="a stored or a published run")
    parser.add_argument("--store", metavar="URL", help="where results are kept")
    given = parser.parse_args()
    frames = [targets.judge(found(name, given.store)) for name in given.runs]
    if frames:
        output.show_table(pd.concat(frames, ignore_index=True), "table", beside.AIMS, "aims")
    for what, command in COMMANDS.items():
        print(f"{what}: `{command}`")
    for what, (aim, command) in targets.ELSEWHERE.items():
        print(f"{what}, {aim}: `{command}`")


def found(name: str, url: str | None) -> Any:
    """Return the run called *name*."""
    if name in list_published():
        return load_published(name)
    with Store.open(url, read_only=True) as store:
        return store.run(name)


if __name__ == "__main__":
    outcome.run_app(main)
