"""``perfstudy init``: write a first study file for the project in this folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from perfstudy.commands import output
from perfstudy.errors import UsageError

if TYPE_CHECKING:
    from perfstudy.commands.initial.project import Project

DEFAULT = Path("perfstudy_study.py")
IGNORED = ".perfstudy/"
"""The line of .gitignore for what a run leaves behind."""


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command(epilog="Example: `perfstudy init perf/orders.py --github --shards 4`")(init)


def init(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The study file to write.")] = DEFAULT,
    github: Annotated[bool, typer.Option("--github", help="Add workflows that measure each pull request.")] = False,
    shards: Annotated[
        int | None,
        typer.Option(min=2, max=40, help="With --github: how many machines measure a part of the blocks each."),
    ] = None,
) -> None:
    """Write a study file for the project in this folder, every field explained.

    The project's files are read, and none of its code is run.
    """
    from perfstudy.commands.initial.project import find_project
    from perfstudy.commands.initial.study_file import render_study
    from perfstudy.commands.initial.workflows import render_workflows

    if shards and not github:
        raise UsageError(f"--shards is {shards}, and is about the workflows: add --github, or leave it out")
    place = _check_name(file)
    project = find_project(Path.cwd())
    texts = {place: render_study(project, place)}
    if github:
        texts |= render_workflows(project, place, shards or 0)
    _write(texts)
    _ignore(project)
    _say_next(project, file)


def _check_name(file: Path) -> Path:
    """Return the whole path of *file*.

    Raises:
        UsageError: it is no Python file.
    """
    if file.suffix != ".py":
        raise UsageError(f"FILE is {str(file)!r}: a study file ends in .py, as {file.with_suffix('.py').name!r} does")
    return file.parent.resolve() / file.name


def _write(texts: dict[Path, str]) -> None:
    """Write every file, or none where one exists.

    Raises:
        UsageError: one of them exists.
        PerfstudyError: one cannot be written.
    """
    from perfstudy.model import files

    for path in texts:
        if path.exists() or path.is_symlink():
            raise UsageError(f"{_shown(path)} exists and is left as it is: name another file, or delete it first")
    for path, text in texts.items():
        files.make_folder(path.parent)
        files.write(path, text.encode())
        output.say(f"wrote {_shown(path)}")


def _ignore(project: "Project") -> None:
    """Have git ignore what runs leave behind, once."""
    from perfstudy.model import files

    path = (project.repository or project.root) / ".gitignore"
    known = path.read_bytes() if path.exists() else b""
    if IGNORED.strip("/").encode() in {line.strip().strip(b"/") for line in known.splitlines()}:
        return
    files.write(path, known + (b"\n" if known and not known.endswith(b"\n") else b"") + f"{IGNORED}\n".encode())
    output.say(f"added {IGNORED} to {_shown(path)}")


def _say_next(project: "Project", file: Path) -> None:
    if not project.applications:
        lacking = f"no WSGI or ASGI application found in {project.root}: fill in `command`, which serves an arm,"
        output.say(f"{lacking} in {file}", error=True)
    elif not project.routes:
        output.say(f"no path without parameters found in the code: name a request in `scenarios` in {file}", error=True)
    output.say(f"next: perfstudy try {file}")


def _shown(path: Path) -> Path:
    """Return *path* in its shortest form, relative or absolute."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
