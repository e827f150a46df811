"""The floors under the service, as rivals of a study: bare applications behind the variants' own server."""

from perfstudy.listing.targets import FINAL
from perfstudy.model.competitor import Competitor


def _floor(name: str, title: str, application: str) -> Competitor:
    # As the optimization granian, with one worker, and without --preload: a fork must not share a database connection.
    served = (
        "{python}",
        "-m",
        "perfstudy.listing.service.servers.granian",
        f"benchmarks.rivals.{application}",
        "{host}:{port}",
    )
    return Competitor(
        name=f"rival:{name}",
        title=title,
        command=served,
        schema=FINAL,
    )


FLOORS = (
    _floor("wsgi-constant", "bare WSGI, constant bytes", "bare:constant"),
    _floor("wsgi-redis", "bare WSGI and one GET", "bare:one_get"),
    _floor("wsgi-postgres", "bare WSGI and one query that returns JSON", "bare:one_query"),
    _floor("django-constant", "an empty Django view, constant bytes", "empty:application"),
)
