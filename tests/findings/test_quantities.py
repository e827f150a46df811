"""Quantities of a page: planted counts and sizes come out of the store as the verdicts that they deserve."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from perfstudy.commands.verdicts import print_verdicts
from perfstudy.findings import Findings
from perfstudy.findings.comparisons import compare_quantities
from perfstudy.model.arm import Arm
from perfstudy.model.claim import Claim, DeclarationError
from perfstudy.model.quantity import QUANTITIES, format_quantity
from perfstudy.model.scenario import Scenario
from perfstudy.model.service import Service
from perfstudy.model.study import Study
from perfstudy.results import CellResult, Run, Store
from perfstudy.results.export import export, import_file
from perfstudy.results.publish import publish
from perfstudy.results.published import load_published

PLANTED = {"old": {"requests": 9, "card renders": 26_738}, "new": {"requests": 1, "card renders": 0}}
BLOCKS = 10


def claim(quantity: str, low: float = 1, **more: Any) -> Claim:
    return Claim(quantity.replace(" ", "-"), "less", arm="new", quantity=quantity, low=low, **more)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Return a study of a page, in which a key takes as long as before and what it causes is less."""
    file = tmp_path_factory.mktemp("study") / "study.py"
    made = Study(
        name="keys",
        title="Keys",
        service=Service(command="serve {port}"),
        arms=(Arm("old", ref="v1"), Arm("new", ref="v2")),
        scenarios=(Scenario("keys", "/", action="type", text="hill"),),
        blocks=BLOCKS,
        claims=(
            *(claim("requests", 9, high=9), claim("card renders", 1_000), claim("memory", 4, high=5)),
            *(claim("cpu"), claim("response"), claim("heap")),
        ),
    )
    return made.at(file)


@pytest.fixture(scope="module")
def run(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Run:
    from perfstudy.measure.schedule import draw_schedule

    store = Store.open(tmp_path_factory.mktemp("store") / "store.sqlite")
    cells = draw_schedule(study, 1)
    id = store.plan(study.name, study.declaration(), 1, BLOCKS, cells, {"cpus": 2}, {})
    random = np.random.default_rng(5)
    for cell in cells:
        noise = float(np.exp(random.normal(0, 0.01)))
        is_new = cell.label == "new"
        measured = {"memory": (44 if is_new else 184) * 2**20 * noise, "cpu": (0.1 if is_new else 2.0) * noise}
        quantities = PLANTED[cell.variant] | measured | {"heap": 1e7 * noise, "unheard of": 3.0}
        latencies = (np.full(5, 1e7) * np.exp(random.normal(0, 0.01, 5))).astype(np.int64)
        result = CellResult(latencies, None, 0.0, datetime.now(UTC), 0, quantities=quantities)
        store.append(id, cell, result)
    store.finish(id, {})
    return store.run(id)


VERDICTS = {
    **{"requests": "supported", "card-renders": "supported", "memory": "supported", "cpu": "supported"},
    **{"response": "refuted", "heap": "refuted"},
}


def test_a_claim_about_a_count_or_a_size_gets_the_verdict_that_it_deserves(run: Run) -> None:
    found = Findings(run).verdicts.set_index("claim")
    assert found["verdict"].to_dict() == VERDICTS
    assert tuple(found.loc["requests", ["speedup", "low", "high", "floor"]]) == pytest.approx((9, 9, 9, 1))
    assert found.loc["card-renders", "speedup"] == pytest.approx(26_738)  # to a count of 0, as if it were 1
    assert tuple(found.loc["card-renders", ["reference_median", "median"]]) == pytest.approx((26_738, 0))
    assert found.loc["memory", "floor"] > 1
    assert found.loc["heap", "claimed"] == "less"
    assert found.loc["cpu", "claimed"] == "faster"


def test_each_quantity_of_a_page_is_compared_with_the_reference(run: Run) -> None:
    found = compare_quantities(Findings(run))
    new = found[found["label"].eq("new")].set_index("quantity")
    assert set(new.index) == {"requests", "card renders", "memory", "cpu", "heap"}
    assert new["comparison"].to_dict() == dict.fromkeys(new.index, "faster") | {"heap": "equivalent"}
    assert set(found.loc[found["label"].str.endswith("(control)"), "comparison"]) == {"equivalent"}
    assert not Findings(run).comparisons["stalled"].any()


def test_quantities_survive_export_and_publication(run: Run, tmp_path: Path) -> None:
    store = run.store
    assert isinstance(store, Store)
    there = Store.open(tmp_path / "there.sqlite")
    id = import_file(there, export(store, run.id, "json", tmp_path / "run.json"))
    set_ = load_published(publish(store, run.id, tmp_path).name, tmp_path)
    for read in (there.run(id), set_):
        assert Findings(read).verdicts["verdict"].tolist() == Findings(run).verdicts["verdict"].tolist()


def test_amounts_are_shown_with_their_unit(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    print_verdicts(Findings(run), "markdown", every=True)
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| card-renders")]
    assert "26,738" in line
    assert format_quantity("memory", 184e6) == "184 MB"
    assert format_quantity("cpu", 0.178) == "178 ms"
    assert format_quantity("requests", float("nan")) == ""


def test_a_quantity_that_is_not_known_is_refused() -> None:
    with pytest.raises(DeclarationError, match="quantity 'megabytes': choose one of response, database"):
        claim("megabytes")
    assert all(one.least >= 0 and one.title for one in QUANTITIES.values())
