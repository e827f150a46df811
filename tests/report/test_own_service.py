"""A stored run of a service that no package declares: every command, the report and the charts speak of its arms."""

import re
from pathlib import Path
from typing import Any

import pytest

import perfstudy
from perfstudy import charts, findings
from perfstudy.errors import UsageError
from perfstudy.report import render
from perfstudy.results import Run, Store
from tests.commands.test_commands import here
from tests.report import shop


@pytest.fixture(scope="module")
def run(path: Path) -> Run:
    """Return a run of the shop."""
    with Store.open(path) as store:
        return shop.store_run(store)


@pytest.fixture(scope="module")
def loose(path: Path) -> Run:
    """Return a run whose answers were not compared, on a shared database, with an arm elsewhere."""
    arms = shop.declare()["arms"]
    arms = [arm | {"url": "https://staging.example"} if arm["label"] == "pool" else arm for arm in arms]
    with Store.open(path) as store:
        return shop.store_run(store, gate=False, notes={"shared_database": True}, arms=arms)


@pytest.fixture(scope="module")
def page(run: Run, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the report of the run, made once."""
    return render(run, tmp_path_factory.mktemp("page") / "report.html").read_text(encoding="utf-8")


def test_no_command_calls_anything_baseline(run: Run, path: Path, tmp_path: Path) -> None:
    exported, other = tmp_path / "run.json", tmp_path / "other.sqlite"
    for words in (
        ("verdicts", run.id),
        ("results", run.id),
        ("results", run.id, "--format", "markdown"),
        ("compare", run.id, run.id),
        ("list", "runs"),
        ("results", run.id, "--format", "json", "--output", str(exported)),
    ):
        done = here(*words, store=path)
        assert done.returncode == 0, done.stderr
        assert "baseline" not in done.stdout + done.stderr
    assert here("import", str(exported), store=other).returncode == 0
    shown = here("results", "latest", store=other).stdout
    assert "speed-ups on main" in shown
    assert re.findall(r"^(list|search)  +([\w ()]+?)  ", shown, re.MULTILINE)[:4] == [
        ("list", name) for name in ("main", "main (control)", "prefetch", "pool")
    ]


def test_the_report_opens_with_the_answer(page: str) -> None:
    header = page.partition("</header>")[0]
    assert "<h1>Prefetching in the order list</h1>" in header
    assert re.search(r'<p class="answer"><strong>prefetch answers (list|search) \d\.\d.* times as fast as main', header)
    assert "62 statements became 3" in header
    assert "Nothing is left open." in header


def test_the_report_speaks_of_the_arms_of_the_run(page: str) -> None:
    assert "baseline" not in page.partition("</style>")[2]
    assert "list, data: main, and prefetch" in page
    options = "--scenario list --scenario search --base HEAD --head HEAD --blocks 10 --requests 8 --seed 1"
    assert f"perfstudy run orders.py {options}" in page


def test_what_was_not_checked_is_said_everywhere(loose: Run, path: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    assert here("report", loose.id, "--output", str(file), store=path).returncode == 0
    pages = [file.read_text(encoding="utf-8"), here("report", loose.id, "--summary", "-", store=path).stdout]
    pages += [here(command, loose.id, store=path).stdout for command in ("verdicts", "results")]
    pages += [here("compare", loose.id, loose.id, store=path).stdout]
    for said in pages:
        for warning in ("answers were not compared", "shared database", "indicative: pool ran elsewhere"):
            assert warning in said


def test_an_arm_by_url_is_never_more_than_indicative(loose: Run) -> None:
    found = findings.comparisons(loose)
    assert dict(found.groupby("label")["indicative"].all()) == {
        "main": False,
        "main (control)": False,
        "pool": True,
        "prefetch": False,
    }


def test_the_charts_draw_an_opened_run(run: Run, path: Path) -> None:
    found = perfstudy.open_run(run.id, path)
    stored: Any = found.run
    drawn = [
        charts.verdicts(found.verdicts),
        charts.samples(stored.samples, "list"),
        charts.ecdf(stored.samples, "list"),
        charts.first_requests(_first(stored.cells)),
    ]
    assert all("baseline" not in one.svg("one") + one.caption for one in drawn)
    with pytest.raises(UsageError, match="there are no ladder steps to draw"):
        charts.ladder(found.ladder)


def test_a_ladder_of_arms_without_factors_climbs_from_its_reference(path: Path) -> None:
    with Store.open(path) as store:
        found = findings.find(shop.store_run(store, ladder=["main", "prefetch", "pool"]))
    assert list(found.ladder["change"])[:3] == ["main", "+ prefetch", "+ pool"]
    assert "as fast as main's" in charts.ladder(found.ladder, scenario="list").caption


def _first(cells: Any) -> Any:
    there = cells[cells["first_ns"].notna()]
    seconds = {name: there[f"{name}_ns"].astype(float) / 1e9 for name in ("first", "median")}
    return there[["label"]].assign(first=seconds["first"], usual=seconds["median"])


def test_a_run_is_opened_by_id_and_as_an_export(run: Run, path: Path, tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    assert here("results", run.id, "--format", "json", "--output", str(file), store=path).returncode == 0
    opened = perfstudy.open_run(file, tmp_path / "other.sqlite")
    assert opened.comparisons.equals(perfstudy.open_run(run.id, path).comparisons)
    with pytest.raises(UsageError, match="unknown run"):
        perfstudy.open_run("nothing", path)
