"""Lower bounds of the service: bare applications behind the variants' own server, as competitors of a study."""

from perfstudy.listing.compiling import competitor
from perfstudy.listing.targets import FINAL
from perfstudy.model.arm import Arm


def _bare(name: str, title: str, application: str) -> Arm:
    # As the optimization granian, with one worker, and without --preload: a fork must not share a database connection.
    served = ("{python}", "-m", "perfstudy.listing.service.servers.granian", f"benchmarks.rivals.{application}")
    return competitor(name, title, (*served, "{host}:{port}"), schema=FINAL)


FLOORS = (
    _bare("wsgi-constant", "bare WSGI, constant bytes", "bare:constant"),
    _bare("wsgi-redis", "bare WSGI and one GET", "bare:one_get"),
    _bare("wsgi-postgres", "bare WSGI and one query that returns JSON", "bare:one_query"),
    _bare("django-constant", "an empty Django view, constant bytes", "empty:application"),
)
