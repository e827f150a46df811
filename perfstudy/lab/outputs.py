"""Keep the output of a command without its secrets, up to a limit."""

import re
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from perfstudy.lab.state import read_tail

HEAD = TAIL = 256 << 10
"""Bytes that are kept of a log's beginning and of its end."""
LINES = 12
"""Lines of a log that an error message shows."""
WIDTH = 300
"""Characters that are shown of a line."""
HIDDEN = b"***"


class Hider:
    """Replaces secrets in a stream that arrives in pieces."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = sorted({one.encode(errors="surrogateescape") for one in secrets if one}, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(re.escape(one) for one in known)) if known else None
        self._longest = len(known[0]) if known else 1
        self._kept = b""

    def hide(self, chunk: bytes) -> bytes:
        """Return what can be shown so far; the rest may be the beginning of a secret."""
        self._kept += chunk
        return self._take(max(0, len(self._kept) - self._longest + 1))

    def finish(self) -> bytes:
        """Return the rest."""
        return self._take(len(self._kept))

    def _take(self, size: int) -> bytes:
        """Return the first *size* bytes, and a secret whole that begins in them."""
        if self._pattern is None:
            shown, self._kept = self._kept, b""
            return shown
        found, end = [], 0
        for match in self._pattern.finditer(self._kept):
            if match.start() >= size:
                break
            found += [self._kept[end : match.start()], HIDDEN]
            end = match.end()
        found.append(self._kept[end:size])
        self._kept = self._kept[max(end, size) :]
        return b"".join(found)


def hide(text: str, secrets: Iterable[str]) -> str:
    """Return *text* with each of *secrets* replaced by ``***``."""
    hider = Hider(secrets)
    return (hider.hide(text.encode(errors="surrogateescape")) + hider.finish()).decode(errors="surrogateescape")


class BoundedLog:
    """A log file of which the beginning and the end are kept.

    Its owner alone can read it.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        self._file = path.open("wb")
        self._head = 0
        self._tail: deque[bytes] = deque()
        self._waiting = self._dropped = 0

    def write(self, chunk: bytes) -> None:
        """Append *chunk*: at once while the beginning lasts, and at the end otherwise."""
        first = chunk[: HEAD - self._head]
        self._file.write(first)
        self._file.flush()
        self._head += len(first)
        self._keep(chunk[len(first) :])

    def _keep(self, chunk: bytes) -> None:
        if not chunk:
            return
        self._tail.append(chunk)
        self._waiting += len(chunk)
        while self._waiting - len(self._tail[0]) >= TAIL:
            gone = len(self._tail.popleft())
            self._waiting -= gone
            self._dropped += gone

    def __enter__(self) -> Self:
        """Return the log itself, open."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the end, and close the file."""
        with self._file as file:
            if self._dropped:
                file.write(f"\n… {self._dropped} bytes are left out here …\n".encode())
            file.writelines(self._tail)


CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|[^\n\t\x20-\x7e\xa0-\U0010ffff]")
"""A terminal's colours, titles and other commands."""


def show_tail(log: Path) -> str:
    """Return the last lines of a log for an error message, each indented below it."""
    lines = CONTROL.sub("", read_tail(log, LINES)).split("\n")
    return "\n".join(line[:WIDTH] for line in lines)
