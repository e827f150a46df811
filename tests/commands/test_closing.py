"""The end of a run: one screen of 80 columns that names each claim, and says what is open and why it ended."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from perfstudy import formatting, number
from perfstudy.findings import find_published
from perfstudy.findings.advice import estimate_claim_blocks
from perfstudy.findings.symbols import SYMBOLS
from perfstudy.model.quantity import QUANTITIES
from perfstudy.results import Store
from perfstudy.results.published import load_published
from perfstudy.results.remarks import STOPPED
from tests.commands.test_commands import here
from tests.commands.test_width import NARROW, STYLE, show
from tests.report import shop

SCREEN = 24
"""Lines of the smallest common terminal."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the runs are stored."""
    return tmp_path_factory.mktemp("closing") / "store.sqlite"


def test_the_ladder_fits_a_screen_with_a_line_for_each_claim(store: Path) -> None:
    lines = show("verdicts", "ladder-medium", store=store).splitlines()
    assert len(lines) <= SCREEN
    assert max(map(len, lines)) <= NARROW
    verdicts = find_published("ladder-medium").verdicts
    judged: list[dict[str, Any]] = [row for row in verdicts.to_dict("records") if row["verdict"] != "not testable here"]
    for row in judged:
        (line,) = [line for line in lines if line.startswith(f"{row['claim']} ")]
        cell = f"{formatting.factor(row['low'])}–{formatting.factor(row['high'])} {row['verdict']}"
        assert cell in line or row["scenario"] not in ("page", "all")
    for word, count in Counter(row["verdict"] for row in judged).items():
        assert f"{SYMBOLS[word]} {count} {word}" in "\n".join(lines)
    further = len(load_published("ladder-medium").declaration["claims"]) - len({row["claim"] for row in judged})
    assert f"{further} further claims: this study does not measure their arms" in lines


def test_a_wide_terminal_shows_ratios_and_more_scenarios(store: Path) -> None:
    lines = show("verdicts", "ladder-medium", store=store, width=140).splitlines()
    (line,) = [line for line in lines if line.startswith("rows-response ")]
    assert line.count("×") == 1
    assert line.count("[") == 3
    assert f"{number('ladder-medium: rows-response/page').text} ● supported" in line


@pytest.mark.parametrize("width", [NARROW, 140])
def test_claims_of_one_scenario_each_share_a_column(store: Path, width: int) -> None:
    lines = show("verdicts", "frontend-small", store=store, width=width).splitlines()
    assert max(map(len, lines)) <= width
    judged = find_published("frontend-small").verdicts
    for row in judged[judged["verdict"] != "not testable here"].to_dict("records"):
        (line,) = [line for line in lines if line.startswith(f"{row['claim']} ")]
        assert f" {row['scenario']} " in line
        assert f" {QUANTITIES[row['quantity']].less} " in line
        assert line.endswith(row["verdict"])
    assert not [line for line in lines if "--all" in line]


def test_actions_on_a_page_are_no_requests_that_are_missing(store: Path) -> None:
    done = here("verdicts", "frontend-small", store=store)
    assert "warning: runs inside a Docker container" in done.stdout + done.stderr
    assert "requests planned" not in done.stdout + done.stderr


def test_a_verdict_has_its_word_in_its_colour(store: Path) -> None:
    shown = here("verdicts", "ladder-medium", store=store, COLUMNS="80", FORCE_COLOR="1").stdout
    assert "\x1b[35mruled out\x1b[0m" in shown
    assert "\x1b" not in here("verdicts", "ladder-medium", store=store, COLUMNS="80").stdout


def test_a_study_without_claims_has_a_line_for_each_arm(store: Path) -> None:
    with Store.open(store) as opened:
        run = shop.store_run(opened, claims=[])
    lines = show("verdicts", run.id, store=store).splitlines()
    for arm, word in (("prefetch", "faster"), ("pool", "equivalent")):
        (line,) = [line for line in lines if line.startswith(f"{arm} ")]
        assert line.count(word) == 2
    assert show("verdicts", run.id, "--all", store=store).count("prefetch") == 2


def test_why_a_run_ended_is_said_once(store: Path) -> None:
    with Store.open(store) as opened:
        run = shop.store_run(opened, notes={STOPPED: {"blocks": 4, "why": "its time was up"}})
    for every in ((), ("--all",)):
        assert show("verdicts", run.id, *every, store=store).count("its time was up") == 1


def test_what_is_open_says_what_would_decide_it(store: Path) -> None:
    with Store.open(store) as opened:
        claim = shop.declare()["claims"][0] | {"variant": "pool", "low": 1}
        run = shop.store_run(opened, noise=0.2, claims=[claim])
    shown = STYLE.sub("", show("verdicts", run.id, store=store, width=200))
    assert "open: twice on list: " in shown


@pytest.mark.parametrize(
    ("claimed", "low", "speedup", "high", "blocks"),
    [
        (3.0, 0.8, 1.5, 2.8125, 10),  # the interval is below the range already, so more of the same suffices
        (3.0, 0.5, 1.5, 4.5, 26),  # ln 3 to both sides has to shrink to ln 2
        (1.0, 1.03, 1.03, 1.03, 11),
    ],
)
def test_blocks_that_would_decide(claimed: float, low: float, speedup: float, high: float, blocks: int) -> None:
    row = {"claimed_low": claimed, "low": low, "speedup": speedup, "high": high, "floor": 1.02}
    found = estimate_claim_blocks(row, 10)
    assert found is not None
    assert found == max(11, blocks)
