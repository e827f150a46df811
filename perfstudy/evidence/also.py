"""Read the gate's further requests: a list, a text, a HAR, an OpenAPI document."""

import json
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from perfstudy.errors import UsageError
from perfstudy.evidence.har import list_requests
from perfstudy.evidence.openapi import draw_requests

MOST = 500
"""The largest number of further requests of a gate; each is sent to every arm."""
YAML = frozenset({".yaml", ".yml"})


def read_also(source: str | Path | Sequence[str], folder: Path) -> list[str]:
    """Return the targets of the GET requests that *source* names, each once.

    *source* is a sequence of targets, or the path of a file, relative to *folder*: a text with one target a line and
    ``#`` comments, a HAR, or an OpenAPI document as JSON or YAML.

    Raises:
        UsageError: it cannot be read, names no request or more than :data:`MOST`, or a target does not begin with /.
    """
    name, targets = _read_source(source, folder)
    asked = [_check_target(name, target) for target in targets]
    found = list(dict.fromkeys(asked))
    if not found and name != "also":
        raise UsageError(f"{name} has no request: write one target a line, such as /api/orders?limit=50")
    if len(found) > MOST:
        raise UsageError(f"{name} has {len(found):,} requests, and every arm is asked each: leave at most {MOST}")
    return found


def _read_source(source: str | Path | Sequence[str], folder: Path) -> tuple[str, Iterable[str]]:
    if isinstance(source, list | tuple):
        return "also", source
    if not isinstance(source, str | Path):
        raise UsageError(f"also={source!r} is neither a tuple of targets nor a file: write also=('/api/orders/1',)")
    text = _read_text(source, folder)
    name, suffix = f"also={str(source)!r}", Path(source).suffix.lower()
    if suffix not in YAML | {".json", ".har"}:
        return name, _list_lines(text)
    document = _parse_yaml(name, text) if suffix in YAML else _parse_json(name, text)
    if suffix == ".har" or (isinstance(document, dict) and "log" in document):
        return name, list_requests(name, document)
    return name, draw_requests(name, document, MOST)


def _read_text(source: str | Path, folder: Path) -> str:
    path = folder / source
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(
            f"also={str(source)!r} is no text in UTF-8: name a list of targets, a HAR or OpenAPI"
        ) from None
    except (OSError, ValueError):
        hint = f"; one target is written also=({str(source)!r},)" if str(source).startswith("/") else ""
        raise UsageError(f"also={str(source)!r} is no file that can be read in {folder}{hint}") from None


def _list_lines(text: str) -> list[str]:
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _parse_json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name} is not JSON: {error}") from None


def _parse_yaml(name: str, text: str) -> Any:
    try:
        yaml = import_module("yaml")
    except ImportError:
        raise UsageError(f"{name} is YAML: install pyyaml to read it, or write the document as JSON") from None
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageError(f"{name} is not YAML: {' '.join(str(error).split())}") from None


def _check_target(name: str, target: object) -> str:
    if not isinstance(target, str) or not target.startswith("/"):
        raise UsageError(
            f"{name} has {target!r}, which does not begin with /: write path and query, /api/orders?limit=5"
        )
    if not target.isascii() or not target.isprintable() or " " in target:
        raise UsageError(f"{name} has {target!r}, in which blanks and other letters must be escaped, as in %20")
    return target
