"""Several processes measure one run in one PostgreSQL store: each block is stored once, whoever dies."""

import random
import subprocess
import sys
from collections.abc import Callable

import pytest

from perfstudy.errors import UsageError
from perfstudy.results import Store, document
from perfstudy.results.joining import add_part, list_free_blocks
from perfstudy.results.machines import MERGED, read_machines
from perfstudy.results.merging import Part
from tests.results.conftest import DECLARATION, IDENTITY, plan, planned, result

BLOCKS = 24
TAKE_PART = """
import sys
from perfstudy.results import Store
from perfstudy.results.joining import add_part, list_free_blocks
from tests.results.test_sharing import make_part

with Store.open(sys.argv[1]) as store, store.participate(sys.argv[2]) as claims:
    for block in claims.take_each(lambda: list_free_blocks(store, sys.argv[2])):
        print("claimed", block, flush=True)
        add_part(store, sys.argv[2], make_part(block))
"""


def make_part(block: int, blocks: int = BLOCKS, **identity: object) -> Part:
    """What a lab would have measured of *block*."""
    with Store.open("sqlite://") as store:
        run = store.plan("ladder", DECLARATION, 7, blocks, planned(blocks), IDENTITY | identity, {})
        for cell in store.missing(run):
            if cell.block == block:
                store.append(run, cell, result(cell))
        return Part(f"block {block}", document.read(document.dump(store, run)))


@pytest.fixture
def url(new_database: Callable[[], str]) -> str:
    return new_database()


def test_no_block_is_lost_or_doubled_when_processes_are_killed(store: Store, url: str) -> None:
    run = plan(store, BLOCKS)
    command = [sys.executable, "-c", TAKE_PART, url, run]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    drawn = random.Random(7)
    claimed = []
    for process in processes[:-1]:
        assert process.stdout
        for _ in range(drawn.randint(1, 3)):
            claimed.append(process.stdout.readline())
        process.kill()  # in mid-block, or while the block is written
    for process in processes:
        claimed += process.communicate()[0].splitlines(keepends=True)
    assert processes[-1].returncode == 0
    assert {line.strip() for line in claimed} >= {f"claimed {block}" for block in range(BLOCKS)}
    assert store.missing(run) == []
    found = {row["position"] + 100 * row["block"]: row["latencies"] for row in store.read_packed(run)}
    single = plan(store, BLOCKS)
    for cell in store.missing(single):
        store.append(single, cell, result(cell))
    assert found == {row["position"] + 100 * row["block"]: row["latencies"] for row in store.read_packed(single)}
    assert store.run(run).notes[MERGED]
    assert [sorted(one.blocks) for one in read_machines(store.run(run).notes)] == [list(range(BLOCKS))]


def test_a_block_that_came_twice_stays_as_it_came_first(store: Store) -> None:
    run = plan(store)
    assert add_part(store, run, make_part(1, 3))
    assert not add_part(store, run, make_part(1, 3, cpu="another"))
    assert add_part(store, run, make_part(0, 3, cpu="another"))
    assert list_free_blocks(store, run) == [2]
    machines = read_machines(store.run(run).notes)
    assert [(one.identity["cpu"], one.blocks) for one in machines] == [("Modell ü", {1}), ("another", {0})]


def test_a_foreign_block_is_refused(store: Store) -> None:
    run = plan(store, requests=9)
    with pytest.raises(UsageError, match=f"block 1 is no part of the run of {run}: study.requests: 9 and 400"):
        add_part(store, run, make_part(1, 3))
    assert len(store.missing(run)) == len(store.schedule(run))


def test_one_process_alone_and_several_exclude_each_other(store: Store) -> None:
    run = plan(store)
    with store.participate(run) as one, store.participate(run) as other:
        with pytest.raises(UsageError, match="is being measured already"), store.hold_claim(run):
            pass
        firsts = [next(claims.take_each(lambda: [0, 1])) for claims in (one, other)]
        assert firsts == [0, 0], "a claim ends with what asked for it"
        first = one.take_each(lambda: [0, 1])
        assert (next(first), next(other.take_each(lambda: [0, 1]))) == (0, 1)
    with store.hold_claim(run), pytest.raises(UsageError, match="is being measured"), store.participate(run):
        pass


def test_a_file_is_not_shared(sqlite: Store) -> None:
    with pytest.raises(UsageError, match="set PERFSTUDY_STORE to postgresql://"):
        sqlite.check_shareable()


def test_a_block_from_before_the_run_was_shared_keeps_its_machine(store: Store) -> None:
    run = plan(store)
    for cell in store.missing(run):
        if cell.block == 0:
            store.append(run, cell, result(cell))
    assert add_part(store, run, make_part(1, 3, cpu="another"))
    assert add_part(store, run, make_part(2, 3, cpu="another"))
    found = read_machines(store.run(run).notes)
    assert {one.identity["cpu"]: set(one.blocks) for one in found} == {IDENTITY["cpu"]: {0}, "another": {1, 2}}
