"""Run a command of the user's project in the user's environment, not in ours."""

import os
import re
import selectors
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import unquote

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.lab.groups import has_ended, running
from perfstudy.lab.outputs import BoundedLog, Hider, hide, show_tail
from perfstudy.lab.processes import end_group
from perfstudy.model import arm

Command = str | tuple[str, ...]
"""A line that is split as a shell would, or its words; no shell runs it."""
LIMIT = 1 << 20
"""Bytes that are returned of a command's output."""
INTERVAL = 0.01
CHUNK = 1 << 16
DRAIN = 64
"""Pieces that are read once a command has ended: more than its pipes hold."""
OURS = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "__PYVENV_LAUNCHER__")
"""Variables that would lead one tree's program to the modules of another."""
PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}|(?<!\$)\{([A-Za-z_]\w*)\}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return *text* with each ``{name}`` replaced by its value.

    ``{{name}}`` stands for ``{name}`` itself, and ``${name}`` stays as it is.

    Raises:
        UsageError: no value has the name.
    """

    def replace(match: re.Match[str]) -> str:
        literal, name = match.groups()
        if literal is not None:
            return f"{{{literal}}}"
        if name not in values:
            known = ", ".join(f"{{{one}}}" for one in values) or "no placeholder"
            raise UsageError(f"{{{name}}} in {text!r} has no value: use {known}, or {{{{{name}}}}} for the text itself")
        return values[name]

    return PLACEHOLDER.sub(replace, text)


def split_command(command: Command, values: Mapping[str, str]) -> list[str]:
    """Return the words of *command*, with its placeholders filled.

    Raises:
        UsageError: it is empty, has a quotation mark too many, or a placeholder without a value.
    """
    words = arm.split_command(command)
    if not words or not words[0]:
        raise UsageError(f"command {command!r} names no program: write it out, or leave the command away")
    return [fill(word, values) for word in words]


def build_user_environment(
    values: Mapping[str, str] | None = None, environment: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the reader's environment with *environment*, as it is.

    Nothing of this package is in it: no variable, and no folder on its path. The programs that are installed beside
    the ``python`` of *values* come first on the path.
    """
    found = {name: value for name, value in os.environ.items() if not _is_ours(name, value)}
    folders = [one for one in found.get("PATH", os.defpath).split(os.pathsep) if not is_our_folder(one)]
    beside = Path((values or {}).get("python", "")).parent
    if (beside.parent / "pyvenv.cfg").exists():
        folders.insert(0, str(beside))
    return found | {"PATH": os.pathsep.join(folders)} | dict(environment or {})


def _is_ours(name: str, value: str) -> bool:
    settings = name == "DJANGO_SETTINGS_MODULE" and value.startswith("perfstudy.")
    return name in OURS or name.startswith("PERFSTUDY_") or settings


def is_our_folder(folder: str) -> bool:
    """Return whether *folder* holds the programs of the environment that we run in."""
    if sys.prefix == sys.base_prefix:  # the interpreter of the machine, which is as much the reader's
        return False
    return os.path.realpath(folder) == os.path.realpath(Path(sys.prefix, "bin"))


def run_command(
    command: Command,
    values: Mapping[str, str],
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
    *,
    timeout: float = 600.0,
    secrets: Collection[str] = (),
    private: bool = False,
) -> bytes:
    """Run *command* in *folder*, and return the first MiB of its output.

    It gets no input, and *timeout* seconds. When it ends, for whatever reason, so do the processes that it started.
    The *log* keeps what it prints, with *secrets* and the passwords of URLs hidden; of a *private* command only
    the errors are kept.

    Raises:
        UsageError: it cannot be started.
        PerfstudyError: it failed, or did not end in time; the message has the last lines of the log.
    """
    words = split_command(command, values)
    surroundings = build_user_environment(values, environment)
    hidden = {*secrets, *find_passwords((*values.values(), *environment.values()))}
    shown = repr(hide(command if isinstance(command, str) else shlex.join(command), hidden))
    output = bytearray()
    with BoundedLog(log) as kept, ExitStack() as stack:
        try:
            process = stack.enter_context(running(words, cwd=folder, env=surroundings, **PIPES))
        except OSError as error:
            raise _explain_start(shown, words[0], folder, error) from None
        assert process.stdout is not None
        assert process.stderr is not None
        sinks = {
            process.stdout: Sink(None if private else kept, Hider(hidden), output),
            process.stderr: Sink(kept, Hider(hidden)),
        }
        in_time = _pump(process, sinks, timeout)
    if not in_time:
        raise PerfstudyError(f"command {shown} did not end within {timeout:g} s; its log is {log}{show_tail(log)}")
    if process.returncode:
        raise PerfstudyError(f"command {shown} {say_status(process.returncode)}; its log is {log}{show_tail(log)}")
    return bytes(output)


PIPES = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}


@dataclass
class Sink:
    """Where a stream of a command goes: to a log, and to an output that is returned."""

    log: BoundedLog | None
    hider: Hider
    output: bytearray | None = None

    def take(self, chunk: bytes) -> None:
        """Keep a piece of the stream; an empty one is its end."""
        if self.output is not None:
            self.output += chunk[: LIMIT - len(self.output)]
        if self.log is not None:
            self.log.write(self.hider.hide(chunk) if chunk else self.hider.finish())


def _pump(process: "subprocess.Popen[bytes]", sinks: Mapping[IO[bytes], Sink], timeout: float) -> bool:
    """Forward what a command prints until it ends; return whether it did in time."""
    deadline = time.monotonic() + timeout
    with selectors.DefaultSelector() as selector, ExitStack() as stack:
        for stream, sink in sinks.items():
            selector.register(stack.enter_context(stream), selectors.EVENT_READ, sink)
        while not has_ended(process):
            if time.monotonic() > deadline:
                return False
            _forward(selector, INTERVAL)
        end_group(process)  # processes that it left behind may hold the streams open
        for _ in range(DRAIN):
            if not _forward(selector, 0):
                break
        for key in selector.get_map().values():
            key.data.take(b"")
    return True


def _forward(selector: selectors.BaseSelector, patience: float) -> bool:
    """Forward a piece of each stream that has one; return whether any had."""
    ready = selector.select(patience)
    for key, _ in ready:
        chunk = os.read(key.fd, CHUNK)
        key.data.take(chunk)
        if not chunk:
            selector.unregister(key.fileobj)
    return bool(ready)


def say_status(code: int) -> str:
    """Return how a process ended, from the code that subprocess gives."""
    if code >= 0:
        return f"ended with exit status {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def _explain_start(command: str, program: str, folder: Path, error: OSError) -> UsageError:
    if not folder.is_dir():
        return UsageError(f"command {command} is to run in {folder}, which is no folder: correct folder=")
    if isinstance(error, FileNotFoundError):
        return UsageError(f"command {command}: there is no program {program!r}; install it, or write {{python}} -m")
    return UsageError(f"command {command}: {program!r} cannot be run: {error.strerror}; it needs to be a program")


def find_passwords(values: Iterable[str]) -> set[str]:
    """Return the passwords in the URLs among *values*, both quoted and not."""
    found = {match[1] for value in values if (match := re.match(r"[\w+.-]+://[^/@:]*:([^/@]+)@", value))}
    return found | {unquote(password) for password in found}
