"""Take the GET requests of one host out of a HAR, the recording of a browser.

Only path and query are taken: no header, cookie or body. A request with a secret in its query is skipped.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from perfstudy.errors import UsageError
from perfstudy.evidence.secret_names import is_secret


def list_requests(name: str, document: Any) -> list[str]:
    """Return the targets of the GET requests in a HAR *document*, in its order.

    They are those of one host: the one that answers most of them with JSON, otherwise the one that answers most.

    Raises:
        UsageError: it is no HAR, or has no GET request; it is called *name* there.
    """
    log = document.get("log") if isinstance(document, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list) or not entries:
        raise UsageError(f"{name} is a HAR without entries: record the requests in the browser's network panel first")
    found = [*_list_gets(entries)]
    hosts = Counter(url.netloc for url, is_json in found if is_json) or Counter(url.netloc for url, _ in found)
    if not hosts:
        raise UsageError(f"{name} has {len(entries)} entries and no GET request that can be repeated: record some")
    host = hosts.most_common(1)[0][0]
    return list(dict.fromkeys(_name_target(url) for url, _ in found if url.netloc == host))


def _list_gets(entries: list[Any]) -> Iterator[tuple[SplitResult, bool]]:
    """Yield the URLs of repeatable GET requests, and whether JSON was answered."""
    for entry in entries:
        request, response = _member(entry, "request"), _member(entry, "response")
        try:
            url = urlsplit(str(_member(request, "url") or ""))
        except ValueError:  # a bracket that does not close
            continue
        is_page = url.scheme in ("http", "https") and _member(request, "method") == "GET"
        if is_page and not any(is_secret(*pair) for pair in parse_qsl(url.query)):
            yield url, "json" in str(_member(_member(response, "content"), "mimeType"))


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _name_target(url: SplitResult) -> str:
    return (url.path or "/") + (f"?{url.query}" if url.query else "")
