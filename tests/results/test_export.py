"""Exports: a round trip gives the identical run; whatever is not whole is refused whole."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.results import Store, document, export
from perfstudy.results.document import NotAnExport
from perfstudy.results.plain import digest
from tests.results.conftest import VERDICTS, complete, plan, planned, result


@pytest.fixture
def other(tmp_path: Path):
    """Another machine's empty store."""
    with Store.open(tmp_path / "other.sqlite") as store:
        yield store


@pytest.mark.parametrize("format", ["parquet", "json"])
def test_a_round_trip_gives_the_identical_run(store: Store, other: Store, tmp_path: Path, format: str) -> None:
    run = complete(store)
    path = export.export(store, "latest", format, tmp_path / f"run.{format}", VERDICTS)
    assert export.import_file(other, path) == export.import_file(other, path) == run
    assert document.dump(other, run) == document.dump(store, run)
    assert other.run(run).summary == store.run(run).summary
    assert other.schedule(run) == store.schedule(run)
    for table in ("samples", "cells", "costs"):
        pd.testing.assert_frame_equal(getattr(other, table)(run), getattr(store, table)(run))
    assert other.evidence(run) == store.evidence(run)
    assert other.plans(run) == store.plans(run)


def test_an_export_of_sqlite_is_read_by_the_other_database(sqlite: Store, new_database: Callable[[], str]) -> None:
    run = complete(sqlite)
    with Store.open(new_database()) as other:
        document.restore(other, document.dump(sqlite, run))
        assert export.dumps(other, run, "json") == export.dumps(sqlite, run, "json")


def test_an_unfinished_run_can_go_on_elsewhere(sqlite: Store, other: Store, tmp_path: Path) -> None:
    run = plan(sqlite)
    sqlite.append(run, planned()[0], result(planned()[0]))
    export.import_file(other, export.export(sqlite, run, "parquet", tmp_path))
    assert other.missing(run) == planned()[1:]
    other.append(run, planned()[1], result(planned()[1]))


def test_parquet_is_a_table_of_samples_for_other_tools(sqlite: Store, tmp_path: Path) -> None:
    run = complete(sqlite)
    path = export.export(sqlite, run, "parquet", tmp_path)
    assert path == tmp_path / f"{run}.parquet"
    frame = pd.read_parquet(path)
    assert list(frame)[:2] == ["cell", "nanoseconds"]
    pd.testing.assert_frame_equal(frame[frame.columns[2:]], sqlite.samples(run))
    assert (frame["nanoseconds"] / 1e9 == frame["seconds"]).all()


def test_csv_is_the_table_of_samples(sqlite: Store, tmp_path: Path) -> None:
    run = complete(sqlite)
    frame = pd.read_csv(export.export(sqlite, run, "csv", tmp_path / "x.csv"))
    pd.testing.assert_frame_equal(frame, sqlite.samples(run))


def test_a_run_that_is_there_is_left_alone(sqlite: Store, tmp_path: Path) -> None:
    run = complete(sqlite)
    path = export.export(sqlite, run, "json", tmp_path)
    assert export.import_file(sqlite, path) == run
    sqlite.note(run, "later", True)
    with pytest.raises(NotAnExport, match=f"holds {run}, and the store .* holds another state of it"):
        export.import_file(sqlite, path)
    assert len(sqlite.summaries()) == 1


