"""A server that is killed while a run is measured: the run goes on, and says that the server was restarted."""

import signal
from dataclasses import replace
from pathlib import Path

import pytest

from perfstudy.commands.verdicts import load_findings, print_verdicts
from perfstudy.listing.compiling import arms
from perfstudy.listing.definition import SERVICE
from perfstudy.listing.fragile import restart, start_fragile_lab
from perfstudy.listing.studies import declare
from perfstudy.listing.variant import BASELINE, parse
from perfstudy.measure.runner import Runner
from perfstudy.report.judgement import warnings
from perfstudy.report.material import collect_material
from perfstudy.results import Store
from perfstudy.results.remarks import RESTARTED

STUDY = declare(
    name="restarts",
    title="A study whose Redis is killed",
    arms=arms([BASELINE, parse("related+values+cache")], control=False),
    scenarios=("page",),
    scales=("tiny",),
    blocks=1,
    requests=2,
    least=1,
    costs=None,
)


def test_a_run_says_that_redis_was_started_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with start_fragile_lab() as servers, Store.open(tmp_path / "store.sqlite") as store:
        servers.lab.service = replace(SERVICE, gate=lambda facts, seed: [])  # what is compared is no matter here

        def kill(stage: str, done: float, total: float) -> None:
            if (stage, done) == ("measuring", 1):
                servers.redis.process.send_signal(signal.SIGKILL)
                servers.redis.process.wait()
                restart(servers.redis)

        killed = Runner(servers.lab, store, kill)
        killed.fill(run := killed.start(STUDY, seed=1))
        assert store.run(run).notes[RESTARTED] == ["Redis"]
        assert store.run(run).finished
        assert any(
            "Redis stopped or was restarted during the run" in line
            for line in warnings(collect_material(store.run(run)))
        )
        print_verdicts(load_findings(store, run))
        assert "warning: Redis stopped or was restarted during the run" in capsys.readouterr().out
