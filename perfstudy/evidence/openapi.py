"""Draw GET requests from an OpenAPI document, the same ones each time.

The gate needs requests that a service answers, and not ones that break it. So values come from what the document
itself gives (examples, enumerations, defaults), and from the bounds of its schemas where it gives none. A fuzzer, such
as schemathesis, looks for the opposite, and would draw other requests with each of its versions.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from random import Random
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from perfstudy.errors import UsageError
from perfstudy.evidence.openapi_values import UndrawableError, draw_value, list_parts, resolve

DRAWS = 5
"""How often each operation is drawn from, where there are few."""
SEED = "openapi"


def draw_requests(name: str, document: Any, most: int) -> list[str]:
    """Return targets of the GET operations of *document*, about *most* at most.

    The first request of an operation has its required parameters alone, the others have optional ones as well. An
    operation is passed over where a required parameter cannot be drawn, or is a header or a cookie.

    Raises:
        UsageError: it is no OpenAPI document, or no request can be drawn; it is called *name* there.
    """
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise UsageError(f"{name} is neither a HAR nor an OpenAPI document: it has neither log nor paths")
    operations = [*_list_operations(document)]
    if not operations:
        raise UsageError(f"{name} has no GET operation: name targets with also=('/…',)")
    times = max(1, min(DRAWS, most // len(operations)))
    targets = [target for operation in operations for target in _draw_operation(document, *operation, times)]
    if not targets:
        raise UsageError(
            f"{name} has {len(operations)} GET operations, and none can be drawn: give examples of their parameters"
        )
    return list(dict.fromkeys(targets))


def _list_operations(document: Mapping[str, Any]) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Yield the path and the parameters of every GET operation."""
    prefix = _find_prefix(document)
    for path, shared in document["paths"].items():
        item = resolve(document, shared)
        operation = item.get("get")
        if isinstance(operation, dict) and str(path).startswith("/"):
            given = (resolve(document, one) for each in (item, operation) for one in list_parts(each, "parameters"))
            yield prefix + str(path), [*{(str(one.get("name")), str(one.get("in"))): one for one in given}.values()]


def _find_prefix(document: Mapping[str, Any]) -> str:
    """Return the path above all paths: the first server's, or Swagger's basePath."""
    for server in map(partial(resolve, document), list_parts(document, "servers")):
        url = str(server.get("url", ""))
        for name, variable in resolve(document, server.get("variables")).items():
            url = url.replace(f"{{{name}}}", str(resolve(document, variable).get("default", "")))
        return _find_path(url)
    return str(document.get("basePath") or "").rstrip("/")


def _find_path(url: str) -> str:
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:  # a bracket that does not close
        return ""


def _draw_operation(
    document: Mapping[str, Any], path: str, parameters: list[Mapping[str, Any]], times: int
) -> Iterator[str]:
    random = Random(f"{SEED}:{path}")
    for turn in range(times):
        try:
            yield _draw_target(document, path, parameters, random, with_optional=turn > 0)
        except UndrawableError:
            return


def _draw_target(
    document: Mapping[str, Any], path: str, parameters: list[Mapping[str, Any]], random: Random, *, with_optional: bool
) -> str:
    query: list[tuple[str, str]] = []
    for one in parameters:
        place, name, required = one.get("in"), str(one.get("name")), bool(one.get("required"))
        if place == "path":
            value = draw_value(document, one, random)
            path = path.replace(f"{{{name}}}", quote(_write(value), safe="", errors="replace"))
        elif place == "query" and (required or (with_optional and random.random() < 0.5)):
            query += _draw_query(document, one, random, name, required)
        elif required and place != "query":
            raise UndrawableError
    if "{" in path:
        raise UndrawableError
    plain = quote(path, safe="/%:@!$&'()*+,;=~", errors="replace")
    return plain + (f"?{urlencode(query, errors='replace')}" if query else "")


def _draw_query(
    document: Mapping[str, Any], one: Mapping[str, Any], random: Random, name: str, required: bool
) -> list[tuple[str, str]]:
    try:
        value = draw_value(document, one, random)
        parts = [*map(_write, value if isinstance(value, list) else [value])]
    except UndrawableError:
        if required:
            raise
        return []
    if one.get("explode", True) is False or one.get("collectionFormat", "multi") != "multi":
        return [(name, ",".join(parts))]
    return [(name, part) for part in parts]


def _write(value: Any) -> str:
    if isinstance(value, dict | list) or value is None:
        raise UndrawableError
    return str(value).lower() if isinstance(value, bool) else str(value)