@pytest.mark.parametrize("format", ["parquet", "json"])
@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9, 0.9999])
def test_a_truncated_file_is_refused_whole(
    sqlite: Store, other: Store, tmp_path: Path, format: str, share: float
) -> None:
    path = export.export(sqlite, complete(sqlite), format, tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(NotAnExport, match=rf"{path.name} is .*; nothing was imported"):
        export.import_file(other, path)
    assert other.summaries() == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b"block,label\n0,baseline\n", "neither JSON nor parquet"),
        (b"\x00\xff\xfe", "neither JSON nor parquet"),
        (b"{}", "is not an export of results"),
        (b'{"format": "other"}', "is not an export of results"),
        (b"[" * 100_000, "neither JSON nor parquet"),
        (b'{"a":' * 100_000, "truncated or damaged"),
        (b"PAR1 and no more", "truncated or damaged"),
    ],
)
def test_a_file_that_is_no_export_is_refused(sqlite: Store, tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(NotAnExport, match=words):
        export.import_file(sqlite, path)
    assert sqlite.summaries() == []


def test_parquet_of_something_else_is_refused(sqlite: Store, tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    for metadata in (None, {b"perfstudy": b"[]"}, {b"perfstudy": b'{"samples": []}'}):
        pq.write_table(pa.table({"a": [1]}).replace_schema_metadata(metadata), path)
        with pytest.raises(NotAnExport, match="is parquet, but not an export"):
            export.import_file(sqlite, path)


def test_a_file_that_is_not_there_is_named(sqlite: Store, tmp_path: Path) -> None:
    with pytest.raises(NotAnExport, match="cannot be read: No such file"):
        export.import_file(sqlite, tmp_path / "none.json")


def changed(whole: dict, change: Callable[[dict], object], honest: bool) -> dict:
    """Return a document after a change; an *honest* one carries the digest of what it became."""
    change(whole)
    if honest:
        body = {name: whole.get(name) for name in ("environment", "run", *document.TABLES)}
        whole["digest"] = digest(body)
    return whole


@pytest.mark.parametrize(
    ("change", "words", "honest"),
    [
        (lambda d: d.update(schema=3), "is of schema 3, and this perfstudy reads schema 2", False),
        (lambda d: d["samples"][3]["nanoseconds"].__setitem__(0, 1), "does not match its digest", False),
        (lambda d: d["cells"].pop(), "contradicts itself", True),
        (lambda d: d["cells"].append(d["cells"][0]), "contradicts itself", True),
        (lambda d: d["run"].pop("seed"), r"has a run with other columns: \['seed'\]", True),
        (lambda d: d["run"].update(id="../../etc"), "an id that is none: '../../etc'", True),
        (lambda d: d["run"].update(seed="seven"), "has 'seven' where run.seed belongs", True),
        (lambda d: d["run"].update(seed=2**70), "has 1180591620717411303424 where run.seed belongs", True),
        (lambda d: d["run"].update(created_at="yesterday"), "is not an export of results: ValueError", True),
        (lambda d: d["samples"][0].update(nanoseconds=["a"]), "has a response time that is none: 'a' ns", True),
        (lambda d: d["samples"][0].update(n=3), "counted 3 latencies and holds 25", True),
        (lambda d: d["environment"].update(cpus=3), "the environment is not the one of the run", True),
        (lambda d: d.update(samples=None), "is not an export of results: TypeError", True),
    ],
)
def test_a_changed_document_is_refused_whole(
    sqlite: Store, other: Store, tmp_path: Path, change, words, honest
) -> None:
    whole = json.loads(export.dumps(sqlite, complete(sqlite), "json"))
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(changed(whole, change, honest)))
    with pytest.raises(NotAnExport, match=words):
        export.import_file(other, path)
    assert other.summaries() == []
    with other.reading() as session:
        for table in document.TABLES.values():
            assert session.query(table).count() == 0


def test_parquet_of_another_schema_is_refused(sqlite: Store, other: Store, tmp_path: Path) -> None:
    table = pq.read_table(io.BytesIO(export.dumps(sqlite, complete(sqlite), "parquet")))
    for end, words in ((len(table), "is of schema 3"), (len(table) - 1, "its rows are not as many")):
        text = table.schema.metadata[b"perfstudy"].replace(b'"schema":2', b'"schema":3')
        pq.write_table(table.slice(0, end).replace_schema_metadata({b"perfstudy": text}), tmp_path / "x.parquet")
        with pytest.raises(NotAnExport, match=words):
            export.import_file(other, tmp_path / "x.parquet")
    assert other.summaries() == []


def test_an_unknown_format_names_the_nearest(sqlite: Store) -> None:
    with pytest.raises(UsageError, match="unknown format 'parket': did you mean parquet"):
        export.export(sqlite, complete(sqlite), "parket")


def test_a_place_that_cannot_be_written_is_named_and_nothing_is_left(sqlite: Store, tmp_path: Path) -> None:
    with pytest.raises(PerfstudyError, match="cannot be written: No such file or directory"):
        export.export(sqlite, complete(sqlite), "json", tmp_path / "none" / "x.json")
    assert {path.name for path in tmp_path.iterdir()} <= {f"results.sqlite{end}" for end in ("", "-wal", "-shm")}
