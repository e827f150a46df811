"""The floors under the service, as rivals of a study: bare applications behind the variants' own server."""

from perfstudy.aims import FINAL
from perfstudy.rival import Rival

WSGI = (
    *("{python}", "-m", "gunicorn", "{application}"),
    *("--bind", "{host}:{port}", "--workers", "1", "--threads", "1", "--worker-class", "gthread"),
    *("--keep-alive", "75", "--worker-tmp-dir", "{scratch}", "--log-level", "warning"),
)
"""The command of the optimization ``gunicorn`` with one worker, and without ``--preload``: a fork must not share a
database connection."""


def gunicorn(application: str, python: str = "{python}") -> tuple[str, ...]:
    """Return the command that serves a WSGI *application* by an interpreter."""
    filled = {"{application}": application, "{python}": python}
    return tuple(filled.get(part, part) for part in WSGI)


def _floor(name: str, title: str, application: str) -> Rival:
    return Rival(
        name=f"rival:{name}",
        title=title,
        command=gunicorn(f"benchmarks.rivals.{application}"),
        schema=FINAL,
    )


FLOORS = (
    _floor("wsgi-constant", "bare WSGI, constant bytes", "bare:constant"),
    _floor("wsgi-redis", "bare WSGI and one GET", "bare:one_get"),
    _floor("wsgi-postgres", "bare WSGI and one query that returns JSON", "bare:one_query"),
    _floor("django-constant", "an empty Django view, constant bytes", "empty:application"),
)
