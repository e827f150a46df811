"""The claim on a run: one process at a time, and free again as soon as that process has ended."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from perfstudy.errors import UsageError
from perfstudy.lab.processes import wait_until
from perfstudy.results import Store, StoreError
from tests.results.conftest import plan

HOLD = """
import sys
from perfstudy.results import Store
with Store.open(sys.argv[1]) as store, store.hold_claim(sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


class Holder:
    """A process that holds the claim on a run until it is ended."""

    def __init__(self, url: str, run: str) -> None:
        command = [sys.executable, "-c", HOLD, url, run]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "held\n"


@pytest.fixture
def run(store: Store) -> str:
    return plan(store)


@pytest.fixture
def holder(url: str, run: str) -> Iterator[Holder]:
    one = Holder(url, run)
    yield one
    one.process.kill()
    one.process.communicate()


def claimable(store: Store, run: str) -> bool:
    try:
        with store.hold_claim(run):
            return True
    except UsageError:
        return False


def test_a_second_process_is_refused_and_told_which_is_the_first(store: Store, run: str, holder: Holder) -> None:
    words = f"run {run} is being measured already, by process {holder.process.pid}: "
    for _ in range(2):
        with pytest.raises(UsageError, match=words), store.hold_claim(run):
            pass
    with store.hold_claim(plan(store, study="other")):
        pass


@pytest.mark.parametrize("kill", [True, False])
def test_the_claim_ends_with_its_process(store: Store, run: str, holder: Holder, kill: bool) -> None:
    if kill:
        holder.process.kill()
    holder.process.communicate()
    # The kernel frees a file's lock with the process; a server has to read the end of a connection first.
    assert wait_until(lambda: claimable(store, run), 30)


def test_a_claim_leaves_no_file_behind(sqlite: Store, tmp_path: Path) -> None:
    run = plan(sqlite)
    with sqlite.hold_claim(run):
        assert list(tmp_path.glob("*.lock"))
        assert not claimable(sqlite, run)
    assert not list(tmp_path.glob("*.lock"))
    assert claimable(sqlite, run)


def test_a_link_is_no_lock(sqlite: Store, tmp_path: Path) -> None:
    run, victim = plan(sqlite), tmp_path / "victim"
    victim.write_text("kept")
    with sqlite.hold_claim(run):
        (lock,) = tmp_path.glob("*.lock")
    lock.symlink_to(victim)
    with pytest.raises(StoreError, match="cannot be made"), sqlite.hold_claim(run):
        pass
    assert victim.read_text() == "kept"
