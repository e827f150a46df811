"""A store in which something damaged a row: each command that meets it ends in one line."""

from pathlib import Path

import pytest
from sqlalchemy import JSON, LargeBinary, text

from perfstudy.results import Store, export, schema
from perfstudy.results.document import TABLES
from tests.commands.test_commands import here
from tests.results.conftest import complete

CUT_SHORT, ANOTHER_KIND, NO_TEXT = "'{\"a\": [1, '", "'5'", "x'00ff10'"
COLUMNS = [
    (table, column.name)
    for table in (schema.Run, schema.Environment, *TABLES.values())
    for column in table.__table__.columns
    if isinstance(column.type, JSON | LargeBinary | schema.Utc)
]
COMMANDS = ("list runs", "results", "report", "verdicts", "compare latest latest", "run --resume latest")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Path]:
    """The file of a store with a whole run, and an export of that run."""
    folder = tmp_path_factory.mktemp("damaged")
    with Store.open(folder / "store.sqlite") as store:
        run = complete(store, blocks=2)
        exported = export.export(store, run, "json", folder / "run.json")
    return (folder / "store.sqlite").read_bytes(), exported  # the last to close it has written its log into it


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda one: one if isinstance(one, str) else one.__name__)
def test_a_damaged_row_is_one_line(whole: tuple[bytes, Path], tmp_path: Path, table: type, column: str) -> None:
    content, exported = whole
    told = 0
    others = [ANOTHER_KIND, NO_TEXT] if table in (schema.Run, schema.Sample) else []
    for damage in (CUT_SHORT, *others):
        path = tmp_path / "store.sqlite"
        for rest in tmp_path.glob("store.sqlite*"):
            rest.unlink()
        path.write_bytes(content)
        with Store.open(path) as store, store.writing() as session:
            session.execute(text(f'UPDATE "{table.__tablename__}" SET "{column}" = {damage}'))
        for command in (*COMMANDS, f"import {exported}"):
            output = ["--output", str(tmp_path / "report.html")] if command == "report" else []
            found = here(*command.split(), *output, store=path)
            assert found.returncode in (0, 1, 2), command
            assert (len(found.stderr.splitlines()) == 1) == bool(found.returncode), found.stderr
            told += "holds a damaged row" in found.stderr
    assert told or table in (schema.Plan, schema.Note, schema.Verdict), "a damage that no command has noticed"
