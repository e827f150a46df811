"""Draw a parameter's value: what its document gives, otherwise within its bounds."""

import math
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any
from uuid import UUID

DEEPEST = 20
"""The number of references and schemas that are followed for one value."""
SPREAD = 100
"""How far apart the numbers are that are drawn, in steps."""
BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
FORMATS = {
    "date": "2024-01-01",
    "date-time": "2024-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "email": "a@example.com",
    "ipv4": "192.0.2.1",
    "uri": "https://example.com/",
}
"""What is drawn for a text in a format."""


class UndrawableError(Exception):
    """No value follows from the document."""


def resolve(document: Mapping[str, Any], value: Any) -> Mapping[str, Any]:
    """Return *value*, or what its ``$ref`` leads to.

    Empty where that is not in *document*, or no object.
    """
    for _ in range(DEEPEST):
        if not isinstance(value, dict) or "$ref" not in value:
            break
        value = _follow(document, str(value["$ref"]))
    return value if isinstance(value, dict) and "$ref" not in value else {}


def list_parts(value: Mapping[str, Any], name: str) -> list[Any]:
    """Return the list that is *value*'s member *name*; empty where there is none."""
    parts = value.get(name)
    return parts if isinstance(parts, list) else []


def _follow(document: Any, reference: str) -> Any:
    start, *steps = reference.split("/")
    if start != "#":  # in another file
        return None
    for step in steps:
        name = step.replace("~1", "/").replace("~0", "~")
        document = document.get(name) if isinstance(document, dict) else None
    return document


def draw_value(document: Mapping[str, Any], parameter: Mapping[str, Any], random: Random) -> Any:
    """Return a value of *parameter*: an example, otherwise one of its schema.

    Raises:
        UndrawableError: no value follows from the document.
    """
    examples = [*_list_examples(document, parameter)]
    if examples:
        return random.choice(examples)
    content = parameter.get("content")
    if isinstance(content, dict):  # a parameter that is a document itself
        raise UndrawableError
    return _draw_schema(document, parameter.get("schema", parameter), random, DEEPEST)


def _list_examples(document: Mapping[str, Any], parameter: Mapping[str, Any]) -> Iterator[Any]:
    if "example" in parameter:
        yield parameter["example"]
    examples = parameter.get("examples")
    for example in examples.values() if isinstance(examples, dict) else ():
        resolved = resolve(document, example)
        if "value" in resolved:
            yield resolved["value"]


def _draw_schema(document: Mapping[str, Any], given: Any, random: Random, left: int) -> Any:
    schema = resolve(document, given)
    values = [*_list_values(schema)]
    if values and not (_has_default_alone(schema) and random.random() < 0.5):
        return random.choice(values)
    if not left:
        raise UndrawableError
    for word in ("allOf", "anyOf", "oneOf"):
        for part in list_parts(schema, word):
            try:
                return _draw_schema(document, part, random, left - 1)
            except UndrawableError:
                continue
    kind = _find_type(schema)
    if kind == "array":
        return [_draw_schema(document, schema.get("items"), random, left - 1)]
    if kind not in DRAWERS:
        raise UndrawableError
    return DRAWERS[kind](schema, random)


def _list_values(schema: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the values that *schema* itself gives; an enumeration before a default."""
    if "const" in schema:
        yield schema["const"]
    for word in ("enum", "examples"):
        yield from (value for value in list_parts(schema, word) if value is not None)
    if "enum" not in schema:
        yield from (schema[word] for word in ("example", "default") if schema.get(word) is not None)


def _has_default_alone(schema: Mapping[str, Any]) -> bool:
    """Return whether there is more to ask for than the default, within known bounds."""
    if any(word in schema for word in ("const", "enum", "example", "examples")):
        return False
    bounded = any(_number(schema.get(word)) is not None for word in BOUNDS)
    return _find_type(schema) == "boolean" or (bounded and _find_type(schema) in ("integer", "number"))


def _find_type(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    return str(next((each for each in kinds if each != "null"), None))


def _draw_integer(schema: Mapping[str, Any], random: Random) -> int:
    step = max(1, int(_number(schema.get("multipleOf")) or 1))
    low, high = _find_bounds(schema, 1, SPREAD * step)
    first, last = math.ceil(low / step), math.floor(high / step)
    if first > last:
        raise UndrawableError
    return random.randint(first, last) * step


def _draw_number(schema: Mapping[str, Any], random: Random) -> float:
    low, high = _find_bounds(schema, 0, SPREAD)
    if low > high:
        raise UndrawableError
    middle = round(random.uniform(low, high), 2)
    return middle if low <= middle <= high else (low + high) / 2


def _find_bounds(schema: Mapping[str, Any], margin: int, spread: int) -> tuple[float, float]:
    """Return the bounds to draw between, *margin* inside of excluded ones.

    They are at most *spread* apart, from 0 up where that is allowed: an offset may be 2 to the 31st, and there is
    nothing to compare there.
    """
    low = _find_bound(schema, "minimum", "exclusiveMinimum", margin)
    high = _find_bound(schema, "maximum", "exclusiveMaximum", -margin)
    if low is None:
        low = 1.0 if high is None or high >= 1 else high - spread
    elif low < 0 and (high is None or high >= 0):
        low = 0.0
    return low, low + spread if high is None else min(high, low + spread)


def _find_bound(schema: Mapping[str, Any], word: str, excluded: str, margin: int) -> float | None:
    bound, outside = _number(schema.get(word)), schema.get(excluded)
    if outside is True and bound is not None:  # OpenAPI 3.0
        return bound + margin
    limit = None if isinstance(outside, bool) else _number(outside)
    return bound if limit is None else limit + margin


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return value if is_number else None


def _draw_text(schema: Mapping[str, Any], random: Random) -> str:
    """Return a text; none can be drawn that has to match a pattern."""
    form = schema.get("format")
    if form == "uuid":
        return str(UUID(int=random.getrandbits(128), version=4))
    if form in FORMATS:
        return FORMATS[form]
    if "pattern" in schema or form in ("binary", "byte"):
        raise UndrawableError
    least, most = int(_number(schema.get("minLength")) or 1), _number(schema.get("maxLength"))
    return "".join(
        random.choice("aeinorst") for _ in range(min(least, 1000) if most is None else min(least, int(most)))
    )


def _draw_boolean(schema: Mapping[str, Any], random: Random) -> bool:
    return random.random() < 0.5


DRAWERS: dict[str, Callable[[Mapping[str, Any], Random], Any]] = {
    "integer": _draw_integer,
    "number": _draw_number,
    "string": _draw_text,
    "boolean": _draw_boolean,
}
"""How a value of each type is drawn."""
