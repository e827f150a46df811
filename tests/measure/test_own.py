"""A service of one's own: from a study file to evidence, answers compared and verdicts."""

import os
import re
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.findings.findings import Findings
from perfstudy.lab import services
from perfstudy.lab.opening import open_lab
from perfstudy.measure.runner import Runner
from perfstudy.model.catalog import find_study
from perfstudy.model.study import Study
from perfstudy.results import Run, Store
from perfstudy.results.remarks import GATE
from tests.commands.test_commands import here

SERVICE = Path(__file__).with_name("odd_service.py")
STUDY = """
import sys
from perfstudy import Arm, Claim, Scenario, Service, Study, env

SERVICE = Service(
    command=({python!r}, {service!r}, "sound", "{{port}}"), python={python!r}, ready="/health", timeout={timeout}
)


def odd(label, how, **more):
    return Arm(label, command=({python!r}, {service!r}, how, "{{port}}"), **more)


STUDY = Study(
    name="odd", title="Odd services", service=SERVICE, blocks=2, requests=5,
    arms=({arms}), scenarios=({scenarios}),
    {more}
)
"""

LIST = 'Scenario("list", "/list"),'


def write(
    folder: Path, arms: str, scenarios: str = 'Scenario("list", "/list"),', more: str = "", **given: Any
) -> Study:
    """Write a study file with these *arms*, and return its study."""
    file = folder / "study of my own.py"
    values = {"python": sys.executable, "service": str(SERVICE), "timeout": 60} | given
    file.write_text(STUDY.format(arms=arms, scenarios=scenarios, more=more, **values))
    return find_study(str(file))


def collect(study: Study, folder: Path) -> Run:
    """Collect the evidence of *study*, and return the run."""
    store = Store.open(str(folder / "store.sqlite"))
    with open_lab(study) as lab:
        runner = Runner(lab, store)
        run = runner.start(study, seed=1)
        runner.collect(run, study)
    return store.run(run)


SOUND = 'Arm("sound"), '


