"""Templates and working copies: made once, shared, dropped with their owners, and nobody else's."""

import secrets
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from perfstudy.errors import UsageError
from perfstudy.lab.databases import Databases
from perfstudy.lab.state import State
from perfstudy.listing.definition import SERVICE
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.variant import parse

from .clients import Client

LOAD = """
import json, os, signal, sys
from perfstudy.listing.lab import Lab
def progress(stage, done, total):
    if stage == STAGE:
        os.kill(os.getpid(), signal.SIGKILL)
with Lab.start() as lab, lab.database("tiny", progress) as database:
    print(json.dumps({"facts": database.facts.rows, "url": lab.postgres.url()}), flush=True)
    sys.stdin.read()
"""

RESUME = """
import json, os, signal, sys
from perfstudy.listing.dataset import sending
from perfstudy.listing.lab import Lab
sending.PORTION, seen = 20_000, []
def progress(stage, done, total):
    seen.append((stage, done))
    if KILLED and (stage, done) == ("indexes", 3):
        os.kill(os.getpid(), signal.SIGKILL)
with Lab.start() as lab, lab.database("small", progress) as database:
    print(json.dumps({"facts": database.facts.rows, "seen": seen, "names": list(lab._copies.ours())}), flush=True)
    sys.stdin.read()
"""


def names(lab: Lab) -> set[str]:
    with lab.postgres.connect() as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def test_copies_are_alike_and_apart(lab: Lab, tiny: Database) -> None:
    with lab.database("tiny") as one, lab.database("tiny") as other:
        assert len({tiny.name, one.name, other.name}) == 3
        assert one.facts == other.facts
        with psycopg.connect(one.url) as connection:
            connection.execute("DELETE FROM ads_programregistry")
        with psycopg.connect(other.url) as connection:
            count = connection.execute("SELECT count(*) FROM ads_programregistry").fetchone()
        assert count == (other.facts.rows,)
    assert not {one.name, other.name} & names(lab)


def test_a_copy_is_dropped_although_somebody_is_connected(lab: Lab) -> None:
    with lab.database("tiny") as copy:
        connection = psycopg.connect(copy.url)
    assert copy.name not in names(lab)
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")


def test_an_unknown_scale_names_the_nearest(lab: Lab) -> None:
    with pytest.raises(UsageError, match="tiny"):
        lab.database("tini")


def test_the_template_cannot_be_changed_by_mistake(lab: Lab, tiny: Database) -> None:
    (template,) = (name for name in names(lab) if name.startswith("perfstudy_template_tiny_"))
    with pytest.raises(psycopg.OperationalError, match="not currently accepting connections"):
        psycopg.connect(lab.postgres.url(template))


def test_the_sweep_drops_what_the_dead_intended_and_nothing_else(lab: Lab, tiny: Database) -> None:
    dead, foreign = f"perfstudy_tiny_{secrets.token_hex(8)}", f"perfstudy_foreign_{secrets.token_hex(8)}"
    outdated = f"perfstudy_building_small_{secrets.token_hex(8)}"
    template = f"perfstudy_template_small_{secrets.token_hex(6)}"  # of other seeds
    comment = f"made by perfstudy: unfinished template; of {template}; owner {secrets.randbits(62)}; home 0"
    intent = State().folder / "creating" / dead
    with lab.postgres.connect() as connection:
        for name in (dead, foreign, outdated):
            connection.execute(f"CREATE DATABASE {name}")
        connection.execute(f"COMMENT ON DATABASE {outdated} IS '{comment}'")
        connection.execute(f"COMMENT ON DATABASE {foreign} IS 'made by perfstudy, or so it says'")
        intent.write_text(str(secrets.randbits(62)))
        try:
            second = Databases(lab.postgres, State(), SERVICE.data)
            second.sweep()
            second.drop(foreign)
            second.close()
            assert not {dead, outdated} & names(lab)
            assert not intent.exists()
            assert {foreign, tiny.name} <= names(lab)  # not ours; of a process that lives
        finally:
            connection.execute(f"DROP DATABASE {foreign}")


@pytest.mark.parametrize("stage", ["indexes"])
def test_a_template_whose_loading_was_killed_is_built_again_once(
    client: Callable[..., Client], home: Path, stage: str
) -> None:
    killed = client(LOAD.replace("STAGE", repr(stage)))
    assert killed.process.wait(60) == -9
    one, other = client(LOAD.replace("STAGE", "None")), client(LOAD.replace("STAGE", "None"))
    assert one.ready() == other.ready()
    with Lab.start() as lab:
        found = sorted(names(lab))
    templates = [name for name in found if name.startswith("perfstudy_template_")]
    assert len(templates) == 1
    assert not [name for name in found if "building" in name]
    assert len([name for name in found if name.startswith("perfstudy_tiny_")]) == 2


def test_a_template_of_several_portions_is_continued(client: Callable[..., Client]) -> None:
    killed = client(RESUME.replace("KILLED", "True"))
    assert killed.process.wait(60) == -9
    said = client(RESUME.replace("KILLED", "False")).ready()
    assert said["facts"] == 50_000
    assert [done for stage, done in said["seen"] if stage == "rows"] == [50_000]
    assert sum("building" in name for name in said["names"]) == 0
    assert sum(name.startswith("perfstudy_template_small_") for name in said["names"]) == 1


def test_a_service_connects_as_no_superuser_and_owns_its_database(lab: Lab, tiny: Database) -> None:
    if lab.postgres.service is None:
        pytest.skip("the server is not the lab's own")
    with psycopg.connect(lab.postgres.service_url(tiny.url)) as connection:
        found = connection.execute(
            "SELECT rolsuper, pg_get_userbyid(datdba) = current_user FROM pg_roles, pg_database"
            " WHERE rolname = current_user AND datname = current_database()"
        ).fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT pg_read_file('postgresql.conf')")
    assert found == (False, True)


def test_a_running_service_uses_that_role(lab: Lab, tiny: Database) -> None:
    with lab.serve(parse("connections"), tiny) as service, service.client(tiny.facts.tenant) as client:
        assert client.get("/api/programs?limit=1").status == 200
        with psycopg.connect(tiny.url) as connection:
            users = connection.execute(
                "SELECT DISTINCT usename, usesuper FROM pg_stat_activity JOIN pg_user USING (usename)"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            ).fetchall()
    if lab.postgres.service is not None:
        assert users == [("perfstudy_service", False)]
