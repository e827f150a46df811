"""The store: what goes in comes out, whole or not at all, on SQLite and on PostgreSQL."""

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from perfstudy.analysis.quantile import empirical_quantile
from perfstudy.errors import UsageError
from perfstudy.results import CellResult, DuplicateCell, PlannedCell, Store, StoreError
from perfstudy.results.machines import MERGED
from tests.results.conftest import DECLARATION, IDENTITY, complete, plan, planned, result


class TestPlan:
    def test_the_schedule_is_stored_in_its_order_before_anything_is_measured(self, store: Store) -> None:
        run = plan(store)
        assert re.fullmatch(r"ladder-tiny-\d{8}-\d{6}-[a-z]{4}", run)
        assert store.schedule(run) == store.missing(run) == planned()
        assert store.samples(run).empty
        assert store.cells(run).empty

    def test_several_scales_are_named_in_their_declared_order(self, sqlite: Store) -> None:
        declared = {"scales": ["tiny", "large"]}
        run = sqlite.plan("scale", declared, 1, 1, planned(1, ("large", "tiny")), {}, {})
        assert run.startswith("scale-tiny-to-large-")

    def test_identity_and_declaration_come_back(self, store: Store) -> None:
        run = store.run(plan(store))
        assert (run.declaration, run.environment, store.environment(run.id)) == (DECLARATION, IDENTITY, IDENTITY)
        assert run.telemetry["before"] == {"load": [0.5, 0.25, 0.125]}
        assert (run.seed, run.blocks, run.study, run.scale, run.finished) == (7, 3, "ladder", "tiny", False)

    def test_equal_identities_are_one_environment(self, sqlite: Store) -> None:
        plan(sqlite)
        plan(sqlite)
        assert sqlite.runs()["environment"].nunique() == 1

    @pytest.mark.parametrize(
        ("schedule", "study", "words"),
        [
            ([], "aa", "no cell"),
            ([planned(1)[0], planned(1)[0]], "aa", "this cell twice: block 1"),
            (planned(1), "../aa", "study '../aa' cannot be stored"),
        ],
    )
    def test_a_plan_that_is_none_leaves_nothing(self, sqlite: Store, schedule, study: str, words: str) -> None:
        with pytest.raises(UsageError, match=words):
            sqlite.plan(study, {}, 1, 1, schedule, {}, {})
        assert sqlite.summaries() == []

    def test_what_json_has_no_word_for_is_refused_before_anything_is_written(self, sqlite: Store) -> None:
        with pytest.raises(TypeError, match="cannot hold"):
            sqlite.plan("aa", {"what": object()}, 1, 1, planned(1), {}, {})
        assert sqlite.summaries() == []


