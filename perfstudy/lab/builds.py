"""Build a tree once, and find the interpreter that its programs run with."""

import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from perfstudy import paths
from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.formatting import clock
from perfstudy.lab.commands import Command, build_user_environment, is_our_folder, run_command
from perfstudy.lab.git import run_git
from perfstudy.lab.locks import exclusive
from perfstudy.lab.refs import list_uncommitted
from perfstudy.lab.state import write
from perfstudy.lab.worktrees import Tree, mark_finished

LOCK_FILES = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "requirements*.txt", "package-lock.json")
"""The files that say which versions a build installs, as patterns, the most telling first."""
BEGUN = "build.begun"
"""The file that stands from the beginning of a build to its end."""
TIMEOUT = 3600.0
"""Seconds that a build may take."""
NAMED = 8
"""Files that an error message names."""
ANSWERING = 60.0
"""Seconds that an interpreter may take to start."""


def hash_lock(folder: Path) -> str:
    """Return a hash of all lock files of the project; empty where it has none.

    They are looked for in *folder* and above, up to the top of the repository.
    """
    digest, found = hashlib.sha256(), list(_list_lock_files(folder))
    for path in found:
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest() if found else ""


def _list_lock_files(folder: Path) -> Iterator[Path]:
    for place in _climb(folder):
        found = [path for pattern in LOCK_FILES for path in sorted(place.glob(pattern)) if path.is_file()]
        if found:
            yield from found
            return


def _climb(folder: Path) -> Iterator[Path]:
    """Yield *folder* and those above it, up to the top of the repository."""
    folder = folder.absolute()
    top = next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder)
    yield from (one for one in (folder, *folder.parents) if one.is_relative_to(top))


def find_python(folder: Path, declared: str = "") -> str:
    """Return the path of the interpreter for the tree that *folder* lies in.

    That is the tree's own ``.venv/bin/python``, else the *declared* one, a path from *folder* or a name, else the first
    on the reader's path that is not of the environment that this package is installed in.

    Raises:
        UsageError: there is none, or it does not run.
    """
    own = _find_own(folder)
    if own is not None:
        return _require_running(own, folder, "create the environment again")
    return find_base_python(folder, declared)


def find_base_python(folder: Path, declared: str) -> str:
    """Return the path of the interpreter to build with, whatever the tree has.

    Raises:
        UsageError: there is none, or it does not run.
    """
    if declared:
        return _require_running(_find_declared(folder, declared), folder, "correct python=")
    found = next(_search(("python3", "python")), None)
    if found is None:
        raise UsageError(f"no interpreter on the path for {folder}: name one with python=, or build a .venv")
    return _require_running(found, folder, "name another with python=")


def _find_own(folder: Path) -> Path | None:
    """Return the interpreter of the tree's own environment, or None.

    It need not run.
    """
    return next((path for one in _climb(folder) if os.path.lexists(path := one / ".venv" / "bin" / "python")), None)


def _find_declared(folder: Path, declared: str) -> Path:
    place = Path(declared).expanduser()
    if place.is_absolute() or "/" in declared:
        return folder.absolute() / place
    found = next(_search((declared,)), None)
    if found is None:
        raise UsageError(f"python={declared!r} is not on the path: correct it, or write its whole path")
    return found


def _search(names: Collection[str]) -> Iterator[Path]:
    """Yield the programs on the reader's path, none of this package's environment."""
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        for path in (Path(folder, name) for name in names):
            if folder and not is_our_folder(folder) and path.is_file() and os.access(path, os.X_OK):
                yield path.absolute()


