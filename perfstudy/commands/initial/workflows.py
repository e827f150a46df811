"""Render the GitHub workflows: one measures, the other writes the comment."""

import re
from pathlib import Path

from perfstudy.commands.initial.project import Project
from perfstudy.commands.initial.study_file import open_templates
from perfstudy.errors import UsageError

FOLDER = Path(".github", "workflows")
NAMES = ("perfstudy.yml", "perfstudy-comment.yml")
PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*")
"""Paths that mean the same in YAML, in an expression of GitHub's and in a shell."""


TOOLS = {"uv.lock": "uv", "poetry.lock": "poetry", "pdm.lock": "pdm", "Pipfile.lock": "pipenv"}
"""What must be installed to build a tree with a lock file."""


def render_workflows(project: Project, file: Path) -> dict[Path, str]:
    """Return the text of each workflow by its path; *file* is the study's.

    Raises:
        UsageError: there is no repository, *file* is outside it, or its path needs quoting.
    """
    repository = project.repository
    if repository is None:
        raise UsageError("--github needs a git repository, and no folder above this one is one: run `git init` first")
    if not file.is_relative_to(repository):
        raise UsageError(f"FILE is {str(file)!r}, outside the repository {repository}: name a file in it")
    study = file.relative_to(repository).as_posix()
    if not PLAIN.fullmatch(study):
        raise UsageError(f"FILE is {study!r} in the repository: use letters, digits and ._-/ alone with --github")
    ours = "'perfstudy[lab]'"
    tools = [ours, TOOLS[project.lock]] if project.lock in TOOLS else [ours]
    templates = open_templates()
    return {
        repository / FOLDER / name: templates.get_template(f"{name}.j2").render(study=study, tools=tools)
        for name in NAMES
    }
