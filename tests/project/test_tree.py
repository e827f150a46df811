"""The files of the project: they name no package registry, no machine and no secret, and are whole."""

import re
import tomllib

import pytest

from perfstudy.listing.compiling import VARIANT
from perfstudy.paths import PROJECT
from tests.project.declared import files, pyproject

# Put together here, so that this file does not hold what it looks for.
REGISTRIES = (
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "org"),
    ("npmjs", "com"),
    ("crates", "io"),
    ("repo.maven", "apache"),
    ("deb", "debian"),
    ("proxy", "golang"),
    ("anaconda", "org"),
    ("anaconda", "com"),
)
REGISTRY = re.compile("|".join(r"\b" + re.escape(".".join(parts)) for parts in REGISTRIES), re.IGNORECASE)
HOMES = ("root", "home", "Users", "work", "opt", "mnt", "workspace", "workspaces", "builds")
MACHINE_PATH = re.compile(rf"(?<![\w.${{}}/~*-])/(?:{'|'.join(HOMES)})/[\w.-]+")
PRIVATE_KEY = re.compile("-----BEGIN [A-Z ]*PRIVATE" + " KEY-----")


def texts() -> dict[str, str]:
    """Every text file of the project by its path."""
    found = {}
    for path in files():
        try:
            found[str(path.relative_to(PROJECT))] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


@pytest.mark.parametrize("pattern", [REGISTRY, PRIVATE_KEY], ids=["registry", "private key"])
def test_no_file_names_a(pattern: re.Pattern[str]) -> None:
    assert not {f"{name}: {match.group()}" for name, text in texts().items() for match in pattern.finditer(text)}


def test_no_file_names_a_folder_of_some_machine() -> None:
    """Tests are left out, since they may invent such folders."""
    found = {name: MACHINE_PATH.findall(text) for name, text in texts().items() if not name.startswith("tests/")}
    assert not {name: paths for name, paths in found.items() if paths}


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (REGISTRY, "https://files." + "pythonhosted" + ".org/packages/x"),
        (REGISTRY, "conda." + "anaconda" + ".org"),
        (MACHINE_PATH, "File " + '"/' + "home/someone/x.py"),
        (MACHINE_PATH, "in /" + "root/x"),
    ],
)
def test_such_a_thing_would_be_noticed(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


DOCUMENTS = ("LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md")
PLUMBING = ("Makefile", "requirements.lock", "environment.yml", "docker-compose.yml", ".ci/run")


@pytest.mark.parametrize("name", DOCUMENTS + PLUMBING)
def test_the_project_has(name: str) -> None:
    assert (PROJECT / name).stat().st_size > 200


def test_what_is_made_is_not_kept() -> None:
    made = re.compile(r"(^|/)(\.venv[^/]*|\.perfstudy|__pycache__|\.[a-z]+_cache|build|dist|\.env)(/|$)")
    assert not [name for name in (str(path.relative_to(PROJECT)) for path in files()) if made.search(name)]


def test_the_changelog_names_the_version() -> None:
    source = (PROJECT / "perfstudy" / "__init__.py").read_text(encoding="utf-8")
    version = re.search(r'^__version__ = "(.+)"$', source, re.MULTILINE)
    assert version
    changelog = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {re.escape(version[1])}\b", changelog, re.MULTILINE)


def test_the_licence_is_the_declared_one() -> None:
    assert pyproject()["project"]["license"] == "MIT"
    assert (PROJECT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")


def test_the_readme_s_links_lead_somewhere() -> None:
    for document in ("README.md", "CONTRIBUTING.md"):
        text = (PROJECT / document).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text):
            assert (PROJECT / target).exists(), f"{document} points to {target}, which does not exist"


def test_the_docs_name_every_variable_that_the_project_reads() -> None:
    """Whatever a reader may set is told; a setting of Django's, or what the lab sets for a service, is not."""
    found = texts()
    code = "\n".join(found[name] for name in found if name.startswith(("perfstudy/", "benchmarks/", "tools/")))
    lab = (
        found["perfstudy/listing/definition.py"]
        + found["perfstudy/lab/services.py"]
        + found["perfstudy/listing/service/metrics.py"]
    )
    ours = set(re.findall(r'"(PERFSTUDY_\w+)"(?:: |\] = |\n)', lab))
    settings = set(re.findall(r"^(PERFSTUDY_\w+):", found["perfstudy/listing/service/settings.py"], re.MULTILINE))
    read = set(re.findall(r'"(PERFSTUDY_[A-Z_]+)"', code)) - ours - settings - {VARIANT}
    exported = set(re.findall(r"^export (.+)$", found["Makefile"], re.MULTILINE)[0].split())
    assert read > {"PERFSTUDY_HOME", "PERFSTUDY_STORE"}
    assert not (read | exported) - {"ARGS"} - set(re.findall(r"`(\w+)`", found["docs/environment.md"]))


def test_toml_and_locks_use_unix_line_ends() -> None:
    assert tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    assert not [name for name, text in texts().items() if "\r\n" in text and not name.endswith(".ipynb")]
