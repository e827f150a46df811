"""Granian in place of Gunicorn: requests are read and answers written by threads that run no Python.

A head that never ends holds no worker. A body does, in each worker's one thread and for as long as its client stays:
Granian has no deadline for it. Where clients are not trusted, a proxy that buffers bodies belongs in front.
A client that closes its sending side before it has the answer gets none: hyper takes that for its end.
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
