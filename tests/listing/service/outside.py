"""The service in a process of its own, spoken to over HTTP."""

from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

from perfstudy.drivers.http import Exchange
from perfstudy.listing.tokens import issue

from . import programs


def bearer(tenant: str | None, secret: str) -> dict[str, str]:
    """The header that *tenant* authenticates with."""
    return {"Authorization": f"Bearer {issue(tenant, secret)}"} if tenant else {}


@dataclass(frozen=True)
class Outside:
    """A running service and the secret that it verifies tokens with."""

    url: str
    secret: str

    def get(
        self,
        target: str,
        tenant: str | None = programs.TENANT,
        *,
        method: str = "GET",
        body: bytes | None = None,
        **headers: str,
    ) -> Exchange:
        """Answer *target*, on a connection of its own."""
        parts = urlsplit(self.url)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, target, body, headers=bearer(tenant, self.secret) | named)
            response = connection.getresponse()
            said = {name.lower(): value for name, value in response.getheaders()}
            return Exchange(response.status, said, response.read(), 0)
        finally:
            connection.close()
