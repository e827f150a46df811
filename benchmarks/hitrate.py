r"""Measured and predicted hit rates of a cache: three lifetimes, two skews.

Run with ``python benchmarks/hitrate.py --seconds 15``. Requests arrive by a Poisson process, shared among tenants by
Zipf's law; each is for the tenant's first page, which is one key. Hits are counted from ``X-Cache``; the model
(``analysis.hitratio``) is given the intended rates, not the observed ones. Every run starts with an empty cache, and
requests within the first lifetime are not counted. With ``ttl`` a lifetime is up to a tenth shorter, so the model is
given its mean. Then it prints whether the first reads after a sync hit, with ``warm`` and without.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import local
from time import monotonic, sleep

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import make_parser
from perfstudy.analysis.hitratio import overall_hit_ratio, zipf_rates
from perfstudy.analysis.quantile import Array
from perfstudy.commands import outcome
from perfstudy.drivers.http import Client
from perfstudy.formatting import duration, percent
from perfstudy.lab.services import RunningService, ServicePlace
from perfstudy.listing.compiling import arm
from perfstudy.listing.definition import SERVICE
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.optimizations.ttl import JITTER
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import Variant, parse

CACHING = parse("index+related+values+connections+gunicorn+cache+invalidate+ttl")
LIFETIMES, SKEWS = (1, 2, 4), (0.7, 1.1)
WORKERS = 8


def main() -> None:
    """Print measured and predicted hit rates, and what warming does."""
    parser = make_parser(__doc__, seconds=15.0, rate=60.0)
    parser.add_argument("--tenants", type=int, default=60)
    options = parser.parse_args()
    with Lab.start() as lab, lab.database("tiny") as database:
        database.reconcile(CACHING)
        print(f"{options.tenants} tenants, {options.rate:g} requests a second")
        for lifetime in LIFETIMES:
            with serve(lab, database, CACHING, lifetime) as service:
                for skew in SKEWS:
                    lab.clear_cache()
                    rates = zipf_rates(options.rate, options.tenants, skew)
                    measured, late = measure_hit_rate(service, rates, options.seconds, lifetime)
                    predicted = overall_hit_ratio(rates, lifetime * (1 - JITTER / 2))
                    print(
                        f"  lifetime {lifetime} s, skew {skew}: "
                        f"measured {percent(measured.mean(), 3)} of {measured.size}, "
                        f"predicted {percent(predicted, 3)}, latest start {duration(late)}",
                        flush=True,
                    )
        for variant in (CACHING, parse(f"{CACHING}+warm")):
            with serve(lab, database, variant, 60) as service:
                first = read_after_sync(service, database.facts.tenant)
            print(f"  first reads after a sync, {'with' if 'warm' in variant else 'without'} warm: {first}", flush=True)


@contextmanager
def serve(lab: Lab, database: Database, variant: Variant, lifetime: int) -> Iterator[RunningService]:
    """Serve *variant*, which caches answers for *lifetime* seconds."""
    environment = lab.build_environment(database.url, variant) | {"PERFSTUDY_CACHE_SECONDS": str(lifetime)}
    with TemporaryDirectory() as folder:
        place = ServicePlace(log=Path(folder) / "log", scratch=Path(folder) / "scratch")

        def bearer(tenant: str) -> str:
            return SERVICE.token(tenant, lab.secret)

        with RunningService(SERVICE, arm(variant), environment, place, bearer) as service:
            yield service
    lab.clear_cache()


def measure_hit_rate(
    service: RunningService, rates: Array, seconds: float, warmup: float
) -> tuple[NDArray[np.bool_], float]:
    """Return for each request after *warmup* whether it hit, and the greatest delay.

    It is the time in seconds by which the latest request started late.
    """
    rng = np.random.default_rng(7)
    count = rng.poisson(rates.sum() * (seconds + warmup))
    starts = np.sort(rng.uniform(0, seconds + warmup, count))
    tenants = rng.choice(rates.size, count, p=rates / rates.sum())
    begun, own = monotonic(), local()

    def ask(start: float, tenant: int) -> tuple[bool, float]:
        sleep(max(0.0, begun + start - monotonic()))  # wait until it is due
        clients = vars(own).setdefault("clients", {})
        if tenant not in clients:
            clients[tenant] = Client(service.url, service.token(f"hit-{tenant}"))
        late = monotonic() - begun - start
        return clients[tenant].get(listing()).cache == "HIT", late

    with ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(ask, starts.tolist(), tenants.tolist()))
    hits = np.array([hit for hit, _ in found])
    return hits[starts >= warmup], max(late for _, late in found)


def read_after_sync(service: RunningService, tenant: str) -> str:
    """Return the cache status of the first reads after a sync of one program."""
    line = {"program_id": "synced", "program_type": "CPC", "yelp_business_id": "b", "status": "CURRENT"}
    said = []
    with Client(service.url, service.token(tenant)) as client:
        for target in (listing(), listing(all="true", program_status="ALL")):
            client.get(target)
            client.send("POST", "/api/sync", json.dumps(line).encode())
            answers = [client.get(target) for _ in range(2)]
            said.append(", then ".join(f"{answer.cache} {duration(answer.nanoseconds / 1e9)}" for answer in answers))
    return "; ".join(said)


if __name__ == "__main__":
    outcome.run_app(main)
