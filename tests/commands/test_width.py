"""Tables at 80 columns: prose is wrapped at spaces, and no id, number or variant is broken over lines."""

import json
import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from perfstudy import findings, published
from perfstudy.commands.list import TOPICS
from perfstudy.results import Store
from tests.commands.test_commands import here
from tests.measure.test_own import SOUND, write
from tests.report import shop

STYLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
NARROW, WIDE = 80, 2_000
WIDTHS = pytest.mark.parametrize("width", [NARROW, 120])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with a run of two variants, and an unfinished one."""
    path = tmp_path_factory.mktemp("width") / "store.sqlite"
    with Store.open(path) as opened:
        shop.store_run(opened)
        declaration = shop.declare()
        opened.plan("orders", declaration, 2, 10, shop.plan_cells(declaration, 10), {}, {})
        shop.store_run(opened, names=("main", "index+related+values+connections+gunicorn+cache", "pool"))
    return path


def show_plainly(text: str) -> str:
    """Return *text* without what steers a terminal."""
    return STYLE.sub("", text)


def show(*arguments: str, store: Path | None = None, width: int = NARROW, **environment: str) -> str:
    """Return what a terminal of *width* shows."""
    found = here(*arguments, store=store, COLUMNS=str(width), FORCE_COLOR="1", **environment)
    assert found.returncode == 0, found.stderr
    return show_plainly(found.stdout)


def check_width(narrow: str, wide: str) -> None:
    """Check that *narrow* fits and breaks no word of *wide*; a word that is too long has a line of its own."""
    words = set(wide.split())
    broken = [line for line in narrow.splitlines() for word in line.split() if word not in words]
    assert not [line for line in broken if not line.startswith("not shown for want of room: ")]
    assert all(cell_len(line) <= NARROW or len(line.split()) == 1 for line in narrow.splitlines())


COMMANDS = [("list", topic) for topic in TOPICS]
COMMANDS += [("results", "latest"), ("verdicts", "latest", "--all"), ("verdicts", "ladder-medium", "--all")]
COMMANDS += [("compare", "latest", "latest"), ("results", "ladder-medium"), ("results", "limits-medium")]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_no_word_of_a_table_is_broken_at_80_columns(arguments: tuple[str, ...], store: Path) -> None:
    check_width(show(*arguments, store=store), show(*arguments, store=store, width=WIDE))


def test_results_have_a_line_for_each_arm_below_the_scenario() -> None:
    lines = [line.rstrip() for line in show("results", "ladder-medium").splitlines()]
    rows = len(findings.comparisons(published("ladder-medium")))
    places = ["page", "all", "business", "type", "noop"]
    assert [line for line in lines if line in places] == places, "as the study has them"
    arms = [line for line in lines if re.search(r" m?s|µs", line) and " [" in line]
    assert len(arms) == rows
    assert any(line.startswith("everything, warm ") for line in arms)


@WIDTHS
def test_explain_shows_each_statement_and_breaks_no_name(width: int, lab: object) -> None:
    asked = ("explain", "--variant", "index+related+values")
    shown = show(*asked, width=width)
    (seen,) = json.loads(here(*asked, "--format", "json").stdout)
    assert all(f"1 x {statement}" in " ".join(shown.split()) for statement in seen["statements"])
    assert {"ads_program_usernam_cb2094_idx", seen["target"]} <= set(shown.split())
    assert max(map(cell_len, shown.splitlines())) <= width


@WIDTHS
def test_doctor_breaks_what_it_says_between_words(width: int) -> None:
    shown = show("doctor", width=width, PERFSTUDY_BROWSER="/no/such/program")
    assert max(map(cell_len, shown.splitlines())) <= width
    assert " browser PERFSTUDY_BROWSER is '/no/such/program', which is no program: " in " ".join(shown.split())


@WIDTHS
def test_try_shows_arms_whole(width: int, tmp_path: Path) -> None:
    names = "index+related+values+connections+gunicorn+cache", "index+related+values+connections+gunicorn"
    write(tmp_path, SOUND + "".join(f'odd("{name}", "prints"),' for name in names))
    (file,) = tmp_path.glob("*.py")
    found = here("try", str(file), COLUMNS=str(width), FORCE_COLOR="1")
    assert found.returncode == 0, found.stderr
    lines = show_plainly(found.stdout + found.stderr).splitlines()
    assert set(names) <= set(show_plainly(found.stdout).split())
    assert all(cell_len(line) <= width or line.startswith("`perfstudy run ") for line in lines)
