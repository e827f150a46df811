"""Bad input as a table: kinds of nonsense for every type of parameter, and for the texts that have a form of their own.

A parameter that is declared is in the matrix; one whose type, or whose text, has no row here fails a test that says so.
"""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

from perfstudy.__main__ import app
from perfstudy.commands.declaring import tree

LONG = "x" * 300
"""Longer than a file's name may be."""
HUGE = "9" * 30

TEXT = {
    "empty": "",
    "blank": " ",
    "newline": "\n",
    "escape": "a\x1b[2Jb",
    "no UTF-8": "a\udcffb",
    "longer than any": "y" * 5_000,
}
"""No value of any type."""

NUMBER = {**TEXT, "no number": "x", "huge": HUGE, "negative": "-1", "blanks around": " 80", "two": "1 2"}
PATH = {**TEXT, "name too long": LONG, "below a file": "file.txt/x", "device": "/dev/null"}
READ = {**PATH, "missing": "missing", "folder": "folder", "another kind": "file.txt", "damaged": "damaged.json"}

TYPES: dict[str, dict[str, str]] = {
    "int": {**NUMBER, "fraction": "1.5"},
    "float": {**NUMBER, "not a number": "nan", "infinite": "inf", "nothing at all": "0"},
    "file to write": {**PATH, "folder": "folder"},
    "folder to write": {**PATH, "a file": "file.txt"},
    "file to read": READ,
}
"""By type."""

TEXTS: dict[str, dict[str, str]] = {
    "variant": {"unknown": "indx", "twice": "index+index", "open": "index+", "only +": "+"},
    "scale": {"unknown": "mediun", "negative": "-1", "huge": HUGE},
    "scenario": {
        **{"unknown": "pages", "no offset": "page@", "negative": "page@-1", "fraction": "page@1.5"},
        **{
            "huge": f"page@{HUGE}",
            "huge rows": f"rows@{HUGE}",
            "huge after": f"after@{HUGE}",
            "no page before": "after@1",
        },
        **{"digits elsewhere": "page@\u0661\u0662"},
    },
    "study": {
        **{"unknown": "lader", "missing": "missing.py", "folder": "folder.py", "damaged": "damaged.py"},
        **{"another kind": "other.py", "below a file": "file.txt/x.py", "name too long": f"{LONG}.py"},
    },
    "base": {"unknown": "no-such-ref", "option": "--upload-pack=x", "range": "a..b"},
    "until": {"unknown": "later", "no unit": "5", "zero": "0%", "wide": "101%", "digits elsewhere": "\u0665%"},
    "within": {"no unit": "20", "zero": "0m", "negative": "-5m", "long": "999h", "digits elsewhere": "\u0665m"},
    "shard": {"zero": "0/3", "beyond": "4/3", "no number": "a/b", "no slash": "3", "digits elsewhere": "\u0661/3"},
    "at": {"unknown": "noon", "no such hour": "25:00:00", "no seconds": "14:05", "digits elsewhere": "1\u0661:00:00"},
    "cluster": {
        **{"no port": "tcp://h", "port": "tcp://h:abc", "beyond": "tcp://h:99999", "no host": "tcp://:8786"},
        **{"scheme": "http://h:8786", "no scheme": "h:8786", "space": "tcp://a b:8786"},
    },
    "parts": {
        "unknown": "nothing",
        "no run": "folder/x.sqlite#",
        "another kind": "file.txt",
        "damaged": "damaged.json",
    },
    "run": {"unknown": "nothing", "wildcard": "%", "huge": HUGE},
    "store": {
        **{"port": "postgresql://h:abc/x", "bracket": "postgresql://[::1/x", "no port": "postgresql://h:99999/x"},
        **{"no such kind": "nope://h/x", "folder": "folder", "another kind": "file.txt", "damaged": "damaged.sqlite"},
        **{"newer version": "newer.sqlite", "below a file": "file.txt/x", "name too long": LONG, "device": "/dev/null"},
    },
    "topic": {"unknown": "claim"},
    "format": {"unknown": "xml", "case": "JSON"},
    "fail_on": {"unknown": "slow", "open": "slower,", "twice": "slower,slower", "one unknown": "slower,refutd"},
    "arrivals": {"unknown": "poison"},
    "search": {
        "unknown": "fast",
        "no unit": "p99=50",
        "nothing": "p99=0ms",
        "percent": "p100=1ms",
        "negative": "p99=-1ms",
    },
    "url": {
        **{"empty label": "http://a..b", "port": "http://h:abc", "no port": "http://h:99999", "bracket": "http://[::1"},
        **{"scheme": "ftp://h", "no scheme": "localhost:8000", "no host": "http://", "space": "http://a b/"},
        **{"no UTF-8 below": "http://h/\udcff", "label too long": f"http://{LONG}/"},
    },
    "token": {"space": "a b", "no ASCII": "tok\u00e9n"},
    "path": {"relative": "api", "space": "/a b", "no ASCII": "/\u00e9"},
    "tenant": {"too long": "t" * 151},
    "name": {"unknown": "indx"},
    "database": {
        **{
            "no URL": "nowhere",
            "scheme": "mysql://h/x",
            "port": "postgresql://h:abc/x",
            "bracket": "postgresql://[::1/x",
        },
        **{"no port": "postgresql://h:99999/x", "option": "postgresql://h/x?nope=1"},
    },
}
"""By a text parameter's name: what has a form of its own."""