class TestAppend:
    def test_samples_come_back_to_the_nanosecond(self, store: Store) -> None:
        run = plan(store)
        for cell in reversed(planned()):
            store.append(run, cell, result(cell))
        frame = store.samples(run)
        assert list(frame) == ["block", "label", "variant", "scale", "scenario", "temperature", "n", "seconds"]
        expected = np.concatenate([result(cell).latencies for cell in planned()])
        assert (np.rint(frame["seconds"] * 1e9).astype(np.int64) == expected).all()
        assert list(frame["n"][:26]) == [*range(25), 0]
        first = planned()[1]
        assert dict(frame.iloc[25][["block", "label", "variant"]]) == {
            "block": first.block,
            "label": first.label,
            "variant": first.variant,
        }

    def test_cells_are_summed_up(self, store: Store) -> None:
        run = plan(store)
        small, large = planned()[:2]
        store.append(run, small, result(small, 399))
        store.append(run, large, result(large, 400))
        frame = store.cells(run)
        assert list(frame["n"]) == [399, 400]
        assert frame["median_ns"][1] == np.rint(np.median(result(large, 400).latencies))
        assert pd.isna(frame["p95_ns"][0]), "fewer than 400 requests carry no 95th percentile"
        assert frame["p95_ns"][1] == round(float(empirical_quantile(result(large, 400).latencies, 0.95)))
        assert frame["first_ns"][0] == 7_000_000
        assert pd.isna(frame["first_ns"][1])
        assert list(frame["db_ms"]) == [1.25, 1.25]
        assert frame["started_at"][0] == result(small).started_at

    def test_a_cell_without_a_request_is_there_and_empty(self, store: Store) -> None:
        run = plan(store, 1)
        cell = planned(1)[0]
        nothing = CellResult(np.empty(0, np.int64), None, 0.1, datetime.now(UTC), 0, {}, 0, 3)
        store.append(run, cell, nothing)
        assert store.samples(run).empty
        assert list(store.cells(run)["errors"]) == [3]
        assert pd.isna(store.cells(run)["median_ns"][0])
        assert cell not in store.missing(run)

    def test_a_cell_is_measured_once(self, store: Store) -> None:
        run = plan(store)
        cell = planned()[0]
        store.append(run, cell, result(cell))
        before = store.samples(run)
        with pytest.raises(DuplicateCell, match=f"{run} already holds block 1, .*stays as it is"):
            store.append(run, cell, result(cell, 30))
        pd.testing.assert_frame_equal(store.samples(run), before)

    def test_a_lost_race_loses_nothing(self, url: str) -> None:
        with Store.open(url) as one, Store.open(url) as other:
            run = plan(one)
            cell = planned()[0]
            assert cell in one.missing(run)
            assert cell in other.missing(run)
            other.append(run, cell, result(cell))
            with pytest.raises(DuplicateCell):
                one.append(run, cell, result(cell))
            one.append(run, planned()[1], result(planned()[1]))
            assert other.missing(run) == planned()[2:]

    def test_a_cell_that_was_not_planned_is_refused(self, store: Store) -> None:
        run = plan(store)
        stranger = PlannedCell(9, 0, "index", "index", "tiny", "page", "cold")
        with pytest.raises(UsageError, match="no such cell: block 10, index, page"):
            store.append(run, stranger, result(stranger))

    @pytest.mark.parametrize("latencies", [np.array([1.5]), np.array([-1]), np.zeros((2, 2), int)])
    def test_latencies_are_whole_nanoseconds(self, sqlite: Store, latencies) -> None:
        run = plan(sqlite)
        cell = planned()[0]
        with pytest.raises(UsageError, match="whole nanoseconds"):
            sqlite.append(run, cell, CellResult(latencies, None, 0.1, datetime.now(UTC), 0))
        assert cell in sqlite.missing(run)

    def test_two_processes_append_at_once(self, url: str) -> None:
        script = (
            "import sys; from perfstudy.results import Store; from tests.results.conftest import result\n"
            "url, run, part = sys.argv[1:]\n"
            "with Store.open(url) as store:\n"
            "    for cell in store.schedule(run)[int(part)::2]: store.append(run, cell, result(cell))\n"
        )
        with Store.open(url) as store:
            run = plan(store, 10)
            root = str(Path(__file__).parents[2])
            processes = [
                subprocess.Popen([sys.executable, "-c", script, url, run, part], cwd=root, stderr=subprocess.PIPE)
                for part in "01"
            ]
            errors = [process.communicate(timeout=60)[1].decode() for process in processes]
            assert [process.returncode for process in processes] == [0, 0], errors
            assert store.missing(run) == []
            assert len(store.samples(run)) == 80 * 25

    def test_a_process_killed_while_it_appends_leaves_whole_cells(self, url: str) -> None:
        script = (
            "import sys; from perfstudy.results import Store; from tests.results.conftest import result\n"
            "with Store.open(sys.argv[1]) as store:\n"
            "    for cell in store.missing(sys.argv[2]): store.append(sys.argv[2], cell, result(cell))\n"
        )
        with Store.open(url) as store:
            run = plan(store, 40)
            root = str(Path(__file__).parents[2])
            process = subprocess.Popen([sys.executable, "-c", script, url, run], cwd=root)
            while len(store.missing(run)) > 310 and process.poll() is None:
                pass
            process.kill()
            assert process.wait() == -9, "it was killed before it was done"
            measured = set(planned(40)) - set(store.missing(run))
            assert measured == set(planned(40)[: len(measured)])
            assert (store.cells(run)["n"] == 25).all()
            for cell in store.missing(run):
                store.append(run, cell, result(cell))
            assert store.schedule(run) == planned(40)
            assert len(store.samples(run)) == 320 * 25


