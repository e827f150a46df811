"""Memory: the growth of the service's processes during one request."""

from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import psutil

from perfstudy.lab import RunningService

RESET_PEAK = "5"
"""The value for ``clear_refs`` that resets the peak of the resident memory, see proc(5)."""


def measure_growth(service: RunningService, request: Callable[[], object]) -> int:
    """Return the peak growth in bytes of *service*'s memory during *request*.

    It is the resident memory.

    On Linux the kernel records the peak, so nothing is missed; elsewhere it is the highest of many samples.
    A process's memory is that of its interpreter, its libraries and its data together, so the growth is what a
    request took beyond memory that was free already.
    """
    pids = [service.pid, *(child.pid for child in psutil.Process(service.pid).children(recursive=True))]
    measure = _by_kernel if all(Path(f"/proc/{pid}/clear_refs").exists() for pid in pids) else _by_polling
    return measure(pids, request)


def _by_kernel(pids: list[int], request: Callable[[], object]) -> int:
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text(RESET_PEAK)
    before = sum(_read_status(pid, "VmRSS") for pid in pids)
    request()
    return sum(_read_status(pid, "VmHWM") for pid in pids) - before


def _read_status(pid: int, field: str) -> int:
    """Return a field of /proc/PID/status, given there in kibibytes, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:"))


def _by_polling(pids: list[int], request: Callable[[], object]) -> int:
    processes = [psutil.Process(pid) for pid in pids]
    before = highest = _sum_resident(processes)
    done = Event()

    def look() -> None:
        nonlocal highest
        while not done.wait(0.001):
            highest = max(highest, _sum_resident(processes))

    watcher = Thread(target=look)
    watcher.start()
    try:
        request()
    finally:
        done.set()
        watcher.join()
    return max(highest, _sum_resident(processes)) - before


def _sum_resident(processes: list[psutil.Process]) -> int:
    return sum(int(process.memory_info().rss) for process in processes)
