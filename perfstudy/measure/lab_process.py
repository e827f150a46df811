"""A process that keeps a lab open and measures blocks of one run, as lines ask.

``python -m perfstudy.measure.lab_process`` reads lines of JSON: first the order, then a task each. It answers each with
a line: the parts that it measured, or why it cannot. At the end of its input it ends, in mid-block too: whoever asks
may have been killed.
"""

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any, TextIO

from perfstudy.errors import PerfstudyError
from perfstudy.evidence import environment

PREPARE, COSTS = -1, -2
"""Tasks that are no block: to collect evidence alone, and to measure the costs as well."""


@dataclass(frozen=True)
class Order:
    """The run whose blocks a lab is to measure; the same on every machine."""

    key: str
    declaration: Mapping[str, Any]
    seed: int
    package: str

    def encode(self) -> str:
        """Return the order as a line."""
        return json.dumps(asdict(self))


def find_refusal(package: str) -> str:
    """Return why this machine must not measure for the version *package*, or nothing."""
    from perfstudy import __version__

    if package != __version__:
        return f"it has perfstudy {__version__}, and the run is of perfstudy {package}"
    found = environment.list_warnings(environment.collect_identity(), environment.read_telemetry())
    return "; ".join(str(warning) for warning in found if warning.is_fatal)


def serve_tasks(order: Order, tasks: "queue.Queue[str]", answers: TextIO) -> None:
    """Open the lab of *order*, and answer *tasks* until the process ends."""
    from perfstudy.lab.opening import open_lab
    from perfstudy.measure.bench import open_bench
    from perfstudy.model.catalog import restore

    study = restore(order.declaration)
    with ExitStack() as stack:
        lab = stack.enter_context(open_lab(study))
        bench = stack.enter_context(open_bench(lab, study, order.seed))
        parts = [bench.prepare()]
        while True:
            task = json.loads(tasks.get())
            if task == COSTS:
                parts.append(bench.measure_costs())
            elif task != PREPARE:
                parts.append(bench.measure(task))
            _answer(answers, parts=parts)
            parts = []


def _answer(answers: TextIO, **said: object) -> None:
    print(json.dumps(said), file=answers, flush=True)


def _read(tasks: "queue.Queue[str]", main: int) -> None:
    """Pass on the lines of the input, and interrupt the thread *main* at its end."""
    for line in sys.stdin:
        tasks.put(line)
    signal.pthread_kill(main, signal.SIGINT)


def main() -> None:
    """Serve the tasks that come by the input."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what else is printed is no answer
    order = Order(**json.loads(sys.stdin.readline()))
    tasks: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_read, args=(tasks, threading.get_ident()), daemon=True).start()
    try:
        if refusal := find_refusal(order.package):
            _answer(answers, refused=refusal)
        else:
            serve_tasks(order, tasks, answers)
    except KeyboardInterrupt:
        pass
    except (PerfstudyError, OSError) as error:
        _answer(answers, failed=str(error).strip())


if __name__ == "__main__":
    main()
