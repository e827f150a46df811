"""The order list before and after it asks for customers and lines at once."""

import sys

from perfstudy import Arm, Claim, Scenario, Service, Study

SHOP = Service(
    command="{python} -m gunicorn shop.wsgi --bind {host}:{port} --worker-tmp-dir {scratch} --log-level warning",
    ready="/health/",
    environment={"DATABASE_URL": "{postgres}"},
    load=("{python} manage.py migrate --noinput", "{python} manage.py perf_orders"),
    login="{python} manage.py perf_token",
    python=sys.executable,  # Django, psycopg and gunicorn come with perfstudy; a project of yours has its own .venv
)

STUDY = Study(
    name="orders",
    title="Prefetching in the order list",
    service=SHOP,
    reference="main",
    arms=(Arm("main", ref="main"), Arm("prefetch", ref="HEAD")),
    scenarios=(Scenario("list", "/api/orders?limit=50"),),
    also=("/api/orders", "/api/orders/1"),
    claims=(Claim("prefetch", "the list is at least twice as fast", arm="prefetch", scenarios=("list",), low=2),),
)
