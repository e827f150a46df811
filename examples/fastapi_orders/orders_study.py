"""The order list that asks for each order's lines, and the one that joins them."""

from perfstudy import Arm, Claim, Scenario, Service, Study

ORDERS = Service(
    command="{python} -m uvicorn main:app --host {host} --port {port} --log-level warning --no-access-log",
    ready="/health",
    environment={"DATABASE_URL": "{postgres}"},
    build="sh -c 'python3 -m venv .venv && .venv/bin/pip install --quiet -r requirements.txt'",
    load="{python} load.py",
)

STUDY = Study(
    name="fastapi-orders",
    title="One statement for the lines of all orders",
    service=ORDERS,
    reference="each",
    arms=(
        Arm("each", tree="."),
        Arm("joined", tree=".", environment={"ORDERS": "joined"}),
    ),
    scenarios=(Scenario("list", "/orders?limit=50"),),
    also=("/orders", "/orders?limit=1"),
    claims=(Claim("joined", "the list is at least twice as fast", arm="joined", scenarios=("list",), low=2),),
)
