"""The lab as a whole, where its home is awkward."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from perfstudy.errors import PerfstudyError
from perfstudy.lab import secret, status
from perfstudy.lab.configuration import POSTGRES, REDIS
from perfstudy.lab.state import State
from perfstudy.listing import tokens
from perfstudy.listing.fragile import kill
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.variant import parse

from .clients import HOLD, Client, environment

AWKWARD = "ein Ordner, größer; 'quoted' \"too\" 工 %s {x}"


def test_a_home_with_spaces_quotes_and_letters_of_all_kinds(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERFSTUDY_HOME", str(home / AWKWARD))
    stages: list[str] = []
    with Lab.start(lambda stage, done, total: stages.append(stage)) as lab:
        database = lab.database("tiny", lambda stage, done, total: stages.append(stage))
        database.reconcile(parse("index"))
        with lab.serve(parse("index+gunicorn"), database) as service:
            assert service.log.is_relative_to(home / AWKWARD)
            assert service.log.exists()
    assert list(dict.fromkeys(stages))[:4] == ["starting the servers", "tables", "rows", "indexes"]
    assert status() is None
    assert not service.log.exists()


def test_a_home_and_a_temporary_folder_deeper_than_a_socket_may_be(home: Path) -> None:
    deep = home.joinpath(*["a-rather-long-folder-name"] * 8)
    deep.mkdir(parents=True)
    client = Client(deep, HOLD, env=environment(deep, TMPDIR=str(deep)))
    try:
        assert client.ready()["postgres"]
        scratch = State(deep / "lab").record()["scratch"]
        assert len(scratch) < 80
        client.leave()
        assert not Path(scratch).exists()
    finally:
        client.end()


def test_settings_key_and_token_are_those_of_the_home(lab: Lab, tiny: Database) -> None:
    assert lab.settings["postgres"] == {setting.name: setting.value for setting in POSTGRES}
    assert lab.settings["redis"] == {setting.name: setting.value for setting in REDIS}
    assert lab.secret == secret()
    assert tokens.tenant_of(tokens.issue("agency-2671", secret()), lab.secret) == "agency-2671"
    assert tiny.facts.tenant == "agency-2671"


def test_a_redis_of_its_own_lives_as_long_as_the_lab() -> None:
    with Lab.start() as lab:
        own = lab.start_own_redis()
        assert own.url != lab.redis.url
        with own.client() as client:
            client.set("kept", 1)
            assert lab.start_own_redis() == own
            assert client.get("kept") == b"1"
        assert lab._own is not None
        kill(lab._own)
        again = lab.start_own_redis()
        again.check()
    with pytest.raises(PerfstudyError, match="no Redis at"):
        again.check()


def test_what_is_left_open_is_closed_with_the_lab(lab: Lab) -> None:
    other = Lab.start()
    database = other.database("tiny")
    service = other.serve(parse("baseline"), database)
    other.close()
    other.close()
    assert not service.running
    with lab.postgres.connect() as connection:
        assert connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database.name,)).fetchone() is None
    with psycopg.connect(lab.postgres.url()) as connection:  # shared, so still there
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_an_end_without_close_is_clean(lab: Lab) -> None:
    script = "from perfstudy.listing.lab import Lab; from perfstudy.listing.variant import BASELINE; "
    script += "lab = Lab.start(); database = lab.database('tiny'); lab.serve(BASELINE, database); print(database.name)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    with lab.postgres.connect() as connection:
        name = done.stdout.strip()
        assert name.startswith("perfstudy_tiny_")
        assert connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None


def test_a_home_that_cannot_be_written_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.parent.joinpath("file").touch()
    with monkeypatch.context() as patch:
        patch.setenv("PERFSTUDY_HOME", str(home.parent / "file"))
        with pytest.raises(PerfstudyError, match=r"^PERFSTUDY_HOME is .*file' is no folder; name another$"):
            Lab.start()


def test_importing_the_lab_is_light() -> None:
    heavy = "{'django', 'psycopg', 'redis', 'sqlalchemy', 'numpy', 'pandas'}"
    script = f"import sys, perfstudy.lab.supervisor, perfstudy.lab; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
