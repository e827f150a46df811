"""Other processes that use a lab, and what is left of them."""

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from perfstudy.lab import processes

PATIENCE = 30.0

HOLD = """
import json, sys
from perfstudy.listing.lab import Lab
with Lab.start() as lab:
    print(json.dumps({"postgres": lab.postgres.url(), "redis": lab.redis.url}), flush=True)
    sys.stdin.read()
"""

SERVE = """
import json, sys
from perfstudy.listing.lab import Lab
from perfstudy.listing.variant import parse
with Lab.start() as lab, lab.database("tiny") as database:
    services = [lab.serve(parse(name), database) for name in ("baseline", "gunicorn+cache")]
    said = {"services": [service.url for service in services], "database": database.name}
    print(json.dumps(said | {"postgres": lab.postgres.url(), "redis": lab.redis.url}), flush=True)
    sys.stdin.read()
"""


class Client:
    """A process that runs *script*, which says one line of JSON when it is ready and lives until its input ends."""

    def __init__(self, home: Path, script: str = HOLD, **options: Any) -> None:
        options.setdefault("env", environment(home))
        self.process = subprocess.Popen(
            [options.pop("python", sys.executable), "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **options,
        )

    def ready(self) -> dict[str, Any]:
        """Wait for its line and return what it says."""
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the client ended: {self.process.stderr.read()}")
        return json.loads(line)

    def leave(self) -> None:
        """Let it end in order."""
        _, error = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0, error

    def end(self) -> None:
        """End it for certain."""
        self.process.kill()
        self.process.communicate()


def environment(home: Path, **extra: str) -> dict[str, str]:
    """Return the environment of a client whose state is in *home*."""
    return processes.build_environment() | {"PERFSTUDY_HOME": str(home)} | extra


def descendants(pid: int) -> dict[int, float]:
    """Return the process *pid* and all below it, each with its birth."""
    process = psutil.Process(pid)
    found = {one.pid: processes.read_start_time(one.pid) for one in (process, *process.children(recursive=True))}
    return {pid: birth for pid, birth in found.items() if birth is not None}


def gone(found: dict[int, float]) -> bool:
    """Wait until none of *found* lives; whether it came to that."""
    return processes.wait_until(lambda: not left(found), PATIENCE)


def left(found: dict[int, float]) -> list[str]:
    """Return the command lines of those of *found* that still live, for a message that can be read."""
    lines = []
    for pid, birth in found.items():
        with suppress(psutil.NoSuchProcess):  # it has ended since
            line = f"{pid}: {' '.join(psutil.Process(pid).cmdline())}"
            lines += [line] if processes.is_alive(pid, birth) else []
    return lines