class TestRuns:
    def test_an_unfinished_run_is_found_again(self, store: Store) -> None:
        whole = complete(store)
        run = plan(store)
        store.append(run, planned()[0], result(planned()[0]))
        (found,) = store.unfinished()
        assert (found.id, found.cells, found.measured, found.missing) == (run, 24, 1, 23)
        assert str(found) == f"{run}: 1 of 24 cells, unfinished"
        assert list(store.runs()["run"]) == [run, whole]

    def test_a_run_with_gaps_cannot_be_finished(self, store: Store) -> None:
        run = plan(store)
        with pytest.raises(StoreError, match=f"misses 24 cells: resume it with perfstudy run --resume {run}"):
            store.finish(run, {})
        assert not store.run(run).finished

    def test_an_excluded_variant_is_not_missing(self, store: Store) -> None:
        run = plan(store)
        store.exclude(run, "baseline", "it answers otherwise")
        assert {cell.variant for cell in store.missing(run)} == {"index", "index+cache"}
        assert store.run(run).summary.cells == 12
        assert store.run(run).excluded == {"baseline": "it answers otherwise"}

    def test_everything_said_of_a_run_comes_back(self, store: Store) -> None:
        run = store.run(complete(store))
        assert run.finished
        assert run.telemetry["after"] == {"load": [1, 2, 3]}
        assert run.notes == {"wall_seconds": {"timed": 1.5}}
        evidence = {row["variant"]: row for row in run.evidence}
        assert evidence["index"]["statements"] == [{"sql": "SELECT 1", "count": 2}]
        assert evidence["index"]["temperature"] == "cold"
        assert [(row["variant"], row["shape"]) for row in run.plans] == [
            ("baseline", "Index Scan"),
            ("index", "Index Scan"),
        ]
        assert run.costs.to_dict("records") == [
            {"optimization": "index", "quantity": "size", "value": 1048576, "unit": "bytes"}
        ]

    def test_a_later_word_replaces_an_earlier_one(self, store: Store) -> None:
        run = plan(store)
        for count in (1, 2):
            store.add_evidence(run, "index", "tiny", "page", "cold", {"count": count})
            store.note(run, "a", count)
            store.add_costs(run, [{"value": count}])
        assert [row["count"] for row in store.evidence(run)] == [2]
        assert store.run(run).notes == {"a": 2}
        assert list(store.costs(run)["value"]) == [1, 2]

    def test_a_run_is_found_by_a_prefix_and_as_the_latest(self, store: Store) -> None:
        aa, ladder = plan(store, study="aa"), plan(store)
        assert store.run("aa").id == store.run("aa-tiny").id == aa
        assert store.run("latest").id == store.run().id == ladder
        other = plan(store)
        with pytest.raises(UsageError, match=f"could be {other} or {ladder}|could be {ladder} or {other}"):
            store.run("ladder")

    def test_a_part_that_was_joined_is_not_the_latest(self, store: Store) -> None:
        merged, part = plan(store), plan(store)
        assert store.run().id == part
        store.note(merged, MERGED, [part])
        assert store.run().id == merged

    @pytest.mark.parametrize("method", ["run", "samples", "cells", "evidence", "plans", "costs", "missing", "schedule"])
    def test_an_unknown_run_names_the_nearest(self, sqlite: Store, method: str) -> None:
        with pytest.raises(UsageError, match="unknown run 'x': there is none yet"):
            getattr(sqlite, method)("x")
        run = plan(sqlite)
        with pytest.raises(UsageError, match=f"unknown run 'laddr': did you mean {run}"):
            getattr(sqlite, method)("laddr")
        with pytest.raises(UsageError, match="unknown run ''"):
            getattr(sqlite, method)("")

    def test_a_run_is_readable_after_its_store_was_closed(self, url: str) -> None:
        with Store.open(url) as store:
            run = store.run(complete(store))
        assert len(run.samples) == 600
        run.store.close()


def test_a_million_samples_cost_less_than_20_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    rng = np.random.default_rng(1)
    with Store.open(path) as store:
        run = plan(store, 5)
        for cell in planned(5):
            latencies = rng.lognormal(16, 0.5, 25_000).astype(np.int64)
            store.append(run, cell, CellResult(latencies, None, 0.1, datetime.now(UTC), 5))
        assert len(store.samples(run)) == 1_000_000
    assert path.stat().st_size < 20_000_000
    assert not list(tmp_path.glob("*-wal")), "the write-ahead log is folded in at the end"
