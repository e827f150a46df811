"""What all tests share: a lab, a working copy of the smallest scale, and the figures printed at the end of the run.

All workers and all runs share one state folder, so that servers and templates are made once.
"""

import atexit
import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import nbval.kernel
import pytest
from jupyter_client.manager import KernelManager

from perfstudy import paths
from perfstudy.drivers.browser import pinned
from perfstudy.model import variables

if TYPE_CHECKING:
    from perfstudy.listing.lab import Database, Lab

WORKER = "PYTEST_XDIST_WORKER"
CHECK = "method check"
"""The property under which a test records a figure, as ``record_property(CHECK, line)``."""


LONG = (
    *(
        "tests/project/test_docs.py",
        "notebooks/",
        "tests/project/test_setup.py",
        "tests/listing/commands/test_rollback.py",
        "tests/notebook/stored/test_browser.py",
    ),
    *("tests/listing/test_page_counts.py", "tests/drivers/test_page.py"),
    *("tests/measure/", "tests/listing/test_costs.py", "tests/commands/test_commands.py"),
    *("tests/commands/test_sharding.py", "tests/commands/test_clustering.py", "tests/project/test_site.py"),
    *("tests/plans/test_drawn.py", "tests/listing/service/test_odd.py"),
    *(
        "tests/listing/service/test_faults.py",
        "tests/listing/workbench/test_bench.py",
        "tests/listing/service/test_equivalence.py",
    ),
    *("tests/benchmarks/test_competitors.py", "tests/lab/test_supervisor.py", "tests/results/test_store.py"),
    *(
        "tests/listing/test_versioned_cache.py",
        "tests/listing/service/test_writes.py",
        "tests/notebook/stored/test_parameters.py",
    ),
    *(
        "tests/listing/commands/test_verify.py",
        "tests/charts/",
        "tests/report/",
        "tests/listing/service/test_staleness.py",
    ),
    *("tests/lab/test_server.py", "tests/listing/service/test_single_flight.py", "tests/analysis/test_method.py"),
    *(
        "tests/listing/workbench/test_operations.py",
        "tests/listing/test_schema.py",
        "tests/findings/test_findings.py",
        "tests/drivers/load/test_load.py",
    ),
)
"""The files and folders that take longest, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker has a long file left when the others have nothing."""
    items.sort(key=lambda item: next((n for n, name in enumerate(LONG) if item.nodeid.startswith(name)), len(LONG)))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect no garbage among what lives to the end: the modules and the thousands of tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return one worker more than there are processors: each waits for its servers half of the time."""
    return (os.cpu_count() or 1) + 1


def pytest_configure() -> None:
    """Keep the tests' state apart from the reader's own; workers and notebooks' kernels inherit the choice."""
    # A shell's background job ignores Ctrl-C, and so would every program that a test interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _start_kernels_on_sockets()
    if pinned.is_supported() and pinned.program().exists():  # in the reader's own state
        os.environ.setdefault(variables.BROWSER.name, str(pinned.program()))
    if WORKER not in os.environ:
        os.environ["PERFSTUDY_HOME"] = str(paths.home() / "test")


def _start_kernels_on_sockets() -> None:
    """Let notebooks' kernels listen on sockets in a short folder, not on ports that others may take before they do."""
    folder = tempfile.mkdtemp(prefix="kernels-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    numbers = count()

    def manage(**given: Any) -> KernelManager:
        return KernelManager(transport="ipc", ip=f"{folder}/{next(numbers)}", **given)

    nbval.kernel.KernelManager = manage


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the section *method checks*; where workers ran the tests, their reports bring the lines along."""
    reports = [report for key in ("passed", "failed") for report in terminalreporter.stats.get(key, [])]
    lines = [line for report in reports for key, line in getattr(report, "user_properties", []) if key == CHECK]
    if lines:
        terminalreporter.section("method checks")
        for line in dict.fromkeys(lines):
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def lab() -> Iterator["Lab"]:
    """A running lab, shared by the whole session.

    Its gate asks for a third of the pages, and for no whole list, to which the baseline sends thousands of statements;
    tests/listing/service/test_equivalence.py compares the whole lists of all variants.
    """
    from perfstudy.listing.definition import SERVICE
    from perfstudy.listing.gate import draw_requests
    from perfstudy.listing.lab import Lab

    with Lab.start() as lab:
        lab.service = replace(SERVICE, gate=lambda facts, seed: draw_requests(facts, seed)[:-2:3])
        yield lab


@pytest.fixture(scope="session")
def tiny(lab: "Lab") -> Iterator["Database"]:
    """A working copy of the scale tiny; a test that leaves another schema behind reconciles before, not after."""
    with lab.database("tiny") as database:
        yield database
