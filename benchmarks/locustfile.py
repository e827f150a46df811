"""The listing's requests for Locust, whose workers may run on many machines.

Run with ``locust -f benchmarks/locustfile.py --host http://127.0.0.1:8000``, ``PERFSTUDY_TOKEN`` being what
``perfstudy token TENANT`` prints; with ``--master`` on one machine and ``--worker --master-host HOST`` on the others.
Locust is not installed with this project.
"""

# mypy: ignore-errors
# Locust is not installed for the type checker.

import os

from locust import FastHttpUser, constant, tag, task

PAGE = "/api/programs?limit=20"
NEXT = "/api/programs?limit=20&offset=20"
EVERY = "/api/programs?all=true&program_status=ALL"


class Visitor(FastHttpUser):
    """A visitor of a tenant's first pages, and sometimes of the whole list."""

    wait_time = constant(0)

    def on_start(self) -> None:
        """Authenticate as the tenant of the token."""
        self.headers = {"Authorization": f"Bearer {os.environ['PERFSTUDY_TOKEN']}"}

    @tag("page")
    @task(8)
    def page(self) -> None:
        """Request the first page."""
        self.client.get(PAGE, headers=self.headers)

    @tag("page")
    @task(1)
    def next_page(self) -> None:
        """Request the page after it."""
        self.client.get(NEXT, headers=self.headers)

    @tag("all")
    @task(1)
    def every(self) -> None:
        """Request all programs at once."""
        self.client.get(EVERY, headers=self.headers)
