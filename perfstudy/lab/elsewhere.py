"""A service that runs elsewhere: it gets requests, and is never changed."""

from urllib.parse import urlsplit

from perfstudy.drivers.http import Client
from perfstudy.errors import PerfstudyError
from perfstudy.lab.services import Served
from perfstudy.model.arm import Arm
from perfstudy.model.service import Service

PATIENCE = 30.0
"""Seconds that emptying a cache may take."""


class ServedElsewhere(Served):
    """The service at an arm's URL."""

    def __init__(self, service: Service, arm: Arm, token: str) -> None:
        """Take the service of *arm*, and the *token* that its requests carry."""
        super().__init__(service, arm, lambda tenant: token)
        self.url = arm.url

    def close(self) -> None:
        """Leave it running."""
        self.closed = True


def request(url: str) -> None:
    """Request *url*, which empties a cache.

    Raises:
        PerfstudyError: it does not answer, or not with success.
    """
    parts = urlsplit(url)
    with Client(f"{parts.scheme}://{parts.netloc}", timeout=PATIENCE) as client:
        answer = client.get(parts._replace(scheme="", netloc="").geturl() or "/")
    if answer.status // 100 != 2:
        raise PerfstudyError(f"{url} was to empty the cache, and answered {answer.status}: correct clear=")
