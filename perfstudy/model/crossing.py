"""Cross the switches of a service: an arm for every set of them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

from perfstudy.errors import UsageError, unknown
from perfstudy.model.arm import Arm

MOST = 6
"""The number of switches up to which they are crossed: 64 arms."""
MERGED = ("settings", "environment")
"""The fields of an arm to which switches add; where they give a command, it replaces the arm's."""
NAME = re.compile(r"[\w-]+")

Change = Mapping[str, Any]
"""What a switch sets: fields of an arm."""


def crossed(base: Arm, /, **switches: Change) -> tuple[Arm, ...]:
    """Return *base* and an arm for every set of *switches*: a full factorial.

    ``crossed(Arm("base", ref="HEAD"), pool={"settings": {…}}, threads={"environment": {…}})`` returns the arms
    ``base``, ``pool``, ``threads`` and ``pool+threads``. Each has its switches as its factors, from which their gains
    are attributed; a study declares them in order, ``factors=("pool", "threads")``. Settings and environment are added
    to those of *base*, member by member.

    Raises:
        UsageError: there are too many switches or none, one has an unusable name or changes nothing that an arm has,
            or two contradict each other.
    """
    _check(base, switches)
    return tuple(
        _combine(base, {name: switches[name] for name in chosen})
        for size in range(len(switches) + 1)
        for chosen in combinations(switches, size)
    )


def _check(base: Arm, switches: Mapping[str, Change]) -> None:
    if not 1 <= len(switches) <= MOST:
        raise UsageError(f"crossed() got {len(switches)} switches, so {2 ** len(switches):,} arms: cross 1 to {MOST}")
    if base.factors:
        raise UsageError(f"arm {base.label!r} has factors already ({', '.join(base.factors)}): cross another arm")
    for name, change in switches.items():
        _check_switch(base, name, change)
    for one, other in combinations(switches, 2):
        for field in switches[one].keys() & switches[other].keys():
            _check_pair(one, other, (field,), switches[one][field], switches[other][field])


def _check_switch(base: Arm, name: str, change: Change) -> None:
    if not NAME.fullmatch(name) or name == base.label:
        raise UsageError(f"switch {name!r} cannot be part of a label: use letters, digits, - and _, and not the base's")
    if not isinstance(change, Mapping) or not change:
        raise UsageError(f"switch {name!r} is {change!r}, and says what it sets, as in {{'environment': {{…}}}}")
    known = (*MERGED, "command")
    for field, value in change.items():
        if field not in known:
            raise unknown(f"field of switch {name!r},", field, known)
        if field in MERGED and not isinstance(value, Mapping):
            raise UsageError(f"switch {name!r} has {field}={value!r}, which is no mapping of names to values")
    if _combine(base, {name: change}) == _combine(base, {name: {}}):
        raise UsageError(f"switch {name!r} changes nothing: arm {base.label!r} has all that it sets")


def _check_pair(one: str, other: str, path: tuple[str, ...], left: Any, right: Any) -> None:
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for key in left.keys() & right.keys():
            _check_pair(one, other, (*path, str(key)), left[key], right[key])
    elif left != right:
        raise UsageError(
            f"switches {one!r} and {other!r} both set {'.'.join(path)}, to different values: "
            "no arm can have both; leave it to one of them"
        )


def _combine(base: Arm, chosen: Mapping[str, Change]) -> Arm:
    """Return *base* with the *chosen* switches on."""
    changes: dict[str, Any] = {}
    for change in chosen.values():
        for field, value in change.items():
            before = changes.get(field, getattr(base, field))
            changes[field] = _merge(before, value) if field in MERGED else value
    label = "+".join(chosen) or base.label
    return replace(base, **changes, label=label, name=label, factors=tuple(chosen))


def _merge(before: Any, after: Any) -> Any:
    """Return *after* merged into *before*, member by member in mappings within."""
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        return after
    return {**before, **{key: _merge(before.get(key), value) for key, value in after.items()}}
