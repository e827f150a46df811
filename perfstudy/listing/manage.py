"""Django's own commands of the service, run in a process of their own."""

import subprocess
import sys
from collections.abc import Mapping

from perfstudy.errors import PerfstudyError
from perfstudy.lab import processes


def manage(environment: Mapping[str, str], *arguments: str) -> str:
    """Run ``python -m perfstudy.listing.service ARGUMENTS``; return what it wrote.

    Raises:
        PerfstudyError: it failed; the message quotes what it said.
    """
    command = [sys.executable, "-m", "perfstudy.listing.service", *arguments]
    done = subprocess.run(
        command,
        env=processes.build_environment(**environment),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        said = "\n  ".join((done.stderr or done.stdout).strip().splitlines()[-5:])
        raise PerfstudyError(f"`python {' '.join(command[1:6])}` failed with {done.returncode}:\n  {said}")
    return done.stdout
