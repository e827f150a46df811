"""Granian in place of Gunicorn: HTTP is read and written outside of Python.

Stalled bodies occupy at most four of a worker's eight threads, each until its client disconnects: a read has no
deadline. If clients are not trusted, put a proxy that buffers bodies in front.

With persistent connections, each thread has one of its own to the database, up to sixteen in all.
A client that closed its sending side before it had the answer got none, with Granian 2.8.7.
"""

from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim

GRANIAN = Optimization(
    name="granian",
    title="Granian",
    summary="two Granian workers in place of Gunicorn's: HTTP is spoken in Rust, beside the interpreter",
    server=(
        *("{python}", "-m", "perfstudy.listing.service.servers.granian", "perfstudy.listing.service.wsgi:application"),
        *("{host}:{port}", "--workers", "2", "--preload"),
    ),
    requires=frozenset({"gunicorn"}),
    conflicts=frozenset({"threads"}),
    manual_rollback="serve with Gunicorn again",
    claims=(
        Claim(
            id="granian-hit",
            quote="a hit, of which HTTP is most, is faster where Python does not speak HTTP",
            source="a claim of the study's own",
            variant="index+related+values+connections+gunicorn+cache+granian",
            reference="index+related+values+connections+gunicorn+cache",
            low=1,
            temperature="warm",
            reference_temperature="warm",
            note="throughput by clients is what benchmarks/serving.py measures",
        ),
    ),
)
