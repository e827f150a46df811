"""How near the service is to what any Python web service can be, as a study of its own.

Run with ``python benchmarks/limits.py --scale medium``, or ``perfstudy run --study benchmarks/limits.py``.
The floors answer the same requests with the same documents, behind the same server with one worker, to the same client:
constant bytes, one Redis GET, one query that returns the finished JSON, and an empty Django view.
COPY, the floor under loading, is measured by ``benchmarks/loading.py``.
"""

from typing import Any

from benchmarks import beside
from benchmarks.floors import FLOORS
from perfstudy.commands import outcome
from perfstudy.listing.compiling import arms
from perfstudy.listing.studies import declare

STUDY = declare(
    name="limits",
    title="The service beside its floors",
    arms=(*arms(beside.VARIANTS), *FLOORS),
    scenarios=("page", "all"),
    requests=200,
    costs=None,
)


def show(run: Any) -> None:
    """Print the tables of *run*."""
    beside.excluded(run)
    beside.show_ratios(run, "wsgi-constant", "cold", "time over that of bare WSGI with constant bytes")
    beside.show_aims(run)


if __name__ == "__main__":
    outcome.run_app(lambda: beside.measured(STUDY, beside.options(STUDY, __doc__), show))
