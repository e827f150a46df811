"""Results of the first schema, as its last version measured, exported and published them: read as today's.

``samples`` holds one run of a baseline, its control, two variants and a competitor: a dump of the store, its export,
its published set, and what that version said of it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

from perfstudy.findings import Findings
from perfstudy.results import Run, Store, export
from perfstudy.results.conversion import convert_name
from perfstudy.results.published import Published, list_published, load_published

SAMPLES = Path(__file__).parent / "samples"
LABELS = ["baseline", "baseline (control)", "index", "index+cache", "wsgi-constant"]


def from_store(folder: Path) -> Store:
    path = folder / "store.sqlite"
    with closing(sqlite3.connect(path)) as old:
        old.executescript((SAMPLES / "schema-1.sql").read_text())
    return Store.open(path)


def from_export(folder: Path) -> Store:
    store = Store.open(folder / "store.sqlite")
    export.import_file(store, SAMPLES / "schema-1.json")
    assert export.import_file(store, SAMPLES / "schema-1.json") == store.run().id, "it is there, and left alone"
    return store


@pytest.fixture(params=[from_store, from_export])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    with request.param(tmp_path) as store:
        return store.run()


def test_names_and_declaration_are_those_of_today(run: Run) -> None:
    declared = run.declaration
    assert declared["service"] == "listing"
    assert {arm["label"]: arm["role"] for arm in declared["arms"]} == dict(
        zip(LABELS, ("reference", "control", "variant", "variant", "competitor"), strict=True)
    )
    assert sorted(set(run.cells["label"])) == LABELS
    assert {row["variant"] for row in run.evidence} == {name for name in LABELS if "control" not in name}


def test_every_number_is_what_it_was(run: Run) -> None:
    """Of a cell, that is: speed-ups have since been made to compare the middle of cells, not their medians."""
    was = pd.read_csv(SAMPLES / "schema-1-medians.csv").assign(label=lambda rows: rows["label"].map(convert_name))
    index = ["label", "scenario", "temperature"]
    now = Findings(run).comparisons[list(was)]
    both = (frame.set_index(index).sort_index() for frame in (now, was))
    pd.testing.assert_frame_equal(*both, check_exact=True)


def test_a_published_set_opens_with_the_same_medians(run: Run) -> None:
    (name,) = list_published(SAMPLES / "published")
    old = load_published(name, SAMPLES / "published")
    assert old.declaration["arms"] == run.declaration["arms"]
    index = ["label", "scenario", "temperature", "block"]
    ours, theirs = (one.cells.set_index(index).sort_index()[["n", "median_ns", "first_ns"]] for one in (run, old))
    pd.testing.assert_frame_equal(ours, theirs)


@pytest.mark.parametrize("name", list_published())
def test_the_published_sets_of_the_project_open(name: str) -> None:
    found = load_published(name)
    assert set(found.cells["label"]) <= {arm["label"] for arm in found.declaration["arms"]}


def test_the_competitors_of_published_sets_can_be_started() -> None:
    """Their commands name a package of the benchmarks that was called otherwise."""
    named = [word for name in ("limits-medium", "peers-medium") for word in commands(load_published(name))]
    modules = {word.partition(":")[0] for word in named if word.startswith("benchmarks.")}
    assert len(modules) > 5
    assert all(find_spec(module) for module in modules)


def commands(found: Published) -> Iterator[str]:
    for arm in found.declaration["arms"]:
        yield from arm.get("command", ())
