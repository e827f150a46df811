"""README.md against the code: what it lists is what there is, and its example works."""

import re

import pytest
import typer.main

from perfstudy.__main__ import app
from perfstudy.listing.optimization import SEAMS, Optimization
from perfstudy.listing.optimizations import ALL, check_registry
from perfstudy.paths import PROJECT

README = (PROJECT / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """The text below a heading, up to the next one."""
    found = re.search(rf"^## {re.escape(title)}$(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, f"README.md has no section {title!r}"
    return found[1]


def listed(title: str) -> dict[str, str]:
    """The table of a section: the first word of each first column, and the rest of the row."""
    return dict(re.findall(r"^\| `([\w-]+)[^`]*` \| (.*) \|$", section(title), re.MULTILINE))


def test_every_command_is_listed() -> None:
    command = typer.main.get_command(app)
    assert set(listed("The command line")) == set(command.commands)  # type: ignore[attr-defined]


def test_every_optimization_is_listed_in_study_order() -> None:
    assert list(listed("The optimizations")) == [optimization.name for optimization in ALL]


@pytest.mark.parametrize("command", sorted(listed("The command line")))
def test_the_options_it_names_exist(command: str) -> None:
    described = listed("The command line")[command]
    known = {option for parameter in typer.main.get_command(app).commands[command].params for option in parameter.opts}  # type: ignore[attr-defined]
    assert set(re.findall(r"--[a-z-]+", described)) <= known


def test_the_example_is_an_optimization_that_the_registry_takes() -> None:
    (source,) = re.findall(r"```python\n(.*?)```", section("Adding an optimization"), re.DOTALL)
    names: dict[str, object] = {}
    exec("\n".join(line.removeprefix("   ") for line in source.splitlines()), names)
    (example,) = [value for value in names.values() if isinstance(value, Optimization)]
    assert check_registry((*ALL, example))[example.name] is example


def test_every_seam_is_listed() -> None:
    assert set(listed("Adding an optimization")) == set(SEAMS)


def test_the_layout_is_the_folder_s() -> None:
    (layout,) = re.findall(r"```\n(perfstudy/\n.*?)```", section("How it is built"), re.DOTALL)
    inside, _, beside = layout.partition("\ndata/")
    rows = [("perfstudy", line) for line in inside.splitlines()[1:]] + [
        ("", line) for line in f"data/{beside}".splitlines()
    ]
    for folder, line in rows:
        for name in re.split(r"\s{2,}", line.strip())[0].split(", "):
            assert (PROJECT / folder / name).exists(), f"README.md lists {name}, which does not exist"
