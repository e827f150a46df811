"""README.md and docs/ against the code: what they list is what there is, and their numbers are those published."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main

from perfstudy.__main__ import app
from perfstudy.listing.optimization import SEAMS
from perfstudy.listing.optimizations import ALL, check_registry
from perfstudy.model.catalog import list_claims
from perfstudy.model.study import Study
from perfstudy.notebook.prose import fill_citations, find_unbacked
from perfstudy.paths import PROJECT
from tools.docs import images
from tools.docs.refresh import list_pages

README = (PROJECT / "README.md").read_text(encoding="utf-8")
ADDING = "## Adding an optimization"


def read(page: str) -> str:
    """The text of a page of docs/."""
    return (PROJECT / "docs" / page).read_text(encoding="utf-8")


def listed(text: str) -> dict[str, str]:
    """The tables of a text: the first word of each first column, and the rest of the row."""
    return dict(re.findall(r"^\| `([\w-]+)[^`]*` \| (.*) \|$", text, re.MULTILINE))


COMMANDS = listed(read("command-line.md"))


@pytest.mark.parametrize("path", list_pages(), ids=lambda path: path.name)
def test_its_numbers_are_those_of_the_published_results(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert fill_citations(text) == text, "run `python -m tools.docs.refresh`"


def test_the_readme_quotes_no_other_measurement() -> None:
    assert not list(find_unbacked(re.sub(r"<picture>.*?</picture>", "", README, flags=re.DOTALL)))


def test_the_readme_is_short_and_counts_what_there_is() -> None:
    assert len(README.splitlines()) <= 120
    assert f"{len(ALL)} optimizations, " in README
    assert f"{len(list_claims())} claims about them" in README
    assert f"all {len(ALL)}," in README


@pytest.mark.parametrize("name", ["ladder-light.svg", "ladder-dark.svg", "rooms.svg"])
def test_an_image_is_what_the_published_set_gives(name: str) -> None:
    assert f"images/{name}" in README + read("architecture.md")
    assert (images.FOLDER / name).read_text(encoding="utf-8") == images.draw_all()[name]


def test_every_command_is_listed() -> None:
    command = typer.main.get_command(app)
    assert set(COMMANDS) == set(command.commands)  # type: ignore[attr-defined]


def test_every_optimization_is_listed_in_study_order() -> None:
    assert list(listed(read("optimizations.md").partition(ADDING)[0])) == [optimization.name for optimization in ALL]


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_the_options_it_names_exist(command: str) -> None:
    described = COMMANDS[command]
    known = {option for parameter in typer.main.get_command(app).commands[command].params for option in parameter.opts}  # type: ignore[attr-defined]
    assert set(re.findall(r"--[a-z-]+", described)) <= known


def test_the_examples_are_what_study_and_registry_take() -> None:
    study, optimization = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names: dict[str, Any] = {}
    exec(study + optimization, names)
    assert isinstance(names["STUDY"], Study)
    example = names["PATIENT"]
    assert check_registry((*ALL, example))[example.name] is example


def test_every_seam_is_listed() -> None:
    assert set(listed(read("optimizations.md").partition(ADDING)[2])) == set(SEAMS)


def test_the_layout_is_the_folder_s() -> None:
    (layout,) = re.findall(r"```\n(perfstudy/\n.*?)```", read("architecture.md"), re.DOTALL)
    inside, _, beside = layout.partition("\ndata/")
    rows = [("perfstudy", line) for line in inside.splitlines()[1:]] + [
        ("", line) for line in f"data/{beside}".splitlines()
    ]
    for folder, line in rows:
        for name in re.split(r"\s{2,}", line.strip())[0].split(", "):
            assert (PROJECT / folder / name).exists(), f"docs/architecture.md lists {name}, which does not exist"
