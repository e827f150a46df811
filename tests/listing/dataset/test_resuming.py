"""A load that is killed goes on where it was, and ends as one that was not."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from perfstudy.errors import PerfstudyError
from perfstudy.lab.access import Postgres
from perfstudy.lab.postgres import PostgresServer
from perfstudy.listing.dataset import load, read_facts, sending
from perfstudy.listing.dataset.generate import CHUNK, Rows
from perfstudy.listing.dataset.loading import can_resume, connect
from perfstudy.listing.dataset.resuming import lock
from perfstudy.listing.lab import Lab
from perfstudy.paths import PROJECT

from .test_loading import COLUMNS, CONSTRAINTS, INDEXES, Make, ask

KILLED = """
import os, signal, sys
from perfstudy.listing.dataset import load, resuming, sending
def stop(stage, done):
    # Two indexes may end at once, and are then reported together.
    if stage == sys.argv[2] and done >= int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
advance, sending.PORTION = resuming.advance, int(sys.argv[4])
resuming.advance = lambda connection, digests: (stop("chunks", len(digests) - 1), advance(connection, digests))
load(sys.argv[1], "small", lambda stage, done, total: stop(stage, done))
"""
TABLES = ("ads_business", "ads_programregistry")
CONTENT = "SELECT count(*), md5(string_agg(t::text, '' ORDER BY id)) FROM {} t"
FILES = "SELECT relname, relfilenode FROM pg_class JOIN pg_index ON oid = indexrelid WHERE relname ~ '^ads'"
PAGES = "SELECT relpages, relallfrozen FROM pg_class WHERE relname = 'ads_programregistry'"


def kill_at(url: str, stage: str, done: int) -> None:
    """Load the scale small in portions of a chunk; kill the process when it has *done* of *stage*, or more."""
    command = [sys.executable, "-c", KILLED, url, stage, str(done), str(CHUNK)]
    assert subprocess.run(command, cwd=PROJECT, check=False).returncode == -9


def refuse_other_data(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert can_resume(url, "small")
    assert not can_resume(url, "tiny")
    monkeypatch.setattr("perfstudy.listing.dataset.resuming.compute_checksum", lambda scale: "0" * 16)
    assert not can_resume(url, "small")
    with pytest.raises(PerfstudyError, match="is not empty"):
        load(url, "small")


def refuse_a_second_loader(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with connect(url) as other:
        lock(other)
        monkeypatch.setattr("perfstudy.listing.dataset.resuming.PATIENCE", "1ms")
        with pytest.raises(PerfstudyError, match=r"another process loads the database 'perfstudy_.*': wait until"):
            load(url, "small")


@pytest.mark.parametrize(("stage", "done", "made"), [("chunks", 2, [1, 2]), ("indexes", 3, [])])
def test_a_killed_load_is_continued(
    empty: Make, lab: Lab, monkeypatch: pytest.MonkeyPatch, stage: str, done: int, made: list[int]
) -> None:
    url, seen, programs = empty(), list[int](), Rows.programs
    kill_at(url, stage, done)
    before = ask(url, FILES)
    for refuse in (refuse_other_data, refuse_a_second_loader):
        with monkeypatch.context() as patch:
            refuse(url, patch)
    with lab.database("small") as whole:
        # Only now: the lab may have had to make the same scale first.
        monkeypatch.setattr(Rows, "programs", lambda rows, chunk: seen.append(chunk) or programs(rows, chunk))
        assert load(url, "small") == whole.facts == read_facts(url, "small")
        for query in (*(CONTENT.format(table) for table in TABLES), COLUMNS, CONSTRAINTS, INDEXES):
            assert ask(url, query) == ask(whole.url, query)
        (pages, frozen), (fewest, _) = ask(url, PAGES)[0], ask(whole.url, PAGES)[0]
    assert seen == made
    assert bool(before) == (stage == "indexes")
    assert set(before[:1]) <= set(ask(url, FILES))
    assert frozen > 0.98 * fewest
    assert pages < 1.1 * fewest
    assert not can_resume(url, "small")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PostgresServer]:
    """A server of the test's own, which it may kill."""
    own = PostgresServer(tmp_path, Path(tempfile.mkdtemp()))
    own.start()
    yield own
    own.stop()
    shutil.rmtree(own.scratch)


def test_a_load_goes_on_after_its_server_was_killed(
    server: PostgresServer, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PORTION", CHUNK)
    main = psutil.Process(server.process.pid)

    def kill(stage: str, done: float, total: float) -> None:
        if stage == "rows" and done >= 2 * CHUNK and main.is_running():
            for process in (main, *main.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):  # backends end by themselves once the main process has gone
                    process.kill()

    with pytest.raises(PerfstudyError, match="load it again to continue"):
        load(Postgres.embedded(server.address()).url(), "small", kill)
    server.start()
    url = Postgres.embedded(server.address()).url()
    assert can_resume(url, "small")
    with lab.database("small") as whole:
        assert load(url, "small") == whole.facts
        for query in (*(CONTENT.format(table) for table in TABLES), COLUMNS, CONSTRAINTS, INDEXES):
            assert ask(url, query) == ask(whole.url, query)


def test_rows_of_another_checksum_are_not_continued(empty: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    url = empty()
    monkeypatch.setattr(sending, "PORTION", CHUNK)
    monkeypatch.setattr("perfstudy.listing.dataset.checksums.read_stored", lambda scale: "0" * 64)
    with pytest.raises(PerfstudyError, match="the rows of scale 'small' have the checksum"):
        load(url, "small")
    assert not can_resume(url, "small")
