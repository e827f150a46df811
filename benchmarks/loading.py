r"""Loading a scale, compared with psql: the speed of COPY, and of the whole load.

Run with ``python benchmarks/loading.py --scale medium --repeat 3``. The yardstick is psql's ``\copy`` of the same rows
from a file into the same tables without an index, and then the same indexes and constraints, one statement after
another with the server's own settings. psql reads finished rows from a file; the loader makes them while it sends them,
and its total counts the migrations, the checksum and VACUUM ANALYZE too.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import psycopg
from psycopg import sql

from benchmarks.common import make_parser
from perfstudy.commands import outcome
from perfstudy.formatting import duration, factor
from perfstudy.lab.binaries import find_postgres
from perfstudy.listing.dataset import indexes, load
from perfstudy.listing.dataset.generate import Rows
from perfstudy.listing.dataset.loading import migrate
from perfstudy.listing.dataset.render import BUSINESS_COLUMNS, PROGRAM_COLUMNS
from perfstudy.listing.dataset.scales import find_scale
from perfstudy.listing.dataset.sending import BUSINESS, PROGRAM, TABLES
from perfstudy.listing.lab import Lab

Times = dict[str, float]
STAGES = {
    r"psql \copy into bare tables": "psql copy",
    "the loader's COPY": "rows",
    "psql: the same indexes": "psql indexes",
    "the loader's indexes": "indexes",
    "the loader from empty to marker": "total",
}


def main() -> None:
    """Measure psql and the loader in turn, and print times and ratios."""
    options = make_parser(__doc__, scale="medium", rounds=3).parse_args()
    rows = find_scale(options.scale).rows
    runs: list[Times] = []
    with Lab.start() as lab, TemporaryDirectory() as folder:
        files = write(Rows(find_scale(options.scale)), Path(folder))
        for number in range(1, options.rounds + 1):
            with create_database(lab) as url:
                times = load_by_psql(url, files, Path(folder))
            with create_database(lab) as url:
                times |= load_by_loader(url, options.scale)
            runs.append(times)
            print(
                f"run {number}: " + ", ".join(f"{name} {duration(seconds)}" for name, seconds in times.items()),
                flush=True,
            )
    show(options.scale, rows, runs)


def show(scale: str, rows: int, runs: list[Times]) -> None:
    """Print the medians of *runs* and the median of each run's ratios."""
    middle = {name: median(run[name] for run in runs) for name in runs[0]}
    copy = median(run["psql copy"] / run["rows"] for run in runs)
    favoured = median(run["psql copy, frozen"] / run["rows"] for run in runs)
    whole = median(run["total"] / (run["psql copy"] + run["psql indexes"]) for run in runs)
    print(f"\n{scale}: {rows:,} programs, median of {len(runs)} runs")
    for what, name in STAGES.items():
        rate = f" {rows / middle[name]:12,.0f} rows/s" if name in ("psql copy", "rows") else ""
        print(f"  {what:31} {duration(middle[name]):>8}{rate}")
    print(f"COPY at {factor(copy)} of the speed of psql's bare \\copy (target: at least 0.60)")
    print(f"COPY at {factor(favoured)} of the speed of psql's \\copy after TRUNCATE in one transaction, frozen")
    print(f"whole load in {factor(whole)} times the time of psql's \\copy and the same indexes (target: at most 1.25)")


def write(rows: Rows, folder: Path) -> dict[str, Path]:
    """Write the rows of each table to a file of its own; return the files by table."""
    files = {table: folder / table for table in TABLES}
    files[BUSINESS].write_bytes(rows.businesses())
    with files[PROGRAM].open("wb") as file:
        file.writelines(rows)
    return files


@contextmanager
def create_database(lab: Lab) -> Iterator[str]:
    """Yield the URL of an empty database, and drop it at the end."""
    name = f"perfstudy_loading_{os.getpid()}"
    with psycopg.connect(lab.postgres.url(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        connection.execute("CHECKPOINT")
        try:
            yield lab.postgres.socket_url(name)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def load_by_psql(url: str, files: dict[str, Path], folder: Path) -> Times:
    """Return psql's times: COPY, COPY with FREEZE, and the indexes."""
    migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        definitions = indexes.read(connection, TABLES)
        indexes.drop(connection, definitions)
    (folder / "indexes.sql").write_text("".join(f"{line};\n" for line in list_statements(definitions)))
    columns = {BUSINESS: ", ".join(BUSINESS_COLUMNS), PROGRAM: ", ".join(PROGRAM_COLUMNS)}
    copies = [f"\\copy {table} ({columns[table]}) FROM '{files[table]}'" for table in TABLES]
    truncate = f"TRUNCATE {', '.join(TABLES)};"
    best = ["BEGIN;", truncate, *(f"{copy} (FREEZE)" for copy in copies), "COMMIT;"]
    times = {"psql copy, frozen": time_psql(url, folder, best)}
    run_psql(url, "-c", truncate)
    times["psql copy"] = time_psql(url, folder, copies)
    times["psql indexes"] = time_psql(url, folder, [(folder / "indexes.sql").read_text()])
    return times


def list_statements(definitions: indexes.Definitions) -> Iterator[str]:
    """Yield the usual statements for *definitions*: constraints as constraints."""
    for index in definitions.indexes:
        kind = "PRIMARY KEY" if index.kind == "p" else "UNIQUE"
        columns = index.definition[index.definition.index("(") :]
        constraint = f"ALTER TABLE {index.table} ADD CONSTRAINT {index.constraint} {kind} {columns}"
        yield constraint if index.constraint else index.definition
    for key in definitions.foreign_keys:
        yield f"ALTER TABLE {key.table} ADD CONSTRAINT {key.name} {key.definition}"


def time_psql(url: str, folder: Path, lines: list[str]) -> float:
    """Return the time that psql takes for *lines*, including its start."""
    script = folder / "script.sql"
    script.write_text("\n".join((*lines, "")))
    start = perf_counter()
    run_psql(url, "-f", str(script))
    return perf_counter() - start


def run_psql(url: str, *arguments: str) -> None:
    """Run psql on the database at *url*, stopping at the first error."""
    command = [str(find_postgres("psql")), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def load_by_loader(url: str, scale: str) -> Times:
    """Return the time of each stage of the loader, and the total."""
    begun: Times = {}

    def notice(stage: str, done: float, total: float) -> None:
        begun.setdefault(stage, perf_counter())

    start = perf_counter()
    load(url, scale, notice)
    end = perf_counter()
    bounds = [*begun.values(), end]
    return {stage: bounds[i + 1] - bounds[i] for i, stage in enumerate(begun)} | {"total": end - start}


if __name__ == "__main__":
    outcome.run_app(main)
