"""Run the commands of a service of one's own, in its own environment."""

import os
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path

from perfstudy.errors import PerfstudyError
from perfstudy.lab.services import fill_in
from perfstudy.model.arm import split_command

OURS = ("PYTHONPATH", "VIRTUAL_ENV", "DJANGO_SETTINGS_MODULE")


def clean_environment(**extra: str) -> dict[str, str]:
    """Return the reader's environment without what is ours, with *extra*."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return {name: value for name, value in kept.items() if not name.startswith("PERFSTUDY_")} | extra


def run_command(
    command: str | tuple[str, ...],
    values: Mapping[str, str],
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
    secrets: Collection[str] = (),
) -> bytes:
    """Run *command* in *folder*, and return what it prints.

    Raises:
        PerfstudyError: it failed.
    """
    argv = [fill_in(part, values) for part in split_command(command)]
    done = subprocess.run(argv, cwd=folder, env=clean_environment(**environment), capture_output=True)
    if done.returncode:
        raise PerfstudyError(f"{command!r} ended with status {done.returncode}: {done.stderr.decode()[-800:]}")
    return done.stdout
