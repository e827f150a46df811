"""``run --share`` and ``--join``: a study that is measured by turns is one run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from perfstudy.results import Store
from perfstudy.results.machines import MERGED, read_machines
from tests.commands.test_commands import here
from tests.measure.test_own import SOUND, write
from tests.results.conftest import new_database  # noqa: F401 - a fixture


def test_a_shared_run_is_finished_by_another_process(new_database: Callable[[], str], tmp_path: Path) -> None:  # noqa: F811
    url = new_database()
    write(tmp_path, SOUND + 'odd("other", "prints"),')
    (study,) = tmp_path.glob("*.py")
    first = here("run", str(study), "--share", "--within", "0.1s", PERFSTUDY_STORE=url)
    assert first.returncode == 0, first.stderr
    with Store.open(url) as store:
        run = store.run()
        assert not run.finished
        assert f"missing: blocks 1, 2; `perfstudy run --join {run.id} --trust-commands` goes on" in first.stdout
        assert f"`perfstudy run --join {run.id} --trust-commands`" in first.stderr
        asked = here("run", "--join", run.id, PERFSTUDY_STORE=url)
        assert (asked.returncode, asked.stderr.count("\n")) == (2, 1)
        assert "add --trust-commands" in asked.stderr
        second = here("run", "--join", run.id[:-2], "--trust-commands", PERFSTUDY_STORE=url)
        assert second.returncode == 0, second.stderr
        assert "report: " in second.stdout
        run = store.run()
        assert run.finished
        assert len(run.cells) == len(store.schedule(run.id))
        assert run.evidence
        assert len(run.notes[MERGED]) == 1
        assert [one.blocks for one in read_machines(run.notes)] == [{0, 1}]
    again = here("run", "--join", run.id, PERFSTUDY_STORE=url)
    assert (again.returncode, again.stderr.count("\n")) == (2, 1)
    assert "is finished" in again.stderr


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--share"], "is a file"),
        (["--share", "--join", "latest"], "--share and --join are given"),
        (["--join", "latest", "--shard", "1/2"], "--join and --shard are given"),
    ],
)
def test_what_cannot_be_shared_is_refused(more: list[str], words: str, tmp_path: Path) -> None:
    found = here("run", *more, store=tmp_path / "store.sqlite")
    assert (found.returncode, found.stdout, found.stderr.count("\n")) == (2, "", 1)
    assert words in found.stderr
