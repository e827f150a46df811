"""Root and an ordinary user: the same lab, each in the way that is open to it."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from perfstudy import paths
from perfstudy.lab import binaries, processes
from perfstudy.lab.access import Postgres
from perfstudy.lab.postgres import PostgresServer
from perfstudy.lab.processes import NOBODY, Confinement

from .clients import Client, environment, gone, left

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user; all other tests are one")

SERVE_AND_SAY = """
import json, os, sys
from perfstudy.listing.lab import Lab
from perfstudy.lab.state import State
from perfstudy.listing.variant import BASELINE
with Lab.start() as lab, lab.database("tiny") as database, lab.serve(BASELINE, database) as service:
    print(json.dumps({"user": os.geteuid(), "processes": State().record()["processes"]}), flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, and nobody owns."""
    folder = Path(tempfile.mkdtemp(dir="/tmp", prefix="perfstudy-users-"))
    os.chown(folder, NOBODY, NOBODY)
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def become_nobody() -> dict[str, object]:
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def interpreter(backport: Path) -> tuple[str, dict[str, str]]:
    """Return a Python that nobody may run with our packages, and the variables that it needs.

    The system's may be older in its last digit than redis-py likes, for which *backport* holds what it misses.
    """
    backport.mkdir()
    (backport / "async_timeout.py").write_text("from asyncio import timeout\n")
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    python_path = os.pathsep.join([str(paths.PROJECT), packages, str(backport)])
    variables = {"PYTHONPATH": python_path, "HOME": "/", "TMPDIR": "/tmp"}
    probe = f"import sys, psycopg, redis, django; assert sys.version_info[:2] == {tuple(sys.version_info[:2])}"
    for python in (sys.executable, *(f"{folder}/python3" for folder in ("/usr/bin", "/usr/local/bin"))):
        try:
            done = subprocess.run([python, "-c", probe], env=variables, capture_output=True, cwd="/", **become_nobody())
        except OSError:
            continue
        if done.returncode == 0:
            return python, variables
    pytest.skip(f"no Python {sys.version_info[0]}.{sys.version_info[1]} that an ordinary user may run is installed")


def test_an_ordinary_user_runs_all_of_it(open_folder: Path) -> None:
    python, variables = interpreter(open_folder / "backport")
    home = open_folder / "home"
    client = Client(home, SERVE_AND_SAY, python=python, env=environment(home, **variables), cwd="/", **become_nobody())
    try:
        said = client.ready()
        assert said["user"] == NOBODY
        for pid, _ in said["processes"].values():
            assert psutil.Process(pid).uids().effective == NOBODY
        found = dict(said["processes"].values())
        client.process.kill()
        assert gone(found), left(found)
    finally:
        client.end()
    assert (home / "lab" / "postgres-18").stat().st_uid == NOBODY


def test_root_runs_the_server_as_somebody_else(tmp_path: Path) -> None:
    confined = processes.choose_confinement()
    if not confined.prefix:
        pytest.skip("user namespaces are closed here")
    server = PostgresServer(tmp_path, Path(tempfile.mkdtemp(dir=tmp_path)))
    server.scratch = Path(tempfile.mkdtemp())
    try:
        server.start()
        mapped = Path(f"/proc/{server.process.pid}/uid_map").read_text().split()
        assert mapped == [str(NOBODY), "0", "1"]
    finally:
        server.stop()
        shutil.rmtree(server.scratch)


def test_root_without_user_namespaces_runs_it_as_nobody(open_folder: Path) -> None:
    if shutil.which("setpriv") is None or not readable_by_nobody(binaries.find_postgres()):
        pytest.skip(f"nobody may not run {binaries.find_postgres()}")
    (open_folder / "lab").mkdir()
    for confined in (
        Confinement(user=NOBODY),
        processes.choose_confinement(),
    ):  # the second takes over
        scratch = Path(tempfile.mkdtemp(dir="/tmp"))
        server = PostgresServer(open_folder / "lab", scratch)
        server.confinement = confined
        try:
            server.start()
            assert server.data.stat().st_uid == (confined.user or 0)
            with psycopg.connect(Postgres.embedded(server.address()).socket_url()) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS kept (answer int)")
        finally:
            server.stop()
            shutil.rmtree(scratch)


def readable_by_nobody(path: Path) -> bool:
    return os.system(f"setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups test -x '{path}'") == 0
