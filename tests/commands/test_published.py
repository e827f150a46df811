"""A published set is shown by its name, as a run of one's own is."""

import shlex
import sys
from pathlib import Path

import pytest

from perfstudy.commands import choices
from perfstudy.commands.report import write_report
from perfstudy.commands.verdicts import load_findings
from perfstudy.errors import UsageError
from perfstudy.notebook.opening import open_run
from perfstudy.results import Store
from perfstudy.results.opening import find_run
from perfstudy.results.published import list_published, load_published
from tests.commands.test_commands import here, perfstudy

SETS = "aa-medium", "ladder-medium"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Return the path of a store that holds nothing."""
    return tmp_path / "results.sqlite"


def test_a_published_set_is_found_by_its_name(store: Path, tmp_path: Path) -> None:
    with Store.open(store) as opened:
        found = load_findings(opened, "aa-medium")
        with pytest.raises(UsageError, match="unknown run 'aa-mediun': did you mean aa-medium"):
            load_findings(opened, "aa-mediun")
        with pytest.raises(UsageError, match="`perfstudy run` makes one"):
            find_run(opened, "latest")
    published = load_published("aa-medium")
    assert found.run.id == open_run("aa-medium", store).run.id == published.id
    assert published.id in write_report(found, tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("verdicts", "aa-medium"), "Verdicts of run aa-"),
        (("results", "aa-medium"), "baseline (control)"),
        (("compare", *SETS), "ladder-medium-"),
    ],
    ids=lambda one: one[0] if isinstance(one, tuple) else "",
)
def test_each_command_shows_a_published_set(arguments: tuple[str, ...], said: str, store: Path) -> None:
    done = here(*arguments, store=store)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout


def test_a_published_set_has_no_requests_to_export(store: Path) -> None:
    done = here("results", "aa-medium", "--format", "parquet", store=store)
    assert done.returncode == 2
    assert "'aa-medium' is a published set without single requests" in done.stderr


def test_runs_and_published_sets_are_completed(monkeypatch: pytest.MonkeyPatch, store: Path) -> None:
    monkeypatch.setenv("PERFSTUDY_STORE", str(store))
    assert choices._list_runs() == list_published(), "nothing is stored"
    Store.open(store).close()
    assert choices.complete(choices._list_runs)("ladder-m") == ["ladder-medium"]


def test_a_report_is_opened_in_the_browser(store: Path, tmp_path: Path) -> None:
    browser, seen, report = tmp_path / "browser.py", tmp_path / "seen", tmp_path / "report.html"
    browser.write_text(f"import pathlib, sys\npathlib.Path({str(seen)!r}).write_text(sys.argv[1])\n")
    arguments = ("report", "aa-medium", "--open", "--output", str(report))
    done = perfstudy(*arguments, store=store, BROWSER=f"{shlex.quote(sys.executable)} {shlex.quote(str(browser))} %s")
    assert done.stdout.strip() == str(report)
    assert seen.read_text() == report.as_uri()
