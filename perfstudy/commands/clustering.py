"""``--cluster``: have the labs of a Dask cluster measure a run."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from perfstudy.commands import concluding, failing, guarding, joining, output
from perfstudy.commands.stopping import Deadline
from perfstudy.errors import UsageError

if TYPE_CHECKING:
    from perfstudy.model.study import Study
    from perfstudy.results import Store


def check_address(text: str) -> None:
    """Refuse what is no address of a scheduler.

    Raises:
        UsageError: it is none; the message shows one.
    """
    parts = urlsplit(text) if text.isprintable() and " " not in text else None
    try:
        sound = parts is not None and parts.scheme in ("tcp", "tls") and parts.hostname and parts.port
    except ValueError:  # urllib's word for a port that is no number, or too large
        sound = False
    if not sound:
        raise UsageError(f"--cluster is {text!r}: give the scheduler's address, as in tcp://HOST:8786")


def run(
    store: "Store",
    cluster: str,
    found: str | None,
    study: "Study",
    seed: int,
    deadline: Deadline,
    ending: failing.Ending,
) -> None:
    """Measure the run *found*, or a new one, on *cluster*; judge it once it is whole."""
    identifier = measure(store, cluster, found, study, seed, deadline)
    if joining.say_missing(store, identifier, f"perfstudy run --resume {identifier} --cluster {cluster}", ending):
        concluding.conclude(store, identifier, ending)


def measure(store: "Store", address: str, run: str | None, study: "Study", seed: int, deadline: Deadline) -> str:
    """Measure *run*, or a new one of *study*, on a cluster; return its id.

    Raises:
        PerfstudyError: no scheduler answers, or no lab is left.
    """
    from perfstudy.measure.cluster import ClusterRun, connect

    deadline.begin()
    with connect(address) as client, output.progress() as progress:
        progress.deadline = deadline.at
        tell = lambda line: output.say(line, error=True)  # noqa: E731
        work = ClusterRun(store, client, study, seed, run, progress, progress.step, tell)
        guarding.guard(
            lambda: work.measure(deadline.is_over),
            lambda: f"perfstudy run --resume {work.run}" if work.run else "perfstudy run",
            lambda: False,
        )
    assert work.run is not None, "a run that ended without an error was planned"
    return work.run
