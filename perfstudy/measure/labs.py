"""The lab of a machine that a scheduler sends blocks to: a process of its own.

A worker of Dask looks at its own state every 10 ms, so a block is never measured in its process.
"""

import json
import socket
import subprocess
import sys
from typing import Any

from perfstudy.measure.lab_process import Order

Answer = dict[str, Any]
_open: dict[str, "LabProcess"] = {}
"""The labs of this process, by the key of their run."""


class LabProcess:
    """A lab in a process of its own, which ends with this one."""

    def __init__(self, order: Order) -> None:
        command = [sys.executable, "-m", "perfstudy.measure.lab_process"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self._write(order.encode())

    def ask(self, task: int) -> Answer:
        """Have *task* done, and return the answer, which may be that it ``failed``."""
        self._write(json.dumps(task))
        assert self._process.stdout, "its output is a pipe"
        line = self._process.stdout.readline()
        if not line:
            return {"failed": f"its process ended with status {self._process.wait()}"}
        answer: Answer = json.loads(line)
        return answer

    def _write(self, line: str) -> None:
        assert self._process.stdin, "its input is a pipe"
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # what it said last is still to be read

    def close(self) -> None:
        """End it, in mid-block too, and wait until its servers are released."""
        assert self._process.stdin, "its input is a pipe"
        self._process.stdin.close()
        self._process.wait()


def ask_lab(order: Order, task: int) -> Answer:
    """Have the lab of this machine do *task*, and say which machine it is.

    The lab is opened at the first task. One that failed is closed, so that the next task opens another.
    """
    if order.key not in _open:
        _open[order.key] = LabProcess(order)
    answer = _open[order.key].ask(task)
    if "parts" not in answer:
        close_lab(order.key)
    return answer | {"host": socket.gethostname(), "lab": _name_worker()}


def close_lab(key: str) -> None:
    """Close the lab of the run *key*, if one is open here."""
    if found := _open.pop(key, None):
        found.close()


def _name_worker() -> str:
    from distributed import get_worker

    return str(get_worker().address)
