"""Competitors and variants: measured by the same machinery, counted only where they say what the baseline says."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import limits, peers
from benchmarks.limits import LOWER_BOUNDS
from benchmarks.peers import make_gunicorn_command
from perfstudy import findings, paths
from perfstudy.analysis.effect import log_midmean
from perfstudy.commands.concluding import conclude
from perfstudy.commands.failing import Ending
from perfstudy.drivers.http import Client
from perfstudy.evidence import equivalence
from perfstudy.listing import targets
from perfstudy.listing.compiling import arms, declare_competitor
from perfstudy.listing.gate import draw_requests, identify_content
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.studies import declare
from perfstudy.listing.variant import BASELINE
from perfstudy.measure import evidence_pass
from perfstudy.measure.runner import Runner
from perfstudy.measure.schedule import draw_schedule
from perfstudy.model.catalog import restore
from perfstudy.model.study import Study
from perfstudy.results import Store
from perfstudy.results.resultset import ResultSet

CONSTANT, REDIS, SOCKET, POSTGRES, DJANGO = LOWER_BOUNDS
CACHED = replace(REDIS, label="cached", name="cached", caches=True)
WRONG = declare_competitor("wrong", "Wrong", make_gunicorn_command("tests.benchmarks.wrong:application"))
ABSENT = declare_competitor("absent", "Absent", ("{home}/peers/bin/nothing-of-this-name",))

STUDY = declare(
    name="competitors",
    title="Competitors with the baseline",
    arms=(*arms([BASELINE]), *(CONSTANT, SOCKET, POSTGRES, DJANGO, CACHED, WRONG, ABSENT)),
    scenarios=("page",),
    scales=("tiny",),
    blocks=2,
    requests=5,
    least=2,
)


@pytest.fixture(scope="module")
def run(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> ResultSet:
    """A finished run of the study above."""
    with Store.open(tmp_path_factory.mktemp("competitors") / "store.sqlite") as store:
        runner = Runner(lab, store)
        runner.fill(name := runner.start(replace(STUDY, costs=None), seed=3))
        return store.run(name)


def test_what_says_the_same_is_measured(run: ResultSet) -> None:
    counted = {"baseline", CONSTANT.name, SOCKET.name, POSTGRES.name, DJANGO.name, CACHED.name}
    assert set(run.cells["variant"]) == counted
    evidence = {entry["variant"]: entry for entry in run.evidence if entry["scenario"] == "page"}
    for one in (CONSTANT, SOCKET, POSTGRES, DJANGO, CACHED):
        assert evidence[one.name]["gate_differences"] == 0 < evidence[one.name]["gate_requests"]
        assert evidence[one.name]["bytes"] == evidence["baseline"]["bytes"]


def test_what_says_something_else_is_excluded(run: ResultSet) -> None:
    assert "answers differ" in run.excluded[WRONG.name]


def test_what_cannot_be_served_is_not_testable_and_stops_nothing(run: ResultSet) -> None:
    assert run.excluded[ABSENT.name].startswith("not testable here: ")
    assert "nothing-of-this-name" in run.excluded[ABSENT.name]


def test_a_caching_competitor_is_cold_and_warm(run: ResultSet) -> None:
    """Its cache is emptied before each cold request, and full for the warm ones, though its answers do not say so."""
    seen = {e["temperature"]: e for e in run.evidence if e["variant"] == CACHED.name and e["scenario"] == "page"}
    assert (seen["cold"]["cache_server_hits"], seen["cold"]["cache_server_misses"]) == (0, 1)
    assert (seen["warm"]["cache_server_hits"], seen["warm"]["cache_server_misses"]) == (1, 0)
    cells = run.cells.query("variant == @CACHED.name and scenario == 'page'")
    assert set(cells["temperature"]) == {"cold", "warm"}


def test_findings_take_competitors_for_what_they_are(run: ResultSet) -> None:
    found = findings.Findings(run)
    assert found.labels[:2] == ["baseline", "baseline (control)"]
    (place,) = [place for place in found.places if place.scenario == "page"]
    assert found.caches(CACHED.name)
    assert not found.caches(CONSTANT.name)
    assert found.cells(CONSTANT.name, place, "warm") == found.cells(CONSTANT.name, place, "cold") != {}
    compared = findings.comparisons(run)
    assert compared.query("label == @CONSTANT.name and scenario == 'page'")["speedup"].notna().all()
    assert findings.attribution(run).empty
    assert len(findings.verdicts(run)) > 0


def test_ratios_are_those_of_the_blocks_middles(run: ResultSet) -> None:
    frame = targets.compute_ratios(run, CONSTANT.name, "cold").query("scenario == 'page'")
    found = findings.Findings(run)
    (place,) = [place for place in found.places if place.scenario == "page"]
    theirs = found.cells(CONSTANT.name, place, "cold")
    for row in frame.itertuples():
        mine = found.cells(row.label, place, row.temperature)
        logs = [log_midmean(mine[block]) - log_midmean(theirs[block]) for block in theirs]
        assert row.ratio == pytest.approx(np.exp(np.mean(logs)))
        assert row.low <= row.ratio <= row.high


def test_a_target_is_judged_where_both_sides_were_measured(run: ResultSet) -> None:
    target = targets.Target(
        name="the baseline, against the quickest of two",
        mine=targets.Side(labels=("baseline",)),
        theirs=targets.Side(labels=(CONSTANT.name, POSTGRES.name, "absent")),
        most={"page": 1e9, "all": 1.0},
    )
    (row,) = targets.judge(run, [target]).to_dict("records")
    # Which one that was is the run's to say: on a busy machine a test cannot know.
    medians = findings.comparisons(run).query("scenario == 'page'").set_index("label")["median"]
    quickest = medians[[CONSTANT.name, POSTGRES.name]].idxmin()
    assert (row["scenario"], row["theirs"], row["outcome"]) == ("page", quickest, "met")
    assert row["ratio"] > 1
    assert targets.judge(run, [replace(target, theirs=targets.Side(labels=("index",)))]).empty


@pytest.mark.parametrize(("low", "high", "outcome"), [(0.5, 1, "met"), (0.9, 1.1, "open"), (1.01, 1.2, "not met")])
def test_a_target_is_met_only_by_the_whole_interval(low: float, high: float, outcome: str) -> None:
    assert targets.judge_target(low, high, 1.0) == outcome


def test_every_target_names_what_the_studies_measure() -> None:
    labels = {arm.label for study in (limits.STUDY, peers.STUDY) for arm in study.arms}
    named = {label for target in targets.TARGETS for side in (target.mine, target.theirs) for label in side.labels}
    assert named <= labels


@pytest.mark.parametrize("study", [STUDY, limits.STUDY, peers.STUDY], ids=lambda study: study.name)
def test_a_study_with_competitors_comes_back_from_its_stored_declaration(study: Study) -> None:
    stored = json.loads(json.dumps(study.declaration()))
    again = restore(stored)
    assert replace(again, costs=study.costs) == study
    assert draw_schedule(again, 1) == draw_schedule(study, 1)


def peers_python() -> str | None:
    """The interpreter of the peers, where the benchmark has installed them into the reader's own state."""
    places = [paths.home() / "peers", paths.home().parent / "peers"]
    return next((str(place / "bin" / "python") for place in places if (place / "perfstudy-stamp").exists()), None)


