"""How near the service is to the lower bounds of any Python web service.

``python benchmarks/limits.py --scale medium`` runs the study and prints ratios and targets;
``perfstudy run --study benchmarks/limits.py`` runs the same study.
The lower bounds answer the same requests with the same documents, to the same client, behind the same server with one
worker: constant bytes, one Redis GET by redis-py or by a socket, one query that returns the finished JSON, and an empty
Django view. Like the service's answers, theirs go out in one write, whatever they return to the server.
COPY, the lower bound of loading, is measured by ``benchmarks/loading.py``.
"""

from typing import Any

from benchmarks import targets
from perfstudy.commands import outcome
from perfstudy.listing.compiling import arms, declare_competitor
from perfstudy.listing.studies import declare
from perfstudy.listing.targets import FINAL
from perfstudy.model.arm import Arm


def _declare(name: str, title: str, application: str) -> Arm:
    # Like the optimization granian, with one worker and without --preload: a fork must not share a database connection.
    served = ("{python}", "-m", "perfstudy.listing.service.servers.granian", f"benchmarks.competitors.{application}")
    return declare_competitor(name, title, (*served, "{host}:{port}"), schema=FINAL)


LOWER_BOUNDS = (
    _declare("wsgi-constant", "bare WSGI, constant bytes", "bare:constant"),
    _declare("wsgi-redis", "bare WSGI and one GET", "bare:one_get"),
    _declare("wsgi-redis-socket", "bare WSGI and one GET by a socket", "bare:one_get_by_socket"),
    _declare("wsgi-postgres", "bare WSGI and one query that returns JSON", "bare:one_query"),
    _declare("django-constant", "an empty Django view, constant bytes", "empty:application"),
)

STUDY = declare(
    name="limits",
    title="The service and its lower bounds",
    arms=(*arms(targets.VARIANTS), *LOWER_BOUNDS),
    scenarios=("page", "all"),
    requests=200,
    costs=None,
)


def show(run: Any) -> None:
    """Print the tables of *run*."""
    targets.show_excluded(run)
    targets.show_ratios(run, "wsgi-constant", "cold", "time over that of bare WSGI with constant bytes")
    targets.show_targets(run)


if __name__ == "__main__":
    outcome.run_app(lambda: targets.run_study(STUDY, targets.read_options(STUDY, __doc__), show))
