"""Bad input, of every kind, to every parameter and every environment variable: one line, and nothing is done."""

import ast
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import psutil
import pytest

from perfstudy import lab
from perfstudy.drivers import http, load
from perfstudy.errors import UsageError
from perfstudy.model import variables
from perfstudy.notebook import execution
from perfstudy.paths import PROJECT
from perfstudy.results import Store
from perfstudy.results.cells import PlannedCell
from tests.commands import matrix
from tests.commands.test_commands import here

FAILS = {
    ("store", kind) for kind in matrix.TEXTS["store"] if "port" not in kind and kind not in ("bracket", "no such kind")
}
"""What ends with 1: the store is well named, and cannot be used."""

PLACE = {"scale": "tiny", "scenario": "page", "temperature": "cold"}

CASES = [(one, kind, value) for one in matrix.parameters() if not one.missing for kind, value in one.nonsense.items()]


def names(case: object) -> str:
    """What a case is called."""
    if isinstance(case, matrix.Parameter):
        return f"{'-'.join(case.command)} {case.option or case.name}"
    return case if isinstance(case, str) and case.isprintable() and len(case) < 30 else "value"


def test_every_parameter_has_a_row_of_nonsense() -> None:
    missing = [one.missing for one in matrix.parameters() if one.missing]
    assert not missing, "\n".join(missing)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A working directory that holds files of every wrong kind, with a home folder beside it."""
    root = tmp_path_factory.mktemp("inputs")
    work = root / "work"
    for folder in ("folder", "folder.py"):
        (work / folder).mkdir(parents=True)
    for name, text in {
        **{"file.txt": "text", "damaged.json": '{"rate": ', "damaged.py": "STUDY = (", "other.py": "STUDY = 1"},
        **{"damaged.sqlite": "SQLite format 3\0" + "?" * 5_000},
    }.items():
        (work / name).write_text(text)
    _newer(work / "newer.sqlite")
    with patch.dict(os.environ, {"PERFSTUDY_HOME": str(root / "home")}):
        with Store.open() as store:
            cell = PlannedCell(block=0, position=0, label="baseline", variant="baseline", **PLACE)
            store.plan("ladder", {}, 1, 1, [cell], {}, {})
        lab.secret()
    before, children = Path.cwd(), psutil.Process().children()
    os.chdir(work)
    yield root
    os.chdir(before)
    assert psutil.Process().children() == children, "a command left a process running"


def _newer(path: Path) -> None:
    Store.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE schema_version SET version = version + 1")
    connection.commit()
    connection.close()


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be started or asked for: whoever gets as far as that fails."""

    def reached(*_: object, **__: object) -> None:
        raise AssertionError("the command got as far as starting or asking something")

    monkeypatch.setattr(lab.Lab, "open", reached)
    monkeypatch.setattr(load, "run_open_loop", reached)
    monkeypatch.setattr(load, "find_capacity", reached)
    monkeypatch.setattr(http.Client, "send", reached)
    monkeypatch.setattr(execution, "rewrite_outputs", reached)


def run(arguments: list[str], home: Path, **environment: str) -> tuple[int, str, str]:
    """Run the command line in this process; its exit code, and what it printed on stdout and stderr."""
    found = here(*arguments, **{"PERFSTUDY_HOME": str(home), "COLUMNS": "80", **environment})
    return found.returncode, found.stdout, found.stderr


def listing(root: Path) -> dict[str, bytes | None]:
    """Everything below *root*, and what is in it."""
    return {str(path): path.read_bytes() if path.is_file() else None for path in sorted(root.rglob("*"))}


@pytest.mark.usefixtures("guarded")
@pytest.mark.parametrize(("parameter", "kind", "value"), CASES, ids=names)
def test_bad_input_is_one_line_and_nothing_is_done(
    parameter: matrix.Parameter, kind: str, value: str, place: Path
) -> None:
    before = listing(place)
    status, out, err = run(matrix.arguments(parameter, value), place / "home")
    assert status == (1 if (parameter.name, kind) in FAILS else 2), err or out
    assert err.count("\n") == 1, err
    assert err.startswith("error: "), err
    assert err.isascii() or err.strip().isprintable(), err
    if parameter.name == "token":  # which is a secret, and is not shown
        assert "--token" in err, err
    else:
        assert any(shown in err for shown in _shown(value)), err
    assert not out
    assert listing(place) == before


def _shown(value: str) -> tuple[str, ...]:
    """What of *value* a message has to hold, any one of them."""
    if not value.strip() or not value.isprintable():
        return (repr(value)[1:-1],)
    return (value[:20], f"{float(value):g}") if value.isdecimal() else (value[:20],)