@pytest.mark.parametrize("how", ["prints", "stubborn", "closes"])
def test_a_service_may_print_much_ignore_signals_or_close_connections(tmp_path: Path, how: str) -> None:
    run = collect(write(tmp_path, SOUND + f'odd("other", {how!r}),'), tmp_path)
    assert not run.excluded
    assert {entry["variant"] for entry in run.evidence} == {"sound", "other"}
    # The time stamp is in no answer alike, so that it is left out for every arm, and said so.
    assert run.notes[GATE]["own_differences"] == ["/list: $.at"]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("ends", r"ended with status 1[\s\S]*a setting is missing"),
        ("elsewhere", r"it listens on port \d+, and not on \{port\}"),
        ("slow", "did not answer /list"),
        ("wrong", r'/list: \$\.rows\[0\]\.price is "9\.50", and the reference answers "9\.00"'),
    ],
)
def test_an_arm_that_fails_is_excluded_with_its_reason(
    tmp_path: Path, how: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "elsewhere":  # the only one that is waited for in vain; the sound one must have the time to start
        monkeypatch.setattr(services, "STARTING", 8.0)
    study = write(tmp_path, SOUND + f'odd("other", {how!r}),', timeout=3 if how == "slow" else 60)
    run = collect(study, tmp_path)
    assert set(run.excluded) == {"other"}
    assert re.search(said, run.excluded["other"])


@pytest.mark.parametrize(
    ("how", "error", "said"),
    [
        ("broken", PerfstudyError, "/list is answered 500 by the reference: a broken reference proves nothing"),
        ("login", UsageError, "/list is sent to the login page /accounts/login/ by the reference"),
        ("forbidden", UsageError, "/list is answered 403 by the reference: it needs a login"),
        ("random", UsageError, "answers are random: to /list"),
    ],
)
def test_a_reference_that_proves_nothing_is_refused(
    tmp_path: Path, how: str, error: type[Exception], said: str
) -> None:
    study = write(tmp_path, f'odd("first", {how!r}), Arm("sound"),')
    with pytest.raises(error, match=said):
        collect(study, tmp_path)


def test_no_process_of_a_service_is_left_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child = tmp_path / "child"
    monkeypatch.setenv("CHILD", str(child))
    collect(write(tmp_path, SOUND + 'odd("other", "forks"),'), tmp_path)
    pid = int(child.read_text())
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_run_ends_in_a_verdict_and_a_secret_is_stored_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_KEY", "an unlikely value")
    scenarios = """
        Scenario("list", "/list", headers={"X-Key": env("SHOP_KEY")}),
        Scenario("find", "/find?q={word}", words="words.txt"),
        Scenario("buy", "/buy", method="POST", body="{}", reset="true"),
    """
    (tmp_path / "words.txt").write_text("one\ntwo words\n")
    more = 'claims=(Claim("same", "it is twice as fast", arm="other", low=2),),'
    study = write(tmp_path, SOUND + 'odd("other", "sound"),', scenarios, more)
    store = Store.open(str(tmp_path / "store.sqlite"))
    with open_lab(study) as lab:
        runner = Runner(lab, store)
        run = runner.start(study, seed=1)
        runner.fill(run, study)
    found = Findings(store.run(run))
    assert set(found.verdicts["scenario"]) == {"list", "find", "buy"}
    assert not found.verdicts["verdict"].isin(["not testable here", "invalid"]).any()
    assert b"an unlikely value" not in (tmp_path / "store.sqlite").read_bytes()
    assert [one.label for one in study.arms] == ["sound", "other", "sound (control)"]


def test_a_service_at_a_url_is_asked_and_left_running(tmp_path: Path) -> None:
    sound = write(tmp_path, SOUND)
    with open_lab(sound) as lab, lab.serve(sound.arms[0], lab.copy("data", sound.arms[0])) as served:
        study = write(tmp_path, SOUND + f'Arm("elsewhere", url={served.url!r}),')
        run = collect(study, tmp_path)
        assert not run.excluded
        with served.client() as client:
            assert client.get("/health").status == 200


def test_a_plan_refuses_a_ref_outside_of_a_repository(tmp_path: Path) -> None:
    write(tmp_path, 'Arm("sound", ref="HEAD"),')
    done = here("run", str(tmp_path / "study of my own.py"), "--plan")
    assert done.returncode == 2
    assert "error: arm 'sound' serves ref 'HEAD', and" in done.stderr
    assert "is in no git repository" in done.stderr


REFUSED = {
    'Arm("a", ref="HEAD", tree=".")': "arm 'a' has 2 origins, ref='HEAD' and tree='.'",
    'Arm("a", command="serve --port 80")': r"the command of arm 'a' has no \{port\}",
    'Arm("a", command="serve \'{port}")': "cannot be split",
    'Arm("a"), Arm("a")': "two arms labelled 'a'",
    'Arm("a", url="https://a.example", settings={"DEBUG": False})': "runs already at https://a.example",
}


@pytest.mark.parametrize("arms", REFUSED)
def test_arms_that_contradict_themselves_are_refused(tmp_path: Path, arms: str) -> None:
    with pytest.raises(UsageError, match=REFUSED[arms]):
        write(tmp_path, arms + ",")


@pytest.mark.parametrize(
    ("scenarios", "more", "said"),
    [
        ('Scenario("buy", "/buy", method="POST"),', "", "needs reset='database'"),
        ('Scenario("list", "list"),', "", "give a path that starts with /"),
        ('Scenario("list", "/list", method="FETCH"),', "", "has the method 'FETCH'"),
        ('Scenario("list", "/list", words="nowhere.txt"),', "", "has words, and no {word}"),
        ('Scenario("list", "/{word}", words="nowhere.txt"),', "", "nowhere.txt' cannot be read"),
        ('Scenario("list", "/"), Scenario("list", "/"),', "", "two scenarios called 'list'"),
        ('Scenario("list", "/list"),', 'reference="soond",', "unknown reference arm 'soond': did you mean sound"),
        ('Scenario("list", "/list"),', 'claims=(Claim("c", "it is", arm="sund"),),', "did you mean sound"),
        ('Scenario("list", "/list"),', "looks=(10, 5),", "looks after"),
    ],
)
def test_a_study_that_cannot_be_measured_is_refused(tmp_path: Path, scenarios: str, more: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        write(tmp_path, SOUND, scenarios, more)
    assert said in str(refused.value)


def test_a_secret_that_is_not_set_is_named(tmp_path: Path) -> None:
    assert "NOT_SET_AT_ALL" not in os.environ
    study = write(tmp_path, SOUND, 'Scenario("list", "/list", headers={"X-Key": env("NOT_SET_AT_ALL")}),')
    with pytest.raises(UsageError, match="NOT_SET_AT_ALL is not set: export it first"):
        collect(study, tmp_path)
