"""A browser's process, with a profile of its own and a pipe in each direction."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from perfstudy import paths
from perfstudy.drivers.browser.cdp import Connection
from perfstudy.drivers.browser.find import Browser
from perfstudy.errors import PerfstudyError
from perfstudy.model.closing import Closing

FLAGS = (
    *("--headless", "--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check", "--disable-extensions"),
    *("--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--disable-sync"),
    *("--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars", "--mute-audio", "--use-mock-keychain"),
    *("--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding", "--no-pings"),
    *("--disable-features=Translate,MediaRouter,OptimizationHints,PaintHolding", "--password-store=basic"),
)
"""What keeps a browser from doing anything besides; its processes and its security stay those of a reader's."""
UNPROTECTED = "--no-sandbox"
NO_SANDBOX = b"No usable sandbox"
"""How a browser begins the line by which it ends where the kernel lets its user make no sandbox."""
PASS_ON = (
    "import fcntl,os,sys;"
    "both=[fcntl.fcntl(int(one),fcntl.F_DUPFD,10) for one in sys.argv[1:3]];"
    "os.dup2(both[0],3);os.dup2(both[1],4);os.closerange(5,64);os.execv(sys.argv[3],sys.argv[3:])"
)
"""Becomes the browser, which reads commands at descriptor 3 and answers at 4."""
STARTING = 60.0
"""Seconds that it may take to start."""
ENDING = 5.0
"""Seconds that it may take to end by itself."""


@cache
def choose_sandbox(browser: Browser) -> tuple[str, ...]:
    """Return the flags without which *browser* would not start, often none.

    Root may not use its sandbox; nor may anybody in many containers, and on a kernel that refuses user namespaces,
    which is found by starting it once.
    """
    return (UNPROTECTED,) if os.geteuid() == 0 or NO_SANDBOX in _try(browser) else ()


def _try(browser: Browser) -> bytes:
    """Return what *browser* says on stderr while it shows an empty page."""
    with tempfile.TemporaryDirectory(prefix="browser-", dir=paths.scratch(), ignore_cleanup_errors=True) as profile:
        flags = ("--headless", "--disable-gpu", "--dump-dom", f"--user-data-dir={profile}", "about:blank")
        environment = os.environ | browser.environment
        with suppress(OSError, subprocess.TimeoutExpired):  # what is wrong is said when it is started in earnest
            command = [str(browser.path), *flags]
            return subprocess.run(command, capture_output=True, check=False, env=environment, timeout=STARTING).stderr
    return b""


class BrowserProcess(Closing):
    """A running browser with an empty profile; closed at the end of a ``with`` block."""

    def __init__(self, browser: Browser, flags: tuple[str, ...] = ()) -> None:
        """Start *browser*.

        Raises:
            PerfstudyError: it did not start; the message quotes what it said.
        """
        self.browser = browser
        self.profile = Path(tempfile.mkdtemp(prefix="browser-", dir=paths.scratch()))
        self.log = self.profile / "browser.log"
        its_reading, writing = os.pipe()
        reading, its_writing = os.pipe()
        try:
            self._process = self._spawn(flags, its_reading, its_writing)
        finally:
            os.close(its_reading)
            os.close(its_writing)
        self.connection = Connection(reading, writing)
        try:
            version = self.connection.ask("Browser.getVersion", timeout=STARTING)
        except PerfstudyError as error:
            said = self._quote_log()
            self.close()
            raise PerfstudyError(f"{browser.path} did not start: {error}{said}") from None
        self.product: str = version["product"]

    def _spawn(self, flags: tuple[str, ...], reading: int, writing: int) -> "subprocess.Popen[bytes]":
        needed = choose_sandbox(self.browser)
        command = [self.browser.path, *FLAGS, *needed, *flags, f"--user-data-dir={self.profile}", "about:blank"]
        with self.log.open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-ISc", PASS_ON, str(reading), str(writing), *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(reading, writing),
                process_group=0,  # and no session of its own, in which the caller's niceness would not count
                env=os.environ | self.browser.environment,
            )

    def _quote_log(self) -> str:
        lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        return f" ({lines[-1].strip()[:200]})" if lines else ""

    @property
    def closed(self) -> bool:
        """Whether it has ended and its profile is removed."""
        return not self.profile.exists()

    def close(self) -> None:
        """End it with all its processes, and remove its profile."""
        if self.closed:
            return
        self.connection.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(ENDING)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)