def _require_running(python: Path, folder: Path, remedy: str) -> str:
    """Return the path of an interpreter that runs.

    Links in it are kept: they are how an interpreter finds its environment.
    """
    command = [str(python), "-c", "import sys; print(sys.version_info >= (3,))"]
    surroundings = build_user_environment()
    options = {"stdin": subprocess.DEVNULL, "capture_output": True, "timeout": ANSWERING}
    try:
        answer = subprocess.run(command, cwd=folder, env=surroundings, **options)  # type: ignore[call-overload]
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = getattr(error, "strerror", None) or f"no answer within {clock(ANSWERING)}"
        raise UsageError(f"the interpreter {python} does not run: {reason}; {remedy}") from None
    if answer.returncode or answer.stdout.strip() != b"True":
        said = answer.stderr.decode(errors="replace").strip().splitlines() or ["it is no Python"]
        raise UsageError(f"the interpreter {python} does not run: {said[-1]}; {remedy}")
    return str(python)


def build(
    tree: Tree,
    command: Command,
    declared: str,
    environment: Mapping[str, str],
    report: Callable[[str], None],
    *,
    folder: str = "",
    timeout: float = TIMEOUT,
    secrets: Collection[str] = (),
) -> None:
    """Run the build of *tree*, unless it is built already or *command* is empty.

    A commit is built once for each lock file and command. A working tree of the reader's own is built each time, since
    it may have changed. *folder* is the one in the repository to build in; *report* is called when a build starts.
    ``{python}`` is the *declared* interpreter or the first on the path, since the build may be about to make the tree's
    own.

    Raises:
        UsageError: the command cannot be started.
        PerfstudyError: it failed; the message has the end of its log.
    """
    if not command:
        return
    place = tree.folder / folder
    base = tree.slot or paths.home() / "builds" / hashlib.sha256(str(tree.folder).encode()).hexdigest()[:12]
    base.mkdir(parents=True, exist_ok=True)
    busy = f"another run has been building {tree.folder} for {clock(timeout)}: wait until it has ended"
    with exclusive(base / "build.lock", timeout, busy):
        if _is_built(tree, place, command):
            return
        report(f"building {_name(tree)}: {command if isinstance(command, str) else ' '.join(command)}")
        (base / "built.json").unlink(missing_ok=True)
        if tree.slot is not None and (base / BEGUN).exists():  # one that never ended may have left what stops this one
            run_git(tree.folder, "clean", "-ffdxq")
        (base / BEGUN).touch()
        log, values = base / "build.log", {}
        if "{" in "".join(command):  # a build by uv needs none of the reader's interpreters
            values["python"] = find_base_python(place, declared)
        try:
            run_command(command, values, place, environment, log, timeout=timeout, secrets=secrets)
        except UsageError:
            raise
        except PerfstudyError as error:
            raise PerfstudyError(_explain(tree, str(error))) from None
        (base / BEGUN).unlink()
        if tree.slot is not None:
            mark_finished(tree)
            write(tree.slot / "built.json", json.dumps(_describe(tree, place, command)))


def _name(tree: Tree) -> str:
    return str(tree.folder) if tree.slot is None else tree.sha[:12]


def _describe(tree: Tree, place: Path, command: Command) -> list[object]:
    """Return what a build depends on."""
    return [tree.sha, hash_lock(place), command if isinstance(command, str) else list(command), str(place)]


def _is_built(tree: Tree, place: Path, command: Command) -> bool:
    """Return whether the last build was this one, and is still whole.

    An environment breaks when the interpreter that it was made from is removed.
    """
    own = _find_own(place)
    if tree.slot is None or (own is not None and not own.exists()):
        return False
    try:
        return bool(json.loads((tree.slot / "built.json").read_text()) == _describe(tree, place, command))
    except (OSError, ValueError):
        return False


def _explain(tree: Tree, reason: str) -> str:
    """Return the message of a failed build, with the files that a commit lacks."""
    line, mark, log = reason.partition("\n")
    missing = list_uncommitted(tree.repository) if tree.slot is not None else ()
    if missing:
        more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        line += f"; a ref has only committed files, and the working tree has also {', '.join(missing[:NAMED])}{more}"
    return f"the build of {_name(tree)} failed: {line}{mark}{log}"
