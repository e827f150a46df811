"""The command line, as people use it: good input, bad input, and what comes out."""

import csv
import json
import os
import platform
import re
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from typer.main import get_command

from perfstudy.__main__ import app, main
from perfstudy.commands.list import TOPICS

HOME = Path(__file__).resolve().parents[2] / ".perfstudy" / "test"


def perfstudy(*arguments: str, store: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "perfstudy", *arguments],
        capture_output=True,
        text=True,
        env=os.environ | _given(store) | environment,
        timeout=180,
    )


def here(*arguments: str, store: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in this process, which has imported already what a new one would spend its time on."""
    out, err, status = StringIO(), StringIO(), 0
    handler = signal.getsignal(signal.SIGTERM)
    with pytest.MonkeyPatch.context() as given:
        given.setattr(sys, "argv", ["perfstudy", *arguments])
        # Click takes the program's name from here where it was started by -m, as pytest is.
        given.setattr(sys.modules["__main__"], "__package__", None)
        for name, value in (_given(store) | environment).items():
            given.setenv(name, value)
        try:
            with redirect_stdout(out), redirect_stderr(err):
                main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        finally:
            signal.signal(signal.SIGTERM, handler)
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())


def _given(store: Path | None) -> dict[str, str]:
    kept = {} if store is None else {"PERFSTUDY_STORE": str(store)}
    return {"PERFSTUDY_HOME": str(HOME), "COLUMNS": "200", **kept}


COMMANDS = get_command(app).commands  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    found = here(command, "--help")
    assert found.returncode == 0
    assert found.stdout.startswith(f"Usage: perfstudy {command} ")
    assert found.stdout.splitlines()[2].strip(), "nothing says what it is for"


def test_help_names_every_command_and_what_it_is_for() -> None:
    found = perfstudy("--help")
    assert found.returncode == 0
    said = dict(re.findall(r"^  ([a-z]+)  +(\S.*)$", found.stdout, re.MULTILINE))
    assert {"run", "load", "serve"} <= set(COMMANDS) == set(said)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--study", "lader"), "unknown study 'lader': did you mean ladder"),
        (("run", "--scale", "mediun"), "unknown scale 'mediun': did you mean medium"),
        (("run", "--scenario", "pages"), "unknown scenario 'pages': did you mean page"),
        (("run", "--variant", "indx"), "unknown optimization 'indx': did you mean index"),
        (("run", "--variant", "index+index"), "names an optimization twice"),
        (("run", "--blocks", "0"), "greater than or equal to 1"),
        (("run", "--requests", "0"), "greater than or equal to 1"),
        (("load", "http://127.0.0.1:9", "--save", "/nowhere/x.json"), "there is no folder '/nowhere'"),
        (("import", "/"), "'/' is a folder"),
        (("run", "--study", "nowhere.py"), "'nowhere.py' does not exist"),
        (("run", "--resume", "nothing"), "unknown run 'nothing'"),
        (("results", "nothing"), "unknown run 'nothing'"),
        (("results", "--format", "xml"), "unknown format 'xml'"),
        (("run", "--variant", "rival:drf"), "unknown optimization 'rival:drf': 'rival' is called 'competitor' now"),
        (("run", "--variant", "baseline (again)"), "'again' is called 'control' now"),
        (("run", "--study", "floors"), "unknown study 'floors': 'floors' is called 'lower bound' now"),
        (("list", "aims"), "unknown topic 'aims': 'aims' is called 'target' now"),
        (("verdicts", "nothing"), "unknown run 'nothing'"),
        (("list", "claim"), "unknown topic 'claim': did you mean claims"),
        (("serve", "--variant", "cach"), "unknown optimization 'cach': did you mean cache"),
        (("serve", "--scale", "tinny"), "unknown scale 'tinny': did you mean tiny"),
        (("serve", "--port", "99999"), "port 99999"),
        (("explain", "--scenario", "everything"), "unknown scenario 'everything'"),
        (("import", "nothing.parquet"), "'nothing.parquet' does not exist"),
        (("notebooks", "nothing.ipynb"), "'nothing.ipynb' is not a notebook"),
        (("token", " "), "TENANT is blank"),
        (
            (
                "results",
                "--nothing",
            ),
            "No such option",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_input_is_named_with_the_next_step(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    found = here(*arguments, store=tmp_path / "store.sqlite")
    assert found.returncode == 2, found.stderr
    assert message in found.stderr
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize("topic", [topic for topic in TOPICS if topic != "runs"])
def test_what_is_declared_can_be_listed(topic: str) -> None:
    assert here("list", topic).returncode == 0
    listed = json.loads(here("list", topic, "--format", "json").stdout)
    rows = list(csv.DictReader(StringIO(here("list", topic, "--format", "csv").stdout)))
    assert len(listed) == len(rows) > 1


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store that holds one small run of the whole chain."""
    path = tmp_path_factory.mktemp("store") / "store.sqlite"
    run = ("run", "--scale", "tiny", "--blocks", "2", "--requests", "5", "--scenario", "page")
    found = perfstudy(*run, "--variant", "index", "--variant", "related+values+cache", store=path)
    assert found.returncode == 0, found.stderr
    assert "report: " in found.stdout
    report = Path(found.stdout.rsplit("report: ", 1)[1].strip())
    assert report.is_file()
    assert "<html" in report.read_text()
    return path


def test_a_run_ends_in_results(store: Path) -> None:
    rows = json.loads(here("results", "--format", "json", store=store).stdout)
    seen = {(row["label"], row["scenario"], row["temperature"]) for row in rows}
    assert {
        ("baseline", "page", "cold"),
        ("baseline (control)", "page", "cold"),
        ("index", "page", "cold"),
        ("related+values+cache", "page", "cold"),
        ("related+values+cache", "page", "warm"),
        ("baseline", "noop", "cold"),
    } <= seen
    assert all(row["n"] == 10 and row["median"] > 0 for row in rows)


def test_a_run_ends_in_verdicts(store: Path) -> None:
    rows = json.loads(here("verdicts", "--format", "json", store=store).stdout)
    verdicts = {row["claim"]: row for row in rows}
    assert verdicts["index-response"]["speedup"] > 0
    assert verdicts["cache-hit"]["verdict"] == "not testable here"
    assert all(row["indicative"] for row in rows if row["verdict"] in ("supported", "exceeded", "refuted"))
    assert "Verdicts of run" in here("verdicts", store=store).stdout


def test_a_finished_run_is_not_resumed(store: Path) -> None:
    found = here("run", "--resume", "latest", store=store)
    assert found.returncode == 2
    assert "is finished" in found.stderr


@pytest.mark.parametrize("format", ["parquet", "json"])
def test_an_export_is_imported_elsewhere(store: Path, tmp_path: Path, format: str) -> None:
    file, other = tmp_path / f"run.{format}", tmp_path / "other.sqlite"
    assert here("results", "--format", format, "--output", str(file), store=store).returncode == 0
    assert here("import", str(file), store=other).returncode == 0
    first, second = (here("verdicts", "--format", "json", store=s).stdout for s in (store, other))
    assert json.loads(first) == json.loads(second)


def test_a_run_compares_with_itself(store: Path) -> None:
    run = here("list", "runs", "--format", "json", store=store).stdout
    name = json.loads(run)[0]["run"]
    found = here("compare", name, "latest", store=store)
    assert found.returncode == 0, found.stderr
    assert "identities are equal." in found.stdout


def test_explain_shows_statements_and_plans() -> None:
    found = perfstudy("explain", "--variant", "index+related+values", "--format", "json")
    (seen,) = json.loads(found.stdout)
    assert seen["statement_count"] == 3
    assert "ads_program_usernam_cb2094_idx" in json.dumps(seen["plans"])


def test_a_process_says_the_same_and_ends_as_it_does_here(store: Path) -> None:
    for arguments in (("verdicts", "--format", "json"), ("list", "claim"), ("results", "nothing"), ("list", "runs")):
        alone, within = perfstudy(*arguments, store=store), here(*arguments, store=store)
        assert (alone.returncode, alone.stdout, alone.stderr) == (within.returncode, within.stdout, within.stderr)


def test_doctor_describes_the_machine_and_ends_in_a_judgement() -> None:
    found = perfstudy("doctor")
    assert found.returncode == 0
    *lines, judged = found.stdout.splitlines()
    facts = dict(re.findall(r"^ *(\w+)  (.+)$", "\n".join(lines), re.MULTILINE))
    assert facts.keys() >= {"cpu", "cpus", "memory_gib", "kernel", "python", "load", "jitter"}
    assert (facts["python"], int(facts["cpus"])) == (platform.python_version(), os.cpu_count())
    assert re.fullmatch(r"nothing found that speaks against measuring now\.|warning: .+; .+", judged)


@pytest.mark.parametrize("arguments", [("list", "variants"), ("list", "scales", "--format", "json"), ("--help",)])
def test_a_pipe_that_closes_is_no_error(arguments: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "perfstudy", *arguments]
    found = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=180)
    os.close(writer)
    assert (found.returncode, found.stderr) == (0, "")