BAD_VARIABLES: dict[str, dict[str, str]] = {
    "PERFSTUDY_HOME": {
        "below a file": "file.txt/x",
        "a file": "file.txt",
        "too long": matrix.LONG,
        "user": "~nobody-here/x",
    },
    "PERFSTUDY_STORE": {},
    "PERFSTUDY_DATABASE_URL": matrix.TEXTS["database"],
    "PERFSTUDY_REDIS_URL": {
        **{
            "port": "redis://h:abc/0",
            "no port": "redis://h:99999/0",
            "bracket": "redis://[::1/0",
            "scheme": "http://h",
        },
        **{"empty label": "redis://a..b/0", "space": "redis://a b/0"},
    },
    "PERFSTUDY_VARIANT": {},
    "PERFSTUDY_SERVICE_DATABASE": matrix.TEXTS["database"],
    "PERFSTUDY_SERVICE_REDIS": {"port": "redis://h:abc/0", "bracket": "redis://[::1/0", "scheme": "http://h"},
    "PERFSTUDY_SERVICE_SECRET": {},
    "PERFSTUDY_KEY_PREFIX": {},
    "PERFSTUDY_CACHE_SECONDS": {
        "zero": "0",
        "negative": "-1",
        "huge": matrix.HUGE,
        "no number": "x",
        "fraction": "1.5",
    },
    "PERFSTUDY_STATEMENT_LOG": {"too long": matrix.LONG},
    "PERFSTUDY_INSTANCE": {},
    "PERFSTUDY_LOG": {"unknown": "jsno", "case": "JSON"},
    "PERFSTUDY_LOG_SQL": {"word": "yes", "number": "2"},
    "PERFSTUDY_BROWSER": {"too long": matrix.LONG, "user": "~nobody-here/x"},
    "PERFSTUDY_PAGE": {"below a file": "file.txt/x", "a file": "file.txt", "too long": matrix.LONG},
    "PERFSTUDY_SEARCH": {"unknown": "sever", "case": "PAGE"},
}
"""What each variable cannot be, beside what no text may be."""
UNSOUND = {kind: value for kind, value in matrix.TEXT.items() if kind not in ("empty", "longer than any")}
VARIABLES = [(one, value) for one in variables.ALL for value in {**UNSOUND, **BAD_VARIABLES.get(one.name, {})}.values()]


def test_every_variable_has_a_row_of_nonsense() -> None:
    assert set(BAD_VARIABLES) == {one.name for one in variables.ALL}, "add kinds of bad values to BAD_VARIABLES"
    assert all(one.meaning.endswith(".") for one in variables.ALL)


def briefly(one: object) -> str:
    """Return the name of a variable or the beginning of a value: the same in every process."""
    return getattr(one, "name", None) or ascii(one)[:30]


@pytest.mark.parametrize(("variable", "value"), VARIABLES, ids=briefly)
def test_a_bad_variable_is_named_in_one_line(variable: variables.Variable[object], value: str, place: Path) -> None:
    with pytest.raises(UsageError) as raised:
        variable.read({variable.name: value})
    said = str(raised.value)
    assert said.isprintable()
    assert said.startswith((variable.name, f"unknown {variable.name}"))
    assert any(shown in said for shown in _shown(value))


@pytest.mark.parametrize("variable", variables.ALL, ids=lambda one: one.name)
def test_an_empty_variable_is_unset(variable: variables.Variable[object]) -> None:
    assert variable.read({variable.name: ""}) is None
    assert variable.read({}) is None


READERS = {
    "PERFSTUDY_HOME": ("list", "runs"),
    "PERFSTUDY_STORE": ("list", "runs"),
    "PERFSTUDY_DATABASE_URL": ("monitor", "--once"),
    "PERFSTUDY_REDIS_URL": ("monitor", "--once"),
}
"""A command that reads the variable."""


@pytest.mark.parametrize(("variable", "value"), [case for case in VARIABLES if case[0].name in READERS], ids=briefly)
def test_a_command_ends_with_2_for_a_bad_variable(
    variable: variables.Variable[object], value: str, place: Path
) -> None:
    before = listing(place)
    status, out, err = run(list(READERS[variable.name]), place / "home", **{variable.name: value})
    assert (status, out, err.count("\n")) == (2, "", 1), err
    assert listing(place) == before


def test_only_the_declaration_reads_the_variables() -> None:
    found = []
    for path in (PROJECT / "perfstudy").rglob("*.py"):
        if path != Path(variables.__file__):
            found += [f"{path.relative_to(PROJECT)}: {name}" for name in _read_in(path)]
    assert not found, "read these by perfstudy.model.variables"


def _read_in(path: Path) -> Iterator[str]:
    """The variables of ours that the module at *path* takes out of a mapping by their name."""
    for node in ast.walk(ast.parse(path.read_text())):
        taken: ast.expr | None = None
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            taken = node.slice
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith((".get", ".pop", "getenv")) and node.args:
            taken = node.args[0]
        if isinstance(taken, ast.Constant) and str(taken.value).startswith("PERFSTUDY_"):
            yield str(taken.value)


@pytest.mark.parametrize("home", ["/proc/nowhere", "/dev/null/x"])
@pytest.mark.parametrize("arguments", [("list", "runs"), ("results",), ("token", "t"), ("lab", "status"), ("serve",)])
def test_a_home_that_cannot_be_written_is_one_line(arguments: tuple[str, ...], home: str, place: Path) -> None:
    status, out, err = run(list(arguments), Path(home))
    assert status in (1, 2)
    assert (out, err.count("\n")) == ("", 1), err
    assert home in err


def test_a_service_that_does_not_answer_fails_the_look(place: Path) -> None:
    for format in ("table", "json"):
        status, _, err = run(["monitor", "http://127.0.0.1:9", "--once", "--format", format], place / "home")
        assert status == 1
        assert "http://127.0.0.1:9" in err


@pytest.mark.parametrize(
    ("written", "meant"), [("bset", "best"), ("al", "all"), ("uncahced", "uncached"), ("basline", "baseline")]
)
def test_named_variants_are_suggested(written: str, meant: str, place: Path) -> None:
    for arguments in (["run", "--plan", "--variant", written], ["serve", "--variant", written]):
        status, _, err = run(arguments, place / "home")
        assert status == 2
        assert f"did you mean {meant}" in err or f" or {meant}" in err
