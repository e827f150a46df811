"""A production WSGI server in place of Django's development server.

A head or a body that never ends holds one of a worker's threads for as long as its client stays, since Gunicorn has no
deadline for either once it has begun: where clients are not trusted, a proxy that buffers requests belongs in front.
"""

from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim

GUNICORN = Optimization(
    name="gunicorn",
    title="Gunicorn",
    summary="two Gunicorn workers in place of the development server and its thread per connection",
    # gthread keeps a client's connection open, which the sync worker does not; one thread each, so that
    # a worker holds one database connection.
    server=(
        *("{python}", "-m", "gunicorn", "perfstudy.listing.service.wsgi:application"),
        *("--bind", "{host}:{port}", "--workers", "2", "--threads", "1", "--worker-class", "gthread"),
        *("--keep-alive", "75", "--preload", "--worker-tmp-dir", "{scratch}", "--log-level", "warning"),
        # By itself it lets loopback rewrite a request's path by a header SCRIPT_NAME.
        *("--forwarder-headers", ""),
    ),
    manual_rollback="serve with manage.py runserver again",
    claims=(
        Claim(
            id="gunicorn-response",
            quote="Use production WSGI server (Gunicorn/uWSGI)",
            source="Additional optimizations (future), 4: Infrastructure",
            variant="index+related+values+connections+gunicorn",
            reference="index+related+values+connections",
            low=1,
            note="the report states no number, so a direction is what is judged",
        ),
    ),
)
