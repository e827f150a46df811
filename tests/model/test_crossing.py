"""Switches are crossed into an arm for every set of them."""

from typing import Any

import pytest

from perfstudy.errors import UsageError
from perfstudy.model.arm import Arm
from perfstudy.model.crossing import MOST, crossed

BASE = Arm(label="base", name="base", environment={"DEBUG": "0"}, command=("serve",))
POOL = {"environment": {"POOL": "1"}}
THREADS = {"environment": {"THREADS": "4", "DEBUG": "1"}, "command": ("serve", "--threads")}


def test_there_is_an_arm_for_every_set_of_switches() -> None:
    arms = crossed(BASE, pool=POOL, threads=THREADS)
    assert [(arm.label, arm.name, arm.factors) for arm in arms] == [
        ("base", "base", ()),
        ("pool", "pool", ("pool",)),
        ("threads", "threads", ("threads",)),
        ("pool+threads", "pool+threads", ("pool", "threads")),
    ]
    assert arms[0] == BASE
    assert arms[1].environment == {"DEBUG": "0", "POOL": "1"}
    assert arms[1].command == ("serve",)
    assert arms[3].environment == {"DEBUG": "1", "POOL": "1", "THREADS": "4"}
    assert arms[3].command == ("serve", "--threads")
    assert BASE.environment == {"DEBUG": "0"}


def test_settings_are_merged_member_by_member() -> None:
    base = Arm("base", ref="HEAD", settings={"DATABASES": {"default": {"CONN_MAX_AGE": 0}}})
    pool = {"settings": {"DATABASES": {"default": {"OPTIONS": {"pool": True}}}}}
    age = {"settings": {"DATABASES": {"default": {"CONN_MAX_AGE": 60}}}}
    both = crossed(base, pool=pool, age=age)[-1]
    assert both.ref == "HEAD"
    assert both.settings == {"DATABASES": {"default": {"CONN_MAX_AGE": 60, "OPTIONS": {"pool": True}}}}
    with pytest.raises(UsageError, match=r"'age' and 'never' both set settings\.DATABASES\.default\.CONN_MAX_AGE"):
        crossed(base, age=age, never={"settings": {"DATABASES": {"default": {"CONN_MAX_AGE": None}}}})


def test_there_are_at_most_so_many_switches() -> None:
    switches = {f"s{number}": {"environment": {f"S{number}": "1"}} for number in range(MOST + 1)}
    assert len({arm.label for arm in crossed(BASE, **dict(list(switches.items())[:MOST]))}) == 2**MOST
    for wrong in (switches, {}):
        with pytest.raises(UsageError, match=rf"got {len(wrong)} switches, so \d+ arms: cross 1 to {MOST}"):
            crossed(BASE, **wrong)


@pytest.mark.parametrize(
    ("switches", "said"),
    [
        ({"a+b": POOL}, r"switch 'a\+b' cannot be part of a label"),
        ({"base": POOL}, "switch 'base' cannot be part of a label"),
        ({"a": {}}, r"switch 'a' is \{\}, and says what it sets"),
        ({"a": "POOL=1"}, "switch 'a' is 'POOL=1', and says what it sets"),
        ({"a": {"enviroment": {}}}, "unknown field of switch 'a', 'enviroment': did you mean environment"),
        ({"a": {"ref": "HEAD"}}, "unknown field of switch 'a', 'ref'"),
        ({"a": {"environment": ["POOL=1"]}}, "switch 'a' has environment=.*, which is no mapping"),
        ({"a": {"environment": {"DEBUG": "0"}}}, "switch 'a' changes nothing: arm 'base' has all that it sets"),
        (
            {"a": THREADS, "b": {"environment": {"DEBUG": "2"}}},
            r"switches 'a' and 'b' both set environment\.DEBUG, to different values",
        ),
        ({"a": {"command": ("x",)}, "b": {"command": ("y",)}}, "switches 'a' and 'b' both set command"),
    ],
)
def test_switches_that_cannot_be_crossed_are_refused_in_one_line(switches: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said) as raised:
        crossed(BASE, **switches)
    assert "\n" not in str(raised.value)


def test_an_arm_that_is_crossed_already_is_refused() -> None:
    with pytest.raises(UsageError, match=r"arm 'pool' has factors already \(pool\)"):
        crossed(crossed(BASE, pool=POOL)[1], threads=THREADS)


def test_switches_may_set_the_same_to_the_same() -> None:
    assert len(crossed(BASE, pool=POOL, threads=THREADS, debug={"environment": {"DEBUG": "1"}})) == 8
