"""Say in one sentence what a run found: what changed, by how much, how surely."""

from collections import Counter
from collections.abc import Callable
from math import isfinite
from typing import Any

from perfstudy import formatting
from perfstudy.model.labels import describe

Name = Callable[[str], str]
"""Renders the name of an arm or a scenario."""
ORDER = ("slower", "faster", "equivalent", "inconclusive", "invalid")
"""What a reader has to know first."""


def say_headline(rows: list[dict[str, Any]], excluded: dict[str, str], name: Name = describe) -> str:
    """Return the sentence on *rows*, as ``pick_judged`` gives them."""
    if not rows and excluded:
        return f"Nothing was compared: {', '.join(map(name, sorted(excluded)))} could not be; the details say why."
    if not rows:
        return "Nothing was compared: the run has no variant that was measured beside its reference."
    first = min(rows, key=_rank)
    said = _SENTENCES[first["comparison"]](first, name) + _rest(rows, first)
    lost = [name(arm) for arm in excluded if first["comparison"] != "invalid" or arm != first["variant"]]
    return f"{said}{f'; {join(lost)} {be(lost)} excluded' if lost else ''}."


def join(words: list[str]) -> str:
    """Return *words* as a list in a sentence: ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def be(things: list[str]) -> str:
    """Return the verb of so many *things*."""
    return "is" if len(things) == 1 else "are"


def say_place(row: dict[str, Any], name: Name) -> str:
    """Return which requests *row* is about."""
    kind = " with a warm cache" if row["temperature"] == "warm" else " with an empty cache" if row["caches"] else ""
    return f"{name(row['scenario'])}{kind}"


def say_range(low: float, high: float) -> str:
    """Return an interval of factors in a sentence: ``2.1 to 2.4 times``."""
    ends = [formatting.ratio(end).removesuffix("×") for end in (low, high)]
    return f"{' to '.join(dict.fromkeys(ends))} times"


def _rank(row: dict[str, Any]) -> tuple[int, float]:
    speedup = row["speedup"] if row["speedup"] == row["speedup"] else 1.0
    return ORDER.index(row["comparison"]), -max(speedup, 1 / speedup)


def _rest(rows: list[dict[str, Any]], first: dict[str, Any]) -> str:
    others = Counter(row["comparison"] for row in rows if row is not first)
    if not others:
        return ""
    counted = ", ".join(f"{others[word]} {word}" for word in ORDER if others[word])
    many = sum(others.values())
    return f"; the other {many} comparisons: {counted}" if many > 1 else f"; the other comparison: {next(iter(others))}"


def _certainty(row: dict[str, Any]) -> str:
    few = ", indicative" if row["indicative"] else ""
    floor = f", noise floor {formatting.factor(row['floor'])}" if row["floor"] == row["floor"] else ", no noise floor"
    machines = f"; {row['agreement']}" if row.get("agreement") else ""
    return f"({row['blocks']} block{'s' * (row['blocks'] != 1)}{few}{floor}{machines})"


def _faster(row: dict[str, Any], name: Name) -> str:
    times = say_range(row["low"], row["high"])
    reference = name(row["reference"])
    return f"{name(row['label'])} answers {say_place(row, name)} {times} as fast as {reference} {_certainty(row)}"


def _slower(row: dict[str, Any], name: Name) -> str:
    times = say_range(1 / row["high"], 1 / row["low"])
    reference = name(row["reference"])
    return f"{name(row['label'])} takes {times} as long as {reference} for {say_place(row, name)} {_certainty(row)}"


def _equivalent(row: dict[str, Any], name: Name) -> str:
    within = say_range(row["low"], row["high"])
    arms = f"{name(row['label'])} and {name(row['reference'])}"
    return f"{arms} answer {say_place(row, name)} equally fast, within {within} {_certainty(row)}"


def _inconclusive(row: dict[str, Any], name: Name) -> str:
    what = f"{name(row['label'])} answers {say_place(row, name)} faster or slower than {name(row['reference'])}"
    if row["speedup"] != row["speedup"]:
        return f"Whether {what} is open: there are too few requests for an interval {_certainty(row)}"
    if row["low"] <= 0 or not isfinite(row["high"]):
        return f"Whether {what} is open: one block gives no interval {_certainty(row)}"
    return f"Whether {what} is open: {say_range(row['low'], row['high'])} as fast {_certainty(row)}"


def _invalid(row: dict[str, Any], name: Name) -> str:
    return f"No time of {name(row['label'])} counts, because it cannot be compared with {name(row['reference'])}"


_SENTENCES = {
    "faster": _faster,
    "slower": _slower,
    "equivalent": _equivalent,
    "inconclusive": _inconclusive,
    "invalid": _invalid,
}
