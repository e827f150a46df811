"""Identities of answers: texts that are equal where the answers are.

An identity is the status, a kind, and the content: ``200 json {"id":1}``. A canonical document is kept whole up to
:data:`KEPT` characters, so that two can be compared member by member. Of a longer one, a digest is kept for every path
with its indexes left out; there are as many as the document has different members, however many elements it has, and
differences can still be named and ignored. Where even these are too many, one digest of the whole is kept.
"""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any, NoReturn

from perfstudy.errors import UsageError, unknown
from perfstudy.evidence.json_paths import Wildcard, format_step
from perfstudy.model.service import Identity

KEPT = 256 * 1024
"""The number of characters up to which the content of an identity is kept whole."""
DIGESTED = 256 * 1024
"""The number of characters up to which the digests of a longer document are kept."""
DEEPEST = 100
"""The depth of nesting up to which a body is read as a document."""
CONTAINER = "+"
"""The end of the digest of a path at which there are only objects and lists."""


def identify_json(status: int, body: bytes) -> str:
    """Return the identity of an answer by its JSON document.

    The order of members, blanks and escapes make no difference. Nor does the spelling of a fraction: 1.10, 1.1 and
    11e-1 are one double to every common client. But 1 and 1.0 differ, and so do large integers: clients with typed
    numbers reject 1.0 for an integer, and not all read integers as doubles.

    A body that clients read differently or not at all is compared by its bytes: invalid JSON, NaN, a number beyond a
    double's range, a member given twice, bytes that are not UTF-8, more than :data:`DEEPEST` levels.
    """
    try:
        return f"{status} {write_content(read_document(body.decode()))}"
    except (ValueError, RecursionError):
        return identify_bytes(status, body)


def identify_bytes(status: int, body: bytes) -> str:
    """Return the identity of an answer by a digest of its bytes, and their number."""
    return f"{status} bytes {sha256(body).hexdigest()} {len(body)}" if body else f"{status} empty"


def identify_status(status: int, body: bytes) -> str:
    """Return the identity of an answer by its status alone."""
    return str(status)


IDENTITIES: dict[str, Identity] = {"json": identify_json, "bytes": identify_bytes, "status": identify_status}
"""What a study may compare, by the name it is declared with."""


def choose_identity(choice: str | Callable[[int, bytes], str]) -> Identity:
    """Return the identity that a study declares: a name, or a function.

    A function gets the status and the body; what it returns is compared beside the status.

    Raises:
        UsageError: the name is unknown, or *choice* is neither.
    """
    if isinstance(choice, str):
        if choice not in IDENTITIES:
            raise unknown("identity", choice, IDENTITIES)
        return IDENTITIES[choice]
    if not callable(choice):
        raise UsageError(f"identity={choice!r} is neither a name ({', '.join(IDENTITIES)}) nor a function")
    return _wrap(choice)


def _wrap(function: Callable[[int, bytes], str]) -> Identity:
    name = getattr(function, "__qualname__", repr(function))

    def identify(status: int, body: bytes) -> str:
        try:
            text = function(status, body)
        except Exception as error:  # a study's own code may raise anything
            raise UsageError(f"identity={name} failed for status {status}: {type(error).__name__}: {error}") from error
        if not isinstance(text, str):
            raise UsageError(f"identity={name} returned {type(text).__name__}, and must return a text")
        return f"{status} own {text}" if len(text) <= KEPT else f"{status} {_hash_whole(text)}"

    return identify


def read_document(text: str) -> Any:
    """Return the document in *text*, read as strictly as clients agree on.

    Raises:
        ValueError: it is no JSON, or clients read it differently.
    """
    document = json.loads(
        text, object_pairs_hook=_read_members, parse_float=_read_fraction, parse_constant=_refuse_constant
    )
    _check_depth(document, DEEPEST)
    return document


def _read_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is given twice")
    return members


def _read_fraction(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("the number is beyond a double's range")
    return number + 0.0  # -0.0 becomes 0.0: the two are equal to every client


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _check_depth(value: Any, left: int) -> None:
    if not left:
        raise ValueError("the document is nested too deeply")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check_depth(inner, left - 1)


def write_canonically(value: Any) -> str:
    """Return *value* as ASCII text, with members in order and no blanks."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def write_content(document: Any) -> str:
    """Return the kind and the content of *document*'s identity, of bounded length."""
    text = write_canonically(document)
    if len(text) <= KEPT:
        return f"json {text}"
    digests = write_canonically(digest_paths(document))
    return f"digests {digests}" if len(digests) <= DIGESTED else _hash_whole(text)


def _hash_whole(text: str) -> str:
    return f"hash {sha256(text.encode(errors='surrogatepass')).hexdigest()} {len(text)}"


def digest_paths(document: Any) -> dict[str, str]:
    """Return a digest for every path in *document*, with indexes left out.

    That of a path to objects or lists says only that they are there: what is in them has paths of its own.
    """
    hashes: dict[str, Any] = {}
    leaves = set()
    for path, general, value in _list_nodes("$", "$", document):
        hashes.setdefault(general, sha256()).update(f"{path} {value}\n".encode())
        if value not in ("{", "["):
            leaves.add(general)
    return {path: found.hexdigest()[:16] + ("" if path in leaves else CONTAINER) for path, found in hashes.items()}


def _list_nodes(path: str, general: str, value: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(value, dict):
        yield path, general, "{"
        for name in sorted(value):
            step = format_step(name)
            yield from _list_nodes(path + step, general + step, value[name])
    elif isinstance(value, list):
        yield path, general, "["
        for index, inner in enumerate(value):
            yield from _list_nodes(f"{path}[{index}]", f"{general}{Wildcard.ELEMENT.value}", inner)
    else:
        yield path, general, write_canonically(value)


def read_identity(identity: str) -> tuple[str, str, Any]:
    """Return the status, the kind and the content of *identity*.

    The content of the kinds ``json`` and ``digests`` is a document, and otherwise a text.
    """
    status, _, rest = identity.partition(" ")
    kind, _, text = rest.partition(" ")
    return status, kind, json.loads(text) if kind in ("json", "digests") else text
