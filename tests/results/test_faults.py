"""Stores that cannot be used: locked, full, read-only, foreign; what was committed stays."""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import create_engine, event, text

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.results import Store, StoreError, document
from tests.results.conftest import plan, planned, result


def begun(store: Store) -> str:
    """Plan a run and measure its first cell."""
    run = plan(store)
    store.append(run, planned()[0], result(planned()[0]))
    return run


def append_second(store: Store, run: str) -> None:
    store.append(run, planned()[1], result(planned()[1]))


def test_the_default_store_is_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERFSTUDY_HOME", str(tmp_path / "deep" / "home"))
    with Store.open() as store:
        plan(store)
    path = tmp_path / "deep" / "home" / "results.sqlite"
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_locked_file_is_named_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    with Store.open(path, timeout=0.05) as store:
        run = begun(store)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"results\.sqlite is locked by another process: wait"):
            append_second(store, run)
        assert len(store.samples(run)) == 25, "a reader does not wait for a writer"
        other.execute("ROLLBACK")
        other.close()
        append_second(store, run)
        assert len(store.missing(run)) == 22


def test_a_locked_table_of_postgresql_is_named_and_loses_nothing(new_database: Callable[[], str]) -> None:
    url = new_database()
    with Store.open(url, timeout=0.05) as store:
        run = begun(store)
        other = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        with other.connect() as connection:
            connection.execute(text("LOCK TABLE sample IN EXCLUSIVE MODE"))
            with pytest.raises(StoreError, match="is locked by another process") as caught:
                append_second(store, run)
        other.dispose()
        assert ":***@" in str(caught.value), "the password is not shown"
        append_second(store, run)
        assert len(store.missing(run)) == 22


def test_a_full_disk_is_named_and_loses_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path / "results.sqlite") as store:
        run = begun(store)
        before = store.samples(run)

        @event.listens_for(store._engine, "begin")
        def no_more_pages(connection) -> None:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")

        with pytest.raises(StoreError, match="has no room left on its disk: free some space, then resume the run"):
            store.append(run, planned()[1], result(planned()[1], 50_000))
        event.remove(store._engine, "begin", no_more_pages)
        pd.testing.assert_frame_equal(store.samples(run), before)
        store._engine.dispose()
        append_second(store, run)
        assert len(store.missing(run)) == 22


def test_a_store_opened_to_read_is_not_written(url: str) -> None:
    with Store.open(url) as store:
        run = begun(store)
    with Store.open(url, read_only=True) as store:
        assert len(store.samples(run)) == 25
        with pytest.raises(StoreError, match="may only be read"):
            append_second(store, run)
        assert len(store.samples(run)) == 25


@pytest.fixture
def protected() -> Iterator[Path]:
    """A file that this process may read and not write, in such a folder; root gives its rights up for it."""
    with tempfile.TemporaryDirectory(prefix="perfstudy-") as folder:
        path = Path(folder) / "results.sqlite"
        with Store.open(path) as store:
            begun(store)
        path.chmod(0o444)
        path.parent.chmod(0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield path
        finally:
            if root:
                os.seteuid(0)
            path.parent.chmod(0o755)


def test_a_file_without_the_right_to_write_is_still_read(protected: Path) -> None:
    with Store.open(protected, read_only=True) as store:
        assert len(store.samples("latest")) == 25


def test_a_file_without_the_right_to_write_is_named(protected: Path) -> None:
    words = r"results\.sqlite (may only be read|cannot be opened).*(right to write|may write)"
    with pytest.raises(StoreError, match=words), Store.open(protected) as store:
        append_second(store, "latest")


def test_reading_a_store_that_is_not_there_makes_none(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no result store at .*x\.sqlite yet: perfstudy run makes one"):
        Store.open(tmp_path / "x.sqlite", read_only=True)
    assert not (tmp_path / "x.sqlite").exists()


def test_reading_an_empty_database_says_so(url: str, tmp_path: Path) -> None:
    (tmp_path / "results.sqlite").touch()
    with pytest.raises(StoreError, match="is empty, so there is no result to read"):
        Store.open(url, read_only=True)


@pytest.mark.parametrize("read_only", [False, True])
def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but a text that is long enough to look like one" * 100)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"notes\.txt is not a database: name another file"):
        Store.open(path, read_only=read_only)
    assert path.read_bytes() == before


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    with Store.open(path) as store:
        run = begun(store)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(StoreError, match=r"results\.sqlite is damaged"):
        document.dump(Store.open(path), run)


def test_the_tables_of_another_program_are_left_alone(url: str) -> None:
    engine = create_engine(f"sqlite:///{url}" if "://" not in url else url.replace("sql://", "sql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE invoice (id integer)"))
    with pytest.raises(StoreError, match=r"holds other tables \(invoice\), not results"):
        Store.open(url)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA journal_mode")).scalar() == "delete"
        assert connection.execute(text("SELECT count(*) FROM invoice")).scalar() == 0
    engine.dispose()


@pytest.mark.parametrize("read_only", [False, True])
def test_another_version_of_the_schema_is_refused_by_name(url: str, read_only: bool) -> None:
    with Store.open(url) as store:
        plan(store)
        with store.writing() as session:
            session.execute(text("UPDATE schema_version SET version = 7"))
    with pytest.raises(StoreError, match="is of schema 7, and this perfstudy works with schema 2"):
        Store.open(url, read_only=read_only)


def test_a_store_that_is_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot be opened|cannot be made"):
        Store.open(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be made"):
        Store.open(tmp_path / "file" / "results.sqlite")


@pytest.mark.parametrize("url", ["nonsense://x", "://", "cassandra+no://h/x"])
def test_an_address_that_is_none_is_bad_usage(url: str) -> None:
    with pytest.raises(UsageError, match="the store"):
        Store.open(url)


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(PerfstudyError, match=r"the store postgresql\+psycopg://u:\*\*\*@127\.0\.0\.1:1/x") as caught:
        Store.open("postgresql://u:secret@127.0.0.1:1/x", timeout=1)
    assert "secret" not in str(caught.value)


def test_many_may_create_the_same_store_at_once(url: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: Store.open(url), range(8)))
    for store in stores:
        plan(store)
        store.close()
    with Store.open(url) as store:
        assert len(store.summaries()) == 8
        with store.reading() as session:
            assert session.execute(text("SELECT count(*) FROM schema_version")).scalar() == 1
