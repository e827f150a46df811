"""An HTTP/1.1 answer, read in pieces; its body is counted, not stored (RFC 9112)."""

import re
from collections.abc import Callable

LIMIT = 1 << 16
"""The most bytes of a head, and of a line between two chunks."""
STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9]\d\d)(?: [^\r\n]*)?")
FIELD_LINES = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n]*\r?\n)*")
FRAMING_LINE = re.compile(rb"^(content-length|transfer-encoding|connection):([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?")
HEAD_END = re.compile(rb"\n\r?\n")
FOLD = re.compile(rb"\r?\n[ \t]+")
BODILESS = (204, 304)


class BrokenError(Exception):
    """The connection ended, or the data received was not HTTP."""


class Answer:
    """The answer to one GET request.

    Every method raises :class:`BrokenError` if the data is not HTTP.
    """

    def __init__(self) -> None:
        self.status = 0
        self.done = False
        self.reusable = False
        """Whether the connection may carry another request after this one."""
        self._buffer = b""
        self._left = 0
        self._step: Callable[[], bool] = self._head

    def feed(self, data: memoryview) -> None:
        """Read *data*, the next bytes received."""
        if self._left and not self._buffer:
            taken = min(self._left, len(data))
            self._left -= taken
            data = data[taken:]
            if self._left:
                return
        self._buffer += data
        while not self.done and self._step():
            pass
        if self.done and self._buffer:
            self.reusable = False  # more than one answer

    def end(self) -> None:
        """Handle the end of the connection."""
        if self._step != self._rest:
            raise BrokenError("the connection ended before the answer did")
        self.done = True

    def _head(self) -> bool:
        found = HEAD_END.search(self._buffer)
        if found is None:
            return self._more()
        if found.start() > LIMIT:
            raise BrokenError("the head is too long")
        head = self._buffer[: found.start() + 1]
        if b"\n " in head or b"\n\t" in head:
            head = FOLD.sub(b" ", head)
        first, _, lines = head.partition(b"\n")
        self._buffer = self._buffer[found.end() :]
        status = STATUS_LINE.fullmatch(first.removesuffix(b"\r"))
        if status is None or status[2] == b"101":
            raise BrokenError(f"{first[:80]!r} is no status line that answers a GET request")
        if not status[2].startswith(b"1"):
            self.status = int(status[2])
            self._framed(_find_framing(lines), http11=status[1] == b"1")
        return True

    def _framed(self, fields: dict[bytes, list[bytes]], *, http11: bool) -> None:
        """Decide where the body ends (RFC 9112, 6.3)."""
        codings = [coding for coding in fields.get(b"transfer-encoding", []) if coding]
        lengths = fields.get(b"content-length", [])
        self.reusable = http11 and b"close" not in fields.get(b"connection", []) and not (codings and lengths)
        if self.status in BODILESS:
            self._finish()
        elif codings:
            self._step = self._chunk if codings[-1] == b"chunked" else self._rest
        elif lengths:
            if len(set(lengths)) > 1 or not re.fullmatch(rb"\d{1,18}", lengths[0]):
                raise BrokenError(f"the Content-Length is {b', '.join(lengths)[:80]!r}")
            self._left, self._step = int(lengths[0]), self._body
        else:
            self._step = self._rest
        self.reusable &= self._step != self._rest

    def _finish(self) -> bool:
        self.done = True
        return False

    def _body(self) -> bool:
        return self._skipped() and self._finish()

    def _rest(self) -> bool:
        self._buffer = b""
        return False

    def _chunk(self) -> bool:
        line = self._line()
        if line is None:
            return False
        size = CHUNK_LINE.fullmatch(line)
        if size is None:
            raise BrokenError(f"{line[:80]!r} is no size of a chunk")
        self._left = int(size[1], 16)
        self._step = self._data if self._left else self._trailer
        return True

    def _data(self) -> bool:
        if not self._skipped():
            return False
        self._step = self._data_end
        return True

    def _data_end(self) -> bool:
        line = self._line()
        if line:
            raise BrokenError("a chunk is longer than its size")
        if line is None:
            return False
        self._step = self._chunk
        return True

    def _trailer(self) -> bool:
        line = self._line()
        return self._finish() if line == b"" else line is not None

    def _skipped(self) -> bool:
        taken = min(self._left, len(self._buffer))
        self._left, self._buffer = self._left - taken, self._buffer[taken:]
        return not self._left

    def _line(self) -> bytes | None:
        """Take the next line from the buffer; None if it is incomplete."""
        line, end, rest = self._buffer.partition(b"\n")
        if not end:
            self._more()
            return None
        self._buffer = rest
        return line.removesuffix(b"\r")

    def _more(self) -> bool:
        if len(self._buffer) > LIMIT:
            raise BrokenError("a head, or a line between two chunks, is too long")
        return False


def _find_framing(lines: bytes) -> dict[bytes, list[bytes]]:
    """Return the fields that frame the body; names and members are in lower case.

    Few fields do, and one pattern checks the form of all: the time that it takes is part of the measured time.
    """
    if not FIELD_LINES.fullmatch(lines):
        raise BrokenError(f"{lines[:80]!r} are no fields of a head")
    fields: dict[bytes, list[bytes]] = {}
    for name, value in FRAMING_LINE.findall(lines):
        members = [member.strip(b" \t").lower() for member in value.split(b",")]
        fields.setdefault(name.lower(), []).extend(members)
    return fields
