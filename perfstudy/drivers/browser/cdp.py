"""The Chrome DevTools Protocol: JSON messages over two pipes, each ended by a 0."""

import json
import os
import select
from collections.abc import Callable
from time import monotonic
from typing import Any

from perfstudy.errors import PerfstudyError

Message = dict[str, Any]
PATIENCE = 120.0
"""Seconds that an answer may take; a page that renders a long list answers nothing meanwhile."""


class AnswerTimeoutError(PerfstudyError):
    """The browser did not answer in time."""


class Connection:
    """A connection to a browser, which asks and listens, one message after the other."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading, self._writing = reading, writing
        self._rest = b""
        self._last = 0
        self._answers: dict[int, Message] = {}
        self.events: list[Message] = []

    def close(self) -> None:
        """Close both pipes, on which the browser ends."""
        os.close(self._reading)
        os.close(self._writing)

    def post(self, method: str, session: str = "", **parameters: Any) -> int:
        """Send a command, and return its number without waiting for its answer.

        A key is answered only once the page has handled it: who waits for that types at the pace of the page.
        """
        self._last += 1
        message: Message = {"id": self._last, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        try:
            while data:
                data = data[os.write(self._writing, data) :]
        except OSError:
            raise PerfstudyError(f"the browser has ended, and could not be asked for {method}") from None
        return self._last

    def ask(self, method: str, session: str = "", timeout: float = PATIENCE, **parameters: Any) -> Message:
        """Send a command, and return its result.

        Raises:
            PerfstudyError: the browser refused it, ended, or did not answer in time.
        """
        number = self.post(method, session, **parameters)
        self._read_until(lambda: number in self._answers, timeout, method)
        answer = self._answers.pop(number)
        if "error" in answer:
            raise PerfstudyError(f"the browser refused {method}: {answer['error'].get('message')}")
        result: Message = answer["result"]
        return result

    def wait_for(self, event: str, session: str = "", timeout: float = PATIENCE) -> Message:
        """Return the parameters of the next *event* of a *session*; keep the others.

        Raises:
            PerfstudyError: the browser ended, or there was no such event in time.
        """

        def find() -> Message | None:
            found = (one for one in self.events if (one["method"], one.get("sessionId", "")) == (event, session))
            return next(found, None)

        self._read_until(lambda: find() is not None, timeout, event)
        seen = find()
        assert seen is not None, "it was read"
        self.events.remove(seen)
        parameters: Message = seen["params"]
        return parameters

    def _read_until(self, done: Callable[[], bool], timeout: float, what: str) -> None:
        deadline = monotonic() + timeout
        while not done():
            left = deadline - monotonic()
            if left <= 0 or not select.select([self._reading], [], [], left)[0]:
                raise AnswerTimeoutError(f"the browser did not answer {what} within {timeout:.0f} s")
            self._read()

    def _read(self) -> None:
        data = os.read(self._reading, 1 << 20)
        if not data:
            raise PerfstudyError("the browser has ended by itself")
        *whole, self._rest = (self._rest + data).split(b"\0")
        for message in map(json.loads, whole):
            if "id" in message:
                self._answers[message["id"]] = message
            else:
                self.events.append(message)
