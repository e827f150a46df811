"""The log of a failure, copied to a place that outlives the lab."""

from pathlib import Path

from perfstudy import paths
from perfstudy.errors import PerfstudyError
from perfstudy.model import files


def save_log(log: Path, run: str) -> Path:
    """Copy the *log* of a service that failed in *run*; return the copy's path.

    It is copied into the home folder, and replaces an earlier log of the same run. Where it cannot be copied, the path
    of the original is returned.
    """
    copy = paths.home() / "logs" / f"{run}.log"
    try:
        files.write(files.make_folder(copy.parent) / copy.name, log.read_bytes())
    except (PerfstudyError, OSError):  # the failure itself is what has to be reported
        return log
    return copy
