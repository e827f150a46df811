"""Render the GitHub workflows: one measures, the other writes the comment."""

import re
from pathlib import Path

from perfstudy.commands.initial.project import Project
from perfstudy.commands.initial.study_file import open_templates
from perfstudy.errors import UsageError

FOLDER = Path(".github", "workflows")
SHARED_BLOCKS = 40
"""Blocks that the jobs of a workflow with shards measure together."""
NAMES = ("perfstudy.yml", "perfstudy-comment.yml")
PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*")
"""Paths that mean the same in YAML, in an expression of GitHub's and in a shell."""


TOOLS = {"uv.lock": "uv", "poetry.lock": "poetry", "pdm.lock": "pdm", "Pipfile.lock": "pipenv"}
"""What must be installed to build a tree with a lock file."""


def render_workflows(project: Project, file: Path, shards: int = 0) -> dict[Path, str]:
    """Return the text of each workflow by its path; *file* is the study's.

    With *shards*, so many jobs measure a part each, and one more merges them.

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
    ours = "'perfstudy[lab,parquet]'" if shards else "'perfstudy[lab]'"
    tools = [ours, TOOLS[project.lock]] if project.lock in TOOLS else [ours]
    templates, given = open_templates(), {"study": study, "tools": tools, "shards": shards, "blocks": SHARED_BLOCKS}
    return {repository / FOLDER / name: templates.get_template(f"{name}.j2").render(given) for name in NAMES}
