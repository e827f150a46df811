"""``perfstudy verify``, ``check`` and ``test_performance.sh``: they pass what is right and fail what is not."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from perfstudy.listing.checklist import verify_checklist
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.variant import parse
from perfstudy.paths import PROJECT
from tests.commands.test_commands import here

HOME = PROJECT / ".perfstudy" / "test"


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PERFSTUDY_HOME": str(HOME), "COLUMNS": "200"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)


def test_the_report_s_final_state_passes_every_line() -> None:
    found = here("verify")
    assert found.returncode == 0, found.stdout + found.stderr
    lines = [line for line in found.stdout.splitlines() if line.startswith("[")]
    assert len(lines) == 16
    assert all(line.startswith("[x] ") for line in lines)
    for part in ("migration applied (0015)", "PONG", "CONN_MAX_AGE=600", "the same bytes", "restarted"):
        assert part in found.stdout
    assert found.stdout.count("MISS then HIT") == 6
    assert found.stdout.count("1 statement for the rows, joined, 21 columns; 0 for names") == 3


def test_each_line_fails_without_its_optimization(lab: Lab, tiny: Database) -> None:
    """What each line is about, seen where none of it is there: no line is about Gunicorn."""
    found = {check.line: check.passed for check in verify_checklist(lab, tiny, parse("related+gunicorn"))}
    still = {line for line, passed in found.items() if passed}
    assert still == {
        "Redis is running (PONG)",
        "Answers unchanged from the baseline's",
        "Backend restarted successfully",
    }


def test_a_half_built_index_does_not_pass(lab: Lab, tiny: Database) -> None:
    import psycopg

    from perfstudy.listing.checklist import _check_migration

    tiny.reconcile(parse("index"))
    assert _check_migration(tiny).passed
    with psycopg.connect(tiny.url, autocommit=True) as connection:
        invalid = "UPDATE pg_index SET indisvalid = %s WHERE indexrelid = 'ads_program_usernam_cb2094_idx'::regclass"
        connection.execute(invalid, (False,))
        try:
            assert not _check_migration(tiny).passed
        finally:
            connection.execute(invalid, (True,))


def test_check_shows_a_miss_and_a_hit(lab: Lab, tiny: Database) -> None:
    tiny.reconcile(parse("baseline"))
    with lab.serve(parse("gunicorn+cache"), tiny, key_prefix="check") as service:
        found = here("check", service.url)
        assert found.returncode == 0, found.stderr
        first, second = re.findall(
            r"Test \d: (?:First|Second) request .*\nHTTP Status: 200\nResponse Time: 0\.\d+s\nCache Status: (\w+)",
            found.stdout,
        )
        assert (first, second) == ("MISS", "HIT")
        assert re.search(r"Performance Improvement: \d+% (faster|slower)", found.stdout)
        script = run(PROJECT / "test_performance.sh", service.url)
        assert (script.returncode, "Cache Status: HIT" in script.stdout) == (0, True), script.stderr
        refused = here("check", service.url, "--token", "nonsense")
        assert (refused.returncode, "refused the token" in refused.stderr) == (1, True)


def test_check_fails_where_nothing_is_kept(lab: Lab, tiny: Database) -> None:
    tiny.reconcile(parse("baseline"))
    with lab.serve(parse("gunicorn"), tiny, key_prefix="check-none") as service:
        for found in (here("check", service.url), run(PROJECT / "test_performance.sh", service.url)):
            assert (found.returncode, "the second request is no HIT" in found.stderr) == (1, True)


def test_the_script_serves_by_itself() -> None:
    found = run(PROJECT / "test_performance.sh")
    assert found.returncode == 0, found.stderr
    assert "Cache Status: MISS" in found.stdout
    assert "Cache Status: HIT" in found.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("verify", "--variant", "idnex"), 2, "unknown optimization 'idnex'"),
        (("verify", "--scale", "tinny"), 2, "unknown scale 'tinny'"),
        (("check", "nonsense"), 2, "'nonsense' is not the URL of a service"),
        (("check", "http://127.0.0.1:99999"), 2, "'http://127.0.0.1:99999' is not the URL of a service"),
        (("check", "http://127.0.0.1:1"), 1, "did not answer"),
    ],
)
def test_bad_input_is_named(arguments: tuple[str, ...], status: int, message: str) -> None:
    found = here(*arguments)
    assert (found.returncode, message in found.stderr) == (status, True), found.stderr
    assert "Traceback" not in found.stderr
