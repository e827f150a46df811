"""Choose what a first study file says, and render it."""

import os
import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from perfstudy.commands.initial.applications import Application
from perfstudy.commands.initial.project import LOCKS, Project, find_branch

DATABASES = ("DATABASE_URL", "DATABASE_URI", "POSTGRES_URL", "SQLALCHEMY_DATABASE_URI")
CACHES = ("REDIS_URL", "CACHE_URL", "CELERY_BROKER_URL")
"""Names of variables that a service takes the URL of its database and of its Redis from."""
LOGIN = "perf_token"
"""The command of a Django project that prints a token for measuring."""
HEALTH = ("health", "healthz", "readyz", "ready", "livez", "ping", "status", "up", "_health", "-/healthy")
"""The last part of a path that says whether a service is ready."""


def open_templates() -> Environment:
    """Return the templates of this package; ``<<`` and ``<%`` mark what is filled in."""
    environment = Environment(
        loader=PackageLoader("perfstudy.commands.initial", "."),
        undefined=StrictUndefined,
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # what is written is Python or YAML, not HTML
    )
    environment.filters["repr"] = write_literal
    return environment


def write_literal(value: Any) -> str:
    """Return *value* as Python, strings in double quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{write_literal(k)}: {write_literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, tuple):
        return f"({', '.join(map(write_literal, value))}{',' if len(value) == 1 else ''})"
    text = repr(value)
    return f'"{text[1:-1]}"' if text.startswith("'") and '"' not in text else text


def render_study(project: Project, file: Path) -> str:
    """Return the text of a study *file* of *project*."""
    return open_templates().get_template("study.py.j2").render(**_describe(project, file))


def _describe(project: Project, file: Path) -> dict[str, Any]:
    ready, scenarios = _choose_paths(project)
    arms = _choose_arms(project, file)
    base = project.repository or project.root
    return {
        "project": _one_line(project.name),
        "name": re.sub(r"[^a-z0-9]+", "-", project.name.lower()).strip("-") or "service",
        "title": f"{_one_line(project.name)}: the change beside what it changes",
        "file": _one_line(file.name),
        "applications": [f"{one.target} ({one.framework})" for one in project.applications],
        "command": choose_command(project),
        "ready": ready,
        "environment": _choose_environment(project),
        "build": LOCKS.get(project.lock, ""),
        "load": _choose_loading(project),
        "login": f"{{python}} manage.py {LOGIN}" if LOGIN in project.own_commands else "",
        "folder": "" if project.root == base else project.root.relative_to(base).as_posix(),
        "has_commits": "before" not in arms,
        "arms": [f"Arm({write_literal(label)}, {rest})" for label, rest in arms.items()],
        "reference": next(iter(arms)),
        "second": list(arms)[1],
        "guessed": not project.routes,
        "scenarios": [f"Scenario({write_literal(name)}, {write_literal(path)})" for name, path in scenarios.items()],
        "scenario_name": next(iter(scenarios)),
        "also": _relative(project.openapi, file) if project.openapi else "",
    }


def choose_command(project: Project) -> str:
    """Return the command that serves the first application, empty without one."""
    if not project.applications:
        return ""
    one = project.applications[0]
    if one.protocol == "asgi":
        return (
            "{python} -m uvicorn " + one.target + (" --factory" if one.factory else "") + " --host {host} --port {port}"
        )
    if project.needs("gunicorn"):
        return "{python} -m gunicorn " + _quote(one.target) + " --bind {host}:{port}"
    return _develop(one, project)


def _develop(one: Application, project: Project) -> str:
    """Return the command of the framework's own server."""
    if one.framework == "Django" and project.has_manage:
        return "{python} manage.py runserver --noreload {host}:{port}"
    if one.framework == "Flask":
        return "{python} -m flask --app " + _quote(one.target) + " run --host {host} --port {port}"
    return "{python} -m gunicorn " + _quote(one.target) + " --bind {host}:{port}"


def _quote(target: str) -> str:
    return f"'{target}'" if "(" in target else target


def _choose_paths(project: Project) -> tuple[str, dict[str, str]]:
    """Return the path that says it is ready, and the scenarios' paths by name."""
    ready = next((path for path in project.routes if path.strip("/").rpartition("/")[2] in HEALTH), "")
    others = [path for path in project.routes if path != ready] or ["/"]
    named: dict[str, str] = {}
    for path in others[:3]:
        named.setdefault(re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "home", path)
    serves_document = bool(project.applications) and project.applications[0].framework == "FastAPI"
    return ready or ("/openapi.json" if serves_document else others[0]), named


def _choose_environment(project: Project) -> dict[str, str]:
    database = next((name for name in DATABASES if name in project.variables), "")
    cache = next((name for name in CACHES if name in project.variables), "")
    return {name: value for name, value in ((database, "{postgres}"), (cache, "{redis}")) if name}


def _choose_loading(project: Project) -> tuple[str, ...]:
    if not any(name in project.variables for name in DATABASES):
        return ()
    if project.has_manage:
        filling = [name for name in project.own_commands if name != LOGIN]
        return tuple(f"{{python}} manage.py {command}" for command in ("migrate --noinput", *filling))
    return ("{python} -m alembic upgrade head",) if (project.root / "alembic.ini").is_file() else ()


def _choose_arms(project: Project, file: Path) -> dict[str, str]:
    """Return the arms by label: the branch, and the working tree.

    Without a commit they are the tree without and with a variable.
    """
    base = project.repository or project.root
    tree = f"tree={write_literal(_relative(base, file))}"
    branch = find_branch(project.repository)
    if branch:
        return {
            branch.removeprefix("origin/"): f"ref={write_literal(branch)}",
            "mine" if branch != "mine" else "tree": tree,
        }
    return {"before": tree, "after": f'{tree}, environment={{"FILL_IN": "1"}}'}


def _relative(path: Path, file: Path) -> str:
    return Path(os.path.relpath(path, file.parent)).as_posix()


def _one_line(text: str) -> str:
    """Return *text* as it may stand in a docstring."""
    return " ".join(re.sub(r'["\\]', "", text).split())
