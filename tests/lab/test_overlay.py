"""Settings of an arm, over those of a real Django project, as its own programs see them."""

import json
import sys
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from perfstudy.errors import UsageError
from perfstudy.lab.commands import run_command
from perfstudy.lab.overlay import find_settings, refuse_own_settings, write_settings

MANAGE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
if __name__ == "__main__":
    from django.core.management import execute_from_command_line
    execute_from_command_line(sys.argv)
"""
SETTINGS = """
SECRET_KEY, DEBUG, ALLOWED_HOSTS, ROOT_URLCONF = "only for a test", False, ["*"], "shop.urls"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "TIMEOUT": 300,
                      "OPTIONS": {"MAX_ENTRIES": 10, "CULL_FREQUENCY": 2}}}
INSTALLED_APPS = ("django.contrib.contenttypes",)
lower = "not a setting"
"""
WSGI = """
import os
from django.core.wsgi import get_wsgi_application
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = get_wsgi_application()
"""
SHOW = "import json; from django.conf import settings; print(json.dumps([getattr(settings, n) for n in {names!r}]))"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A Django project called ``shop``."""
    folder = tmp_path / "my project"
    (folder / "shop").mkdir(parents=True)
    for name, text in {"manage.py": MANAGE, "shop/settings.py": SETTINGS, "shop/wsgi.py": WSGI}.items():
        (folder / name).write_text(text)
    for name in ("__init__", "urls"):
        (folder / "shop" / f"{name}.py").write_text("urlpatterns = []\n")
    return folder


def show(project: Path, variables: dict[str, str], *names: str, through: str = "manage") -> list[Any]:
    """What the project's own programs read as their settings."""
    program = SHOW.format(names=names).replace("{", "{{").replace("}", "}}")
    command = {
        "manage": ("{python}", "manage.py", "shell", "--command", program),
        "wsgi": ("{python}", "-c", f"import shop.wsgi; {program}"),
    }[through]
    output = run_command(command, {"python": sys.executable}, project, variables, project.parent / "log")
    found: list[Any] = json.loads(output.splitlines()[-1])
    return found


@pytest.mark.parametrize("through", ["manage", "wsgi"])
def test_the_projects_programs_see_the_overlay(project: Path, tmp_path: Path, through: str) -> None:
    assert find_settings(project, {}) == "shop.settings"
    overlay = {
        "CACHES": MappingProxyType({"default": {"TIMEOUT": None, "OPTIONS": {"MAX_ENTRIES": 99}}}),
        "INSTALLED_APPS": ("django.contrib.contenttypes", "django.contrib.auth"),
        "NEW": {"é": [1.5, True, 'a \'b\'\n"""']},
    }
    variables = write_settings(tmp_path / "scratch", project, overlay, {})
    names = ("CACHES", "INSTALLED_APPS", "NEW", "ALLOWED_HOSTS", "ROOT_URLCONF")
    caches, applications, *rest = show(project, variables, *names, through=through)
    assert caches["default"] == {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "TIMEOUT": None,
        "OPTIONS": {"MAX_ENTRIES": 99, "CULL_FREQUENCY": 2},
    }
    assert applications == ["django.contrib.contenttypes", "django.contrib.auth"]
    assert rest == [overlay["NEW"], ["*"], "shop.urls"]


def test_two_arms_have_modules_of_their_own_and_the_arms_path_is_kept(project: Path, tmp_path: Path) -> None:
    first, second = (write_settings(tmp_path / "s", project, {"TIME_ZONE": zone}, {}) for zone in ("UTC", "CET"))
    assert [show(project, one, "TIME_ZONE") for one in (first, second)] == [["UTC"], ["CET"]]
    found = write_settings(tmp_path / "s", project, {}, {"PYTHONPATH": "src"})
    assert found["PYTHONPATH"] == f"{tmp_path / 's'}:src"


def test_the_environment_names_the_settings_before_manage_py(project: Path, tmp_path: Path) -> None:
    (project / "shop" / "fast.py").write_text("from .settings import *\nTIME_ZONE = 'CET'\n")
    variables = write_settings(tmp_path / "s", project, {}, {"DJANGO_SETTINGS_MODULE": "shop.fast"})
    assert show(project, variables, "TIME_ZONE") == ["CET"]
    assert find_settings(tmp_path, {"DJANGO_SETTINGS_MODULE": "elsewhere"}) == "elsewhere"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"manage.py": None}, "^settings= is for Django, and .* has no manage.py: use environment=, or name DJANGO_"),
        (
            {"manage.py": "print(1)"},
            "does not name the settings: name DJANGO_SETTINGS_MODULE in environment=",
        ),
        ({"manage.py": MANAGE.replace('"shop.settings"', "sys.argv[1]")}, "manage.py does not name the settings"),
        ({"manage.py": "a b"}, "manage.py does not name the settings"),
        (
            {"shop/wsgi.py": 'import os\nos.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"'},
            r"shop/wsgi.py overwrites DJANGO_SETTINGS_MODULE, so settings= has no effect: write os.environ.setdefault$",
        ),
    ],
)
def test_a_project_that_an_overlay_cannot_reach(project: Path, files: dict[str, str | None], message: str) -> None:
    for name, text in files.items():
        (project / name).unlink() if text is None else (project / name).write_text(text)
    with pytest.raises(UsageError, match=message) as caught:
        find_settings(project, {})
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("command", ["{python} manage.py runserver --settings=shop.fast", "x --settings shop.fast"])
def test_a_command_that_names_its_settings_itself(command: str) -> None:
    with pytest.raises(UsageError, match=r"has --settings, over settings=: name"):
        refuse_own_settings(command)
    refuse_own_settings("gunicorn --settings-file x shop.wsgi")


@pytest.mark.parametrize(
    ("overlay", "message"),
    [
        ({"debug": True}, "settings= has 'debug', which Django would not read: its settings are in upper case$"),
        ({"A.B": 1}, r"settings= has 'A\.B'"),
        ({"BASE": Path("a")}, r"^settings\.BASE is PosixPath\('a'\): a setting of an arm is text, a number"),
        ({"CACHES": {"default": [0, {1, 2}]}}, r"^settings\.CACHES\.default\[1\] is \{1, 2\}"),
        ({"CACHES": {1: "x"}}, r"^settings\.CACHES has the key 1, which is no text"),
        ({"RATE": float("nan")}, r"^settings\.RATE is nan"),
    ],
)
def test_an_overlay_is_plain_data(tmp_path: Path, overlay: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        write_settings(tmp_path, tmp_path, overlay, {"DJANGO_SETTINGS_MODULE": "shop.settings"})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("module", ["shop/settings.py", "shop..settings", "shop.settings\n"])
def test_a_module_that_python_could_not_import(tmp_path: Path, module: str) -> None:
    with pytest.raises(UsageError, match=r"which names no module: write it with dots, as shop\.settings$"):
        write_settings(tmp_path, tmp_path, {}, {"DJANGO_SETTINGS_MODULE": module})
