"""The magics, through IPython's own shell: what they show, and what they say where there is nothing to show."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from perfstudy.errors import UsageError
from perfstudy.evidence import plans
from perfstudy.listing import Bench
from perfstudy.notebook.display import AnswerView, PlanView, RequestView

COUNT = "SELECT count(*) FROM ads_programregistry WHERE username = 'agency-2671' AND status = 'CURRENT'"


@pytest.fixture
def shell(bench: Bench) -> Iterator[InteractiveShell]:
    """Return a shell with the extension loaded and a bench in it."""
    InteractiveShell.clear_instance()
    made = InteractiveShell.instance()
    made.history_manager.enabled = False
    made.run_line_magic("load_ext", "perfstudy.listing")
    made.push({"bench": bench})
    yield made
    InteractiveShell.clear_instance()


def run(shell: InteractiveShell, cell: str) -> tuple[Any, Any]:
    """Run a cell; return its result, and what it showed."""
    with capture_output() as shown:
        done = shell.run_cell(cell)
    return done, shown


def test_explain_shows_a_plan_and_draws_it(shell: InteractiveShell) -> None:
    done, shown = run(shell, f"%%explain\n{COUNT};")
    assert isinstance(done.result, PlanView)
    assert repr(done.result).startswith("Aggregate")
    assert [out for out in shown.outputs if "image/png" in out.data and "alt" in out.metadata["image/png"]]


def test_explain_sees_the_schema_of_its_variant(shell: InteractiveShell) -> None:
    sql = (
        "SELECT 1 FROM pg_indexes WHERE tablename = 'ads_programregistry'"
        " AND indexdef LIKE '%(username, status, start_date DESC)%'"
    )
    rows = [run(shell, f"%%explain {name}\n{sql}")[0].result.plan["Plan"]["Actual Rows"] for name in ("", "index")]
    assert rows == [0, 1]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%%explain\n;", "no statement"),
        ("%%explain indx\nSELECT 1", "index"),
        ("%%explain\nSELECT nothing", 'column "nothing" does not exist'),
        ("%%explain\nDELETE FROM ads_programregistry", "read-only transaction"),
        ("%%explain\nSELECT 1; COMMIT; DELETE FROM ads_programregistry", "multiple commands"),
        ("%%explain\nDROP TABLE ads_programregistry", "only statements that can be explained"),
        ("%%explain\n-- first\n/* then */ VACUUM", "not VACUUM"),
        ("%%explain\nCREATE TABLE made (id int)", "not CREATE"),
        ("%%explain\nEXPLAIN SELECT 1", "not EXPLAIN"),
        ("%%explain\nSELECT FROM WHERE", "syntax error"),
        ("%variant", "no name"),
        ("%variant cach", "cache"),
        ("%variant baseline pag", "page"),
    ],
)
def test_what_cannot_be_shown_is_said_without_a_traceback(shell: InteractiveShell, cell: str, said: str) -> None:
    done, shown = run(shell, cell)
    assert isinstance(done.error_in_exec, UsageError)
    assert said in str(done.error_in_exec)
    assert "Traceback" not in shown.stdout + shown.stderr
    assert said in shown.stdout + shown.stderr


def test_a_statement_that_runs_too_long_is_stopped(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "LIMIT", 0.2)
    done, shown = run(shell, "%%explain\nSELECT pg_sleep(600)")
    assert isinstance(done.error_in_exec, UsageError)
    assert str(done.error_in_exec).startswith("the statement had not ended after 0.2 s")
    assert "Traceback" not in shown.stdout + shown.stderr


def test_nothing_that_was_explained_is_changed(bench: Bench, shell: InteractiveShell) -> None:
    def count() -> Any:
        with psycopg.connect(bench.database().url) as connection:
            return connection.execute("SELECT count(*) FROM ads_programregistry").fetchone()

    before = count()
    for sql in ("DELETE FROM ads_programregistry", "SELECT 1; COMMIT; DELETE FROM ads_programregistry"):
        run(shell, f"%%explain\n{sql}")
    assert count() == before


def test_a_variant_is_served_and_tried(shell: InteractiveShell) -> None:
    answer = run(shell, "%variant related")[0].result
    assert isinstance(answer, AnswerView)
    assert len(answer.document["programs"]) == 1
    assert len(run(shell, "%variant related /api/programs?limit=2")[0].result.document["programs"]) == 2
    look = run(shell, "%variant related page")[0].result
    assert isinstance(look, RequestView)
    assert look.statements == 3


def test_without_a_bench_the_next_step_is_named(shell: InteractiveShell) -> None:
    del shell.user_ns["bench"]
    done, _ = run(shell, "%variant baseline")
    assert 'bench = perfstudy.listing.Bench("tiny")' in str(done.error_in_exec)


def test_a_bench_of_another_name_is_found(bench: Bench, shell: InteractiveShell) -> None:
    shell.user_ns["mine"] = shell.user_ns.pop("bench")
    assert isinstance(run(shell, f"%%explain\n{COUNT}")[0].result, PlanView)
