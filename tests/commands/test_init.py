"""``perfstudy init``: what it finds in a project, what it writes, and what it refuses."""

import ast
import re
import subprocess
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from perfstudy.model.catalog import find_study
from perfstudy.model.service import Service
from perfstudy.model.study import Study
from tests.commands.test_commands import here

WSGI = "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n"
DJANGO = {
    "manage.py": "",
    "shop/settings.py": 'ROOT_URLCONF = "shop.urls"\nWSGI_APPLICATION = "shop.wsgi.application"\n'
    'import os\nDATABASE = os.environ["DATABASE_URL"], os.environ.get("REDIS_URL")\n',
    "shop/urls.py": 'urlpatterns = [path("admin/", admin.site.urls), path("<int:pk>/", x), path("health/", x),\n'
    '    path("api/", include("shop.api"))]\n',
    "shop/api.py": 'urlpatterns = [path("orders", x)]\n',
    "shop/wsgi.py": WSGI,
    **dict.fromkeys((f"shop/management/commands/{name}.py" for name in ("perf_token", "perf_fill", "other")), ""),
    "uv.lock": 'name = "gunicorn"\n',
}
FASTAPI = {
    "pyproject.toml": '[project]\nname = "Orders API"\n',
    "app/main.py": 'raise SystemExit("never run")\nfrom fastapi import FastAPI\napp: FastAPI = FastAPI()\n\n\n'
    '@app.get("/orders")\nasync def orders(): ...\n\n\n@app.get("/healthz")\nasync def health(): ...\n\n\n'
    '@app.post("/orders")\nasync def buy(): ...\n',
    "app/settings.py": "class Settings:\n    database_url: str\n",
    "alembic.ini": "",
    "requirements.txt": "fastapi\n",
    "openapi.json": '{"paths": {"/ignored": {"get": {}}}}',
}
FLASK = {
    "wsgi.py": "from flask import Flask\ndef create(name='x'):\n    app = Flask(name)\n"
    "    @app.route('/', methods=['GET', 'POST'])\n    def home(): ...\n    @app.route('/buy', methods=['POST'])\n"
    "    def buy(): ...\n    return app\n",
    "broken.py": "def (",
    "binary.py": "\0",
    "test_it.py": "from fastapi import FastAPI\napp = FastAPI()\n",
}
STARLETTE = {"server.py": "app = Starlette(routes=[Route('/list', x), Route('/buy', y, methods=['POST'])])\n"}

FOUND = {
    "Django": (
        DJANGO,
        {
            **{"command": "{python} -m gunicorn shop.wsgi:application --bind {host}:{port}", "ready": "/health/"},
            **{"environment": {"DATABASE_URL": "{postgres}", "REDIS_URL": "{redis}"}, "build": "uv sync --frozen"},
            **{"load": ("{python} manage.py migrate --noinput", "{python} manage.py perf_fill")},
            **{"login": "{python} manage.py perf_token", "Scenario": ["/api/orders"]},
        },
    ),
    "Django without gunicorn": (
        {"manage.py": "", "shop/wsgi.py": WSGI},
        {
            **{"command": "{python} manage.py runserver --noreload {host}:{port}", "ready": "/"},
            **{"environment": None, "build": None, "load": None, "Scenario": ["/"]},
        },
    ),
    "Django in a folder": ({f"backend/{name}": text for name, text in DJANGO.items()}, {"folder": "backend"}),
    "FastAPI": (
        FASTAPI,
        {
            **{"command": "{python} -m uvicorn app.main:app --host {host} --port {port}", "ready": "/healthz"},
            **{"environment": {"DATABASE_URL": "{postgres}"}, "load": ("{python} -m alembic upgrade head",)},
            **{"name": "orders-api", "also": "openapi.json", "Scenario": ["/orders"]},
        },
    ),
    "Flask": (
        FLASK,
        {
            **{"command": "{python} -m flask --app 'wsgi:create()' run --host {host} --port {port}", "ready": "/"},
            **{"Scenario": ["/"], "folder": None},
        },
    ),
    "Starlette": (
        STARLETTE,
        {"command": "{python} -m uvicorn server:app --host {host} --port {port}", "Scenario": ["/list"]},
    ),
    "FastAPI with routers": (
        {
            "app/main.py": "from app.api import api as everything\nfrom .lost import router\napp = FastAPI()\n"
            "app.include_router(everything, prefix='/v1')\napp.include_router(router)\n"
            "app.include_router(everything, prefix=settings.API)\n",
            "app/api/__init__.py": "from .routes import api\n",
            "app/api/routes.py": "from . import orders\nfrom .health import router as health\napi = APIRouter()\n"
            "api.include_router(orders.router)\napi.include_router(health)\n",
            "app/api/orders.py": "router = APIRouter(prefix='/orders')\n\n@router.get('')\ndef orders(): ...\n"
            "@router.get('/{one}')\ndef order(one): ...\n",
            "app/api/health.py": "router = APIRouter()\n\n@router.get('/ping')\ndef ping(): ...\n",
        },
        {"ready": "/v1/ping", "Scenario": ["/v1/orders"]},
    ),
    "Flask with a blueprint": (
        {
            "app.py": "from shop import site\napp = Flask('x')\n"
            "app.register_blueprint(site.pages, url_prefix='/shop')\n",
            "shop/site.py": "pages = Blueprint('pages', __name__, url_prefix='/replaced')\n\n"
            "@pages.route('/list')\ndef list(): ...\n",
        },
        {"Scenario": ["/shop/list"]},
    ),
    "FastAPI without paths": (
        {"main.py": "app = FastAPI()\napp.include_router(orders.router)\n", "poetry.lock": ""},
        {
            **{"ready": "/openapi.json", "Scenario": ["/"]},
            **{"build": "env POETRY_VIRTUALENVS_IN_PROJECT=1 poetry install --no-interaction"},
        },
    ),
    "a setting that is no name": (
        {"manage.py": "", "settings.py": "WSGI_APPLICATION = 'a\\nb.c'\n", "wsgi.py": WSGI},
        {"command": "{python} manage.py runserver --noreload {host}:{port}", "Scenario": ["/"]},
    ),
    "paths of a document": (
        {
            "server.py": "app = Starlette()\n",
            "api/openapi.json": '{"paths": {"/a/{b}": {"get": {}}, "/c": {"post": {}}, "/d": {"get": {}}}}',
        },
        {"also": "api/openapi.json", "Scenario": ["/d"]},
    ),
}


