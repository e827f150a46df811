"""The pages of docs/: their commands run as they stand there, and their links lead somewhere."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from perfstudy.__main__ import app
from perfstudy.commands.declaring import tree
from perfstudy.paths import PROJECT

DOCS = PROJECT / "docs"
PAGES = ("first-verdict.md", "in-ci.md", "inconclusive.md", "many-machines.md")
"""The pages with commands, in the order in which a reader follows them."""
SHORTER = {
    **{"perfstudy run orders_study.py\n": "perfstudy run orders_study.py --blocks 1 --requests 5\n", "20m": "1s"},
    **{"--blocks 20": "--blocks 2 --requests 5"},
}
"""What the test writes in place of the pages' words, to measure no longer than it must."""


def list_commands(page: str, kind: str = "console") -> list[str]:
    """The lines of a page's blocks of that *kind*: ``sh`` are those that name machines which nobody has here."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return [line for block in re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]


@pytest.mark.parametrize("page", sorted(path.name for path in DOCS.glob("*.md")))
def test_links_lead_somewhere(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)
    assert not [target for target in targets if not (DOCS / target).exists()]


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_and_options_it_names_exist(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    known = tree(app).commands
    for words in (
        shlex.split(line)
        for line in [*list_commands(page, "(?:console|sh)"), *re.findall(r"`(perfstudy [^`]+)`", text)]
    ):
        if words[0] == "perfstudy":
            options = {option for one in known[words[1]].params for option in one.opts}
            assert {word for word in words if word.startswith("--")} <= options, words
    every = {option for command in known.values() for one in command.params for option in one.opts}
    assert set(re.findall(r"`(--[a-z-]+)", text)) <= every


def test_its_commands_work_one_after_the_other(tmp_path: Path) -> None:
    lines = dict.fromkeys(line for page in PAGES for line in list_commands(page))  # what two pages share runs once
    commands = "".join(f"{line}\n" for line in lines)
    for written, shorter in {"/tmp/shop": str(tmp_path / "shop"), **SHORTER}.items():
        assert written in commands
        commands = commands.replace(written, shorter)
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PERFSTUDY_STORE": str(tmp_path / "store.sqlite"),
    }
    done = subprocess.run(
        ["bash", "-e", "-o", "xtrace", "-c", commands],
        cwd=PROJECT,
        env=os.environ | environment,
        timeout=600,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5_000:]
    shown = re.findall(r"^ *list +\w+ +cold .*$", (PROJECT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(shown) == 2
    assert {" ".join(line.split()) for line in shown} <= {" ".join(line.split()) for line in done.stdout.splitlines()}
    assert re.search(r"^prefetch +≥ 2× +[\d.]+ ", done.stdout, re.MULTILINE), done.stdout[-5_000:]
    assert re.search(r"^run orders-\S+: 2 parts$", done.stdout, re.MULTILINE)
    assert "prefetch" in (tmp_path / "shop" / "summary.md").read_text(encoding="utf-8")
