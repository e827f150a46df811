"""A run in a browser: blocks, gate and verdicts of pages, as of requests."""

from pathlib import Path

import pytest

from perfstudy.drivers.browser import actions
from perfstudy.findings import Findings
from perfstudy.listing.compiling import arms, declare_page
from perfstudy.listing.lab import Lab
from perfstudy.listing.studies import declare
from perfstudy.listing.variant import parse
from perfstudy.measure.runner import Runner
from perfstudy.model.catalog import restore
from perfstudy.model.claim import Claim
from perfstudy.results import Store
from tests.browser import FOUND, needs_browser
from tests.drivers.pages import FOLDER

pytestmark = needs_browser
PAGE = parse("best+virtual")
OTHER = "page-of-others"


def test_pages_are_measured_and_one_that_shows_other_programs_is_excluded(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "CLICKS", 1)
    claim = Claim("fewer", "less", variant=PAGE.name, reference=PAGE.name, quantity="requests", scenarios=("open",))
    study = declare(
        "pages",
        "Pages",
        arms=(*arms([PAGE]), declare_page(OTHER, "Another page", str(FOLDER), variant=PAGE)),
        scenarios=("open", "elsewhere"),
        scales=("tiny",),
        blocks=1,
        requests=5,
        costs=None,
        claims=(claim,),
    )
    store = Store.open(tmp_path / "store.sqlite")
    runner = Runner(lab, store)
    run = runner.start(study, 1)
    runner.fill(run, study)
    found = store.run(run)
    assert found.finished
    assert found.environment["servers"]["browser"] == getattr(FOUND, "product", None)
    assert list(found.excluded) == [OTHER]
    assert "programs of the page, all" in found.excluded[OTHER]
    cells = found.cells.set_index(["label", "scenario", "temperature"])["quantities"]
    assert {cells[label, "open", "warm"]["requests"] for label in (PAGE.name, f"{PAGE.name} (control)")} == {1}
    assert 0 < cells[PAGE.name, "elsewhere", "cold"]["card renders"] < 50
    assert (PAGE.name, "elsewhere", "warm") not in cells
    assert Findings(found).verdicts["quantity"].tolist() == ["requests"]
    assert restore(found.declaration).arm(OTHER).environment["PERFSTUDY_PAGE"] == str(FOLDER)