def lay_out(root: Path, texts: dict[str, str], committed: bool = False) -> Path:
    """Make a repository of *texts* by path."""
    subprocess.run(["git", "init", "-q", "-b", "main", root], check=True)
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if committed:
        git = ["git", "-C", str(root), "-c", "user.name=x", "-c", "user.email=x@localhost"]
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-qm", "shop"], check=True)
    return root


def read_study(path: Path) -> dict[str, Any]:
    """The keywords of the declarations in a study file, and the paths of its scenarios; fails if it is no Python."""
    found: dict[str, Any] = {"Scenario": []}
    for call in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)):
        if getattr(call.func, "id", "") == "Scenario":
            found["Scenario"].append(ast.literal_eval(call.args[1]))
        for one in call.keywords if getattr(call.func, "id", "") in ("Service", "Study") else ():
            if not any(isinstance(node, ast.Call | ast.Name) for node in ast.walk(one.value)):
                found[str(one.arg)] = ast.literal_eval(one.value)
    return found


@pytest.mark.parametrize("case", FOUND)
def test_a_project_is_found(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts, expected = FOUND[case]
    monkeypatch.chdir(lay_out(tmp_path, texts))
    done = here("init")
    assert done.returncode == 0
    assert ("`scenarios`" in done.stderr) == (expected.get("Scenario") == ["/"] and case != "Flask"), done.stderr
    assert done.stdout.splitlines()[-1] == "next: perfstudy try perfstudy_study.py"
    study = read_study(tmp_path / "perfstudy_study.py")
    assert {name: study.get(name) for name in expected} == expected


@pytest.mark.parametrize("case", ["Django", "FastAPI"])
def test_the_study_is_accepted_and_its_comments_name_every_field(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(lay_out(tmp_path, FOUND[case][0]))
    assert here("init").returncode == 0
    study = find_study("perfstudy_study.py")
    assert study.is_own
    assert [scenario.target for scenario in study.declared] == FOUND[case][1]["Scenario"]
    service, _, rest = Path("perfstudy_study.py").read_text().partition("STUDY = ")
    for declared, text in ((Service, service), (Study, rest)):
        named = set(re.findall(r"^    (?:# )?(\w+)=\S", text, re.MULTILINE))
        assert named <= {field.name for field in fields(declared)}
    # With every comment that holds an example or a default taken in, it is accepted too.
    whole = re.sub(r"^    # (\w+=.*,)(  # an example)?$", r"    \1", f"{service}STUDY = {rest}", flags=re.MULTILINE)
    whole = re.sub(r"^from perfstudy import .*$", "from perfstudy import *", whole, flags=re.MULTILINE)
    Path("whole.py").write_text(whole)
    assert find_study("whole.py").claims[0].low == 2


def test_it_looks_upwards_and_names_the_way_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, DJANGO, committed=True)
    (tmp_path / "perf").mkdir()
    monkeypatch.chdir(tmp_path / "perf")
    assert here("init").returncode == 0
    text = (tmp_path / "perf" / "perfstudy_study.py").read_text()
    assert 'Arm("main", ref="main")' in text
    assert 'Arm("mine", tree="..")' in text
    assert "shop.wsgi" in text


def test_git_ignores_what_runs_leave_behind_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(lay_out(tmp_path, {".gitignore": "*.log"}))
    for name in ("one.py", "perf/two.py"):
        assert here("init", name).returncode == 0
    assert (tmp_path / ".gitignore").read_text() == "*.log\n.perfstudy/\n"


def test_two_applications_are_named_and_the_first_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(lay_out(tmp_path, {**STARLETTE, "deeper/app.py": "from flask import Flask\nsite = Flask('x')\n"}))
    assert here("init").returncode == 0
    text = (tmp_path / "perfstudy_study.py").read_text()
    assert re.findall(r"^# - (\S+)", text, re.MULTILINE) == ["server:app", "deeper.app:site"]
    assert "uvicorn server:app" in read_study(tmp_path / "perfstudy_study.py")["command"]


def test_without_an_application_the_command_is_left_to_fill_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(lay_out(tmp_path, {"README": ""}))
    done = here("init", "perf.py")
    assert done.returncode == 0
    assert re.fullmatch(r"no WSGI or ASGI application found in .+: fill in `command`, .+ in perf\.py\n", done.stderr)
    assert "FILL_IN" in read_study(tmp_path / "perf.py")["command"]
    for command in ("try", "run"):
        refused = here(command, "perf.py")
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        assert "has FILL_IN in `command`: write what serves an arm" in refused.stderr


REFUSED = {
    "exists": (("here.py",), 2, "exists"),
    "a folder": (("folder.py",), 2, "directory"),
    "no Python": (("study.txt",), 2, "ends in .py"),
    "hidden": ((".py",), 2, "ends in .py"),
    "below a file": (("here.py/study.py",), 2, "Not a directory"),
    "not writable": (("/proc/study.py",), 1, "cannot be written"),
    "a workflow exists": (("new.py", "--github"), 2, "exists"),
    "outside": (("../outside.py", "--github"), 2, "outside the repository"),
    "to be quoted": (("a;b.py", "--github"), 2, "letters, digits"),
    "an expression": (("${{x}}.py", "--github"), 2, "letters, digits"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_one_line_and_nothing_is_written(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments, status, said = REFUSED[case]
    texts = {"here.py": "", "folder.py/x": "", ".github/workflows/perfstudy-comment.yml": ""}
    monkeypatch.chdir(lay_out(tmp_path / "repository", texts))
    before = sorted(tmp_path.rglob("*"))
    done = here("init", *arguments)
    assert (done.returncode, done.stderr.count("\n")) == (status, 1), done.stderr
    assert said in done.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_workflows_need_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = here("init", "--github")
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert "git init" in done.stderr


@pytest.fixture
def workflows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The workflows of a project, parsed, by name."""
    monkeypatch.chdir(lay_out(tmp_path, DJANGO))
    assert here("init", "perf/orders.py", "--github").returncode == 0
    found = (tmp_path / ".github" / "workflows").iterdir()
    return {path.stem: yaml.safe_load(path.read_text()) for path in found}


def test_what_a_contributor_chooses_never_becomes_part_of_a_command(workflows: dict[str, Any]) -> None:
    commands = [
        step["run"]
        for one in workflows.values()
        for job in one["jobs"].values()
        for step in job["steps"]
        if "run" in step
    ]
    assert len(commands) > 5
    assert not [command for command in commands if "${{" in command]


def test_only_the_workflow_that_runs_no_code_of_the_pull_request_may_write(workflows: dict[str, Any]) -> None:
    assert workflows["perfstudy"]["permissions"] == {"contents": "read"}
    comment = workflows["perfstudy-comment"]
    assert comment["permissions"] == {"actions": "read", "pull-requests": "write"}
    assert not [step for step in comment["jobs"]["comment"]["steps"] if "uses" in step]
    assert comment[True]["workflow_run"]["workflows"] == [workflows["perfstudy"]["name"]]  # YAML 1.1 reads `on` as true


def test_the_measuring_job_has_both_commits_and_the_study(workflows: dict[str, Any]) -> None:
    job = workflows["perfstudy"]["jobs"]["measure"]
    assert job["env"]["STUDY"] == "perf/orders.py"
    assert job["steps"][0]["with"] == {"fetch-depth": 0, "persist-credentials": False}
    assert [step["run"] for step in job["steps"] if "run" in step][:2] == [
        "pipx install 'perfstudy[lab]'",
        "pipx install uv",
    ]
