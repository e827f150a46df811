"""Tables at 80 columns: prose is wrapped at spaces, and no id, number or variant is broken over lines."""

import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from perfstudy.commands.list import TOPICS
from perfstudy.results import Store
from tests.commands.test_commands import here
from tests.report import shop

STYLE = re.compile(r"\x1b\[[0-9;]*m")
NARROW, WIDE = 80, 2_000


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


def show(*arguments: str, store: Path, width: int = NARROW) -> str:
    """Return what a terminal of *width* shows."""
    found = here(*arguments, store=store, COLUMNS=str(width), FORCE_COLOR="1")
    assert found.returncode == 0, found.stderr
    return STYLE.sub("", found.stdout)


def check_width(narrow: str, wide: str) -> None:
    """Check that *narrow* fits and breaks no word of *wide*."""
    words = set(wide.split())
    broken = [line for line in narrow.splitlines() for word in line.split() if word not in words]
    assert not [line for line in broken if not line.startswith("not shown for want of room: ")]
    assert max(map(cell_len, narrow.splitlines())) <= NARROW


COMMANDS = [("list", topic) for topic in TOPICS]
COMMANDS += [("results", "latest"), ("verdicts", "latest", "--all"), ("verdicts", "ladder-medium", "--all")]
COMMANDS += [("compare", "latest", "latest"), ("results", "ladder-medium")]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_no_word_of_a_table_is_broken_at_80_columns(arguments: tuple[str, ...], store: Path) -> None:
    check_width(show(*arguments, store=store), show(*arguments, store=store, width=WIDE))
