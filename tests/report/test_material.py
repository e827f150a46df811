"""From a stored run to its report: what the store gives is what the page shows."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from perfstudy import findings
from perfstudy.commands.results import _print_results
from perfstudy.listing.studies import STUDIES
from perfstudy.report import render
from perfstudy.report.material import Material, collect_material
from perfstudy.report.parts import Part, TablePart
from perfstudy.report.sections import _numbers, changed_plan, first_requests, work
from perfstudy.results import CellResult, PlannedCell, Run, Store
from perfstudy.results.published import load_published
from tests.report import factories
from tests.report.test_render import Page

MEDIANS = {"baseline": 40.0, "baseline (control)": 40.3, "index": 36.0, "related": 12.0, "index+related": 9.0}
"""Milliseconds."""
BLOCKS = 10


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of made-up latencies, stored and read as any other."""
    store = Store.open(tmp_path_factory.mktemp("store") / "results.sqlite")
    cells = [
        PlannedCell(block, i, label, label.removesuffix(" (control)"), "tiny", "page", "cold")
        for block in range(BLOCKS)
        for i, label in enumerate(MEDIANS)
    ]
    declared = STUDIES["factorial"].narrow(scales=("tiny",), scenarios=("page",), requests=20)
    declaration = declared.declaration()
    id = store.plan("factorial", declaration, 3, BLOCKS, cells, factories.IDENTITY, factories.PASSING)
    random = np.random.default_rng(11)
    for cell in cells:
        latencies = (MEDIANS[cell.label] * 1e6 * np.exp(random.normal(0, 0.02, 20))).astype(np.int64)
        timing = {"connect": 4.0, "db": 10.0, "serialize": 6.0, "total": MEDIANS[cell.label] - 1}
        store.append(id, cell, CellResult(latencies, 90_000_000, 0.2, datetime.now(UTC), 5, timing, 21_312))
    for row in factories.plans(("page",)):
        store.add_plan(id, row["variant"], "tiny", "page", "cold", 0, row["sql"], row["plan"], row["shape"])
    store.finish(id, factories.PASSING)
    return store.run(id)


@pytest.fixture(scope="module")
def material(run: Run) -> Material:
    return collect_material(run)


def test_material_has_what_the_analysis_finds(material: Material) -> None:
    assert material.labels == list(MEDIANS)
    assert material.places() == [("tiny", "page")]
    related = material.comparisons.set_index("label").loc["related"]
    assert related["speedup"] == pytest.approx(40 / 12, rel=0.03)
    assert set(material.attribution["optimization"]) == {"index", "related"}
    assert len(material.interactions) == 1, "without a cache, warm would only repeat cold"


def test_report_of_a_stored_run(run: Run, tmp_path: Path) -> None:
    path = render(run, tmp_path / "report.html")
    assert path == tmp_path / "report.html"
    page = Page(path.read_text(encoding="utf-8"))
    shown = page.sections()
    assert shown == ["verdicts", "ladder", "samples", "phases", "attribution", "plans", "environment", "reproduce"]
    assert run.id in page.texts("dd")
    assert any("--seed 3" in text for text in page.texts("code"))


def test_phases_are_medians_over_blocks(material: Material) -> None:
    frame = findings.phases(material.cells).set_index("label")
    assert frame.loc["baseline", "connect"] == 4.0
    assert frame.loc["baseline", "response"] == pytest.approx(40, rel=0.03)


def test_first_requests_are_beside_the_usual_ones(material: Material) -> None:
    frame = first_requests(material)
    assert len(frame) == BLOCKS * len(MEDIANS)
    assert set(frame["first"]) == {0.09}
    assert frame.loc[frame["label"] == "related", "usual"].median() == pytest.approx(0.012, rel=0.03)


def test_changed_plan_is_that_of_the_smallest_variant() -> None:
    rows = factories.plans(("page",))
    larger = [row | {"variant": "index+related"} for row in rows if row["variant"] == "index"]
    found = changed_plan([*larger, *rows], "small", "page")
    assert found is not None
    assert [row["variant"] for row in found] == ["baseline", "index"]


def test_equal_plans_are_no_change() -> None:
    rows = [row | {"shape": "the same"} for row in factories.plans(("page",))]
    assert changed_plan(rows, "small", "page") is None
    assert changed_plan([], "small", "page") is None


@pytest.fixture(scope="module")
def peers() -> Material:
    """What was published of the competitors, three of which cache."""
    return collect_material(load_published("peers-medium"))


def numbers(material: Material) -> list[Part]:
    """Return the tables of response times at every place."""
    return [_numbers(material, *place) for place in material.places()]


def counts(material: Material) -> list[Part]:
    """Return the tables of what the servers do."""
    return work(material)[0]


@pytest.mark.parametrize("made", [numbers, counts])
def test_no_two_rows_of_a_table_have_one_name(peers: Material, made: Callable[[Material], list[Part]]) -> None:
    tables = [part.table for part in made(peers) if isinstance(part, TablePart)]
    named = [[row[0] for row in table.cells] for table in tables]
    assert named
    for names in named:
        assert sorted(names) == sorted(set(names))
        assert {"cachalot, cold", "cachalot, warm"} <= set(names)


def test_results_tell_cold_from_warm_for_all_that_cache(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    found = load_published("peers-medium")
    _print_results(findings.find(found), "table")
    lines = [line.replace(",", "").split() for line in capsys.readouterr().out.splitlines()]
    cells = found.cells
    # Long names are broken over lines.
    for label, rows in cells[cells["scenario"].eq("page") & ~cells["label"].str.contains("+", regex=False)].groupby(
        "label"
    ):
        said = {word for line in lines if label in line and "page" in line for word in line} & {"cold", "warm"}
        assert said == (set(rows["temperature"]) if rows["temperature"].nunique() > 1 else set()), label
