"""Send a scenario's requests: follow cursors, send entity tags, accept encodings."""

import gzip
import re
from http import HTTPStatus

from perfstudy.drivers.http import Client, Exchange
from perfstudy.errors import PerfstudyError
from perfstudy.model.scenario import Scenario
from perfstudy.model.secret import reveal


def follow_links(client: Client, shape: Scenario, targets: list[str]) -> list[str]:
    """Return the targets to request where *shape* draws *targets*.

    If it follows cursors, they are the next pages of the drawn ones.

    Raises:
        PerfstudyError: an answer names no next page.
    """
    if not shape.follows_next:
        return targets
    found = {target: _follow(client, target) for target in dict.fromkeys(targets)}
    return [found[target] for target in targets]


def _follow(client: Client, target: str) -> str:
    link = client.get(target).headers.get("link", "")
    found = re.fullmatch(r'<([^>]*)>; rel="next"', link)
    if found is None:
        raise PerfstudyError(f"the answer to {target} has no Link to a next page")
    return found[1]


class Asker:
    """A client that sends requests as a scenario says; it stores tags, not bodies."""

    def __init__(self, client: Client, shape: Scenario) -> None:
        self._client, self._shape = client, shape
        self._own = reveal(shape.headers)
        self._tags: dict[str, str] = {}

    def get(self, target: str, **headers: str) -> Exchange:
        """Request *target* with the headers of the scenario, and read the whole answer."""
        body = getattr(target, "body", None)
        found = self._client.send(self._shape.method, target, body, **self._headers(target), **headers)
        if self._shape.revalidates and "etag" in found.headers:
            self._tags[target] = found.headers["etag"]
        return found

    def _headers(self, target: str) -> dict[str, str]:
        accepts = {"Accept-Encoding": self._shape.accept_encoding} if self._shape.accept_encoding else {}
        return self._own | accepts | ({"If-None-Match": self._tags[target]} if target in self._tags else {})


def decode_answer(client: Client, target: str, found: Exchange) -> tuple[int, bytes]:
    """Return the status and the decoded body of *found*, the answer to *target*.

    A compressed body is decompressed. For a 304 the body is that of a new answer to *client*, which must have the same
    tag; otherwise the answer has no document.
    """
    if found.status == HTTPStatus.NOT_MODIFIED:
        now = client.get(target)
        same = now.headers.get("etag") == found.headers.get("etag")
        return (now.status, now.body) if same else (found.status, b"of another answer than is sent")
    packed = found.headers.get("content-encoding") == "gzip"
    return found.status, gzip.decompress(found.body) if packed else found.body