@pytest.fixture(scope="module")
def said(lab: Lab, tiny: Database) -> dict[str, str]:
    """What the baseline says to some of the gate's requests."""
    tiny.reconcile(BASELINE)
    gate = draw_requests(tiny.facts, 1)[::5]
    with lab.serve(BASELINE, tiny) as service, Client(service.url, service.token(tiny.facts.tenant)) as client:
        found = equivalence.collect_fingerprints(client, gate, identify_content)
    return {target: answer for target, answer in found.items() if answer.startswith("200 ")}


@pytest.mark.skipif(peers_python() is None, reason="`python benchmarks/peers.py` installs the peers")
@pytest.mark.parametrize("peer", peers.PEERS, ids=lambda peer: peer.arm.name)
def test_a_peer_says_what_the_baseline_says(peer: peers.Peer, lab: Lab, tiny: Database, said: dict[str, str]) -> None:
    tiny.reconcile(BASELINE)
    command = tuple(part.replace(peers.PYTHON, str(peers_python())) for part in peer.arm.command)
    evidence = evidence_pass.collect_evidence(lab, tiny, replace(peer.arm, command=command), [], list(said))
    assert len(said) > 5
    assert evidence.answers == said


def test_a_study_of_competitors_alone_ends_in_its_table_and_a_report(
    lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = STUDY.narrow(arms=(CONSTANT,), blocks=1, requests=1, least=1, costs=None)
    with Store.open(tmp_path / "store.sqlite") as store:
        runner = Runner(lab, store)
        runner.fill(name := runner.start(alone, seed=3))
        conclude(store, name, Ending())
    said = capsys.readouterr().out
    assert f"Verdicts of run {name}" in said
    report = Path(said.rsplit("report: ", 1)[1].strip())
    assert CONSTANT.name in report.read_text()