SAME = {"resume": "run", "join": "run", "one": "run", "other": "run", "head": "base", "file": "study"}
"""Names that stand for another's text."""

GIVEN = {
    **{"url": "http://127.0.0.1:9", "tenant": "agency-2671", "name": "index", "run": "latest", "one": "latest"},
    **{"other": "latest", "file": "file.txt", "topic": "runs", "parts": "latest"},
}
"""Sound values for what a command does not do without."""


@dataclass(frozen=True)
class Parameter:
    """One argument or option of a command."""

    command: tuple[str, ...]
    name: str
    option: str
    """``--scale``; empty for an argument."""
    kind: str
    """A key of ``TYPES``, ``text``, or what has no row yet."""

    @property
    def nonsense(self) -> dict[str, str]:
        """Every kind of nonsense for it."""
        if self.kind != "text":
            return TYPES[self.kind]
        return {**TEXT, **TEXTS[SAME.get(self.name, self.name)]}

    @property
    def missing(self) -> str:
        """What to add to this table, empty where nothing is missing."""
        if self.kind in TYPES or (self.kind == "text" and SAME.get(self.name, self.name) in TEXTS):
            return ""
        table = "TEXTS" if self.kind == "text" else "TYPES"
        where = f"{' '.join(self.command)} {self.option or self.name}"
        return f"{where}: add kinds of bad {self.name} to {table}[{self.kind!r}]"


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command of the tree, with the words that call it."""

    def below(path: tuple[str, ...], node: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
        inner = getattr(node, "commands", None)
        if inner is None:
            yield path, node
        for name, one in (inner or {}).items():
            yield from below((*path, name), one)

    return below((), tree(app))


def parameters() -> Iterator[Parameter]:
    """Every parameter of every command that takes a value."""
    for path, command in commands():
        declared = inspect.signature(inspect.unwrap(command.callback)).parameters
        for one in command.params:
            if getattr(one, "is_flag", False):
                continue
            option = one.opts[0] if one.param_type_name == "option" else ""
            yield Parameter(path, one.name, option, _kind(declared[one.name].annotation))


def _kind(annotation: Any) -> str:
    base, *information = get_args(annotation) if hasattr(annotation, "__metadata__") else (annotation,)
    while get_origin(base) is not None:
        base = get_args(base)[0]
    if base is Path:
        told = information[0]
        if not told.dir_okay:
            return "file to write"
        return "folder to write" if not told.file_okay else "file to read"
    return {str: "text", int: "int", float: "float"}.get(base, str(base))


def _sound(command: tuple[str, ...], name: str) -> str:
    """A sound value of an argument: a study file may be left out, or is the name of a study."""
    studies = {("run",): "", ("try",): "ladder"}
    return studies[command] if name == "file" and command in studies else GIVEN.get(name, "")


def arguments(parameter: Parameter, value: str) -> list[str]:
    """The command line that gives *parameter* this value, and everything else that is needed a sound one."""
    command = dict(commands())[parameter.command]
    needed = [one for one in command.params if one.param_type_name == "argument"]
    given = [value if one.name == parameter.name else _sound(parameter.command, one.name) for one in needed]
    while given and not given[-1] and needed[len(given) - 1].name != parameter.name:
        given.pop()
    if parameter.name == "merge":
        given = []
    option = [f"{parameter.option}={value}"] if parameter.option else []
    return [*parameter.command, *option, "--", *given]
