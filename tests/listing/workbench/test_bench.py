"""The workbench of a notebook, and what it shows: the same text at every run, and HTML that is escaped."""

import re

import pytest

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.listing.workbench.bench import Bench
from perfstudy.model.table import Table
from perfstudy.notebook.display import AnswerView, PlanView, TextView


def test_a_bench_says_what_it_holds(bench: Bench) -> None:
    assert repr(bench) == (
        "scale tiny: 5,000 programs; tenant agency-2671: 2,671 programs, 435 of them current, of 100 businesses"
    )


def test_answers_are_shown_alike_at_every_run(bench: Bench) -> None:
    answers = [bench.get("index+related+values+cache", limit=2) for _ in range(3)]
    shown = [repr(answer) for answer in answers]
    assert shown[1] == shown[2]
    assert "x-cache: HIT" in shown[1]
    assert answers[1].document["total_count"] == 435
    first, _ = answers[1].document["programs"]
    assert first["program_id"] in shown[1]


def test_a_look_counts_statements(bench: Bench) -> None:
    one, other = bench.look("related", "page"), bench.look("related", "page")
    assert repr(one) == repr(other)
    assert one.statements == 3
    assert repr(one.plans[0]) == repr(other.plans[0])
    assert bench.look("cache", "page", "warm").statements == 0


def test_a_run_from_a_notebook_is_stored(bench: Bench, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("PERFSTUDY_STORE", str(tmp_path / "store.sqlite"))
    run = bench.run("related", scenarios=["page"], requests=3)
    assert run.finished
    assert (tmp_path / "store.sqlite").exists()
    assert set(run.samples["label"]) == {"baseline", "baseline (control)", "related"}


def test_indexes_grow_by_one(bench: Bench) -> None:
    before, after = (len(bench.indexes(variant).rows) for variant in ("baseline", "index"))
    assert after == before + 1


def test_a_migration_is_shown_and_taken_back(bench: Bench) -> None:
    assert "AddIndex" in repr(bench.migration("index"))
    assert "CREATE INDEX" in repr(bench.sqlmigrate("index"))
    assert [row["schema as before"] for row in bench.round_trip("index").rows] == ["yes", "no", "yes"]
    with pytest.raises(UsageError, match="'related' has no migration; these have one: index"):
        bench.migration("related")


def test_plans_with_and_without_a_sort(bench: Bench) -> None:
    assert "Sort" not in repr(bench.plan("baseline", sort=False, limit=None))
    assert "Incremental Sort" in repr(bench.plan("baseline"))
    assert "LIMIT 3" in bench.plan("baseline", limit=3).sql


def test_what_serves_a_request_stands_side_by_side(bench: Bench) -> None:
    count, ids = bench.served("baseline", "index", scenarios=["page"]).rows
    assert list(count) == ["request", "asks for", "baseline", "index"]
    assert count["baseline"] == count["index"]
    assert ids["baseline"] != ids["index"]


def test_statements_are_counted_by_variant(bench: Bench) -> None:
    shown = repr(bench.statements("baseline", "related+cache", scenarios=["page", "business"]))
    assert [line.split() for line in shown.splitlines()[1:]] == [["baseline", "22", "2"], ["related+cache", "3", "2"]]


def test_a_queryset_is_written_as_sql(bench: Bench) -> None:
    plain, joined = (
        repr(bench.queryset(f"ProgramRegistry.objects{join}.values('program_id')"))
        for join in ("", ".select_related('business')")
    )
    assert plain == joined == 'SELECT "ads_programregistry"."program_id" AS "program_id" FROM "ads_programregistry"'
    with pytest.raises(PerfstudyError, match="'colour'"):
        bench.queryset("ProgramRegistry.objects.values('colour')")


def test_memory_and_connections_have_a_row_for_each_variant(bench: Bench) -> None:
    grown = bench.memory("baseline", "related", request="all").rows
    assert [row["variant"] for row in grown] == ["baseline", "related"]
    # Thousands of programs take some; how much is the machine's business.
    assert all(re.fullmatch(r"[1-9]\d*\.\d MB", str(row["grows by"])) for row in grown), grown
    counted = bench.connections("baseline", "connections", requests=3)
    assert counted.rows == [
        {"variant": "baseline", "opened": 3, "open": 0},
        {"variant": "connections", "opened": 1, "open": 1},
    ]


def test_html_is_escaped() -> None:
    nasty = "<script>alert(1)</script>"
    for shown in (Table([{nasty: nasty}], nasty), TextView(nasty), PlanView({"Node Type": nasty}, nasty)):
        assert "<script>" not in shown._repr_html_()
        assert nasty in repr(shown)


def test_text_tables_are_aligned() -> None:
    assert repr(Table([{"a": 1, "b": "x"}, {"a": 22, "b": "y"}])) == "a   b\n1   x\n22  y"


def test_answers_hide_what_changes() -> None:
    assert "x-request-id" not in AnswerView.STABLE
    assert "server-timing" not in AnswerView.STABLE
