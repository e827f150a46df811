"""The committed page is what its sources give, and their pure parts do what they say."""

import gzip
import json
from pathlib import Path

import pytest

from perfstudy.listing import pages
from tests.browser import install_packages

MOST = 82_000
"""Bytes of the script, compressed, at most."""


@pytest.fixture(scope="module", autouse=True)
def packages() -> None:
    """Install the packages of the page."""
    install_packages()


def read(folder: Path) -> dict[str, bytes]:
    """Every file below *folder* by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_committed_page_is_what_its_sources_give(tmp_path: Path) -> None:
    pages.build(tmp_path / "page")
    assert read(tmp_path / "page") == read(pages.BUILT), "run `make frontend`"


def test_the_script_is_small() -> None:
    (script,) = (pages.BUILT / "assets").glob("*.js")
    assert len(gzip.compress(script.read_bytes())) <= MOST


def test_the_pure_parts_do_what_they_say() -> None:
    pages.run_node("--test", "--test-reporter=dot", "test/*.test.ts")


def test_the_lock_has_a_strong_hash_of_each_package_and_no_address() -> None:
    lock = json.loads((pages.SOURCES / "package-lock.json").read_text())
    packages = {name: found for name, found in lock["packages"].items() if name}
    assert len(packages) > 10
    assert all(found["integrity"].startswith("sha512-") for found in packages.values())
    assert not any("resolved" in found for found in packages.values())


def test_the_licence_of_each_package_in_the_bundle_is_there() -> None:
    text = (pages.BUILT / "LICENSES.txt").read_text(encoding="utf-8")
    for name in ("@tanstack/react-virtual", "@tanstack/virtual-core", "react", "react-dom", "scheduler"):
        assert f"\n{name} " in f"\n{text}"
    assert text.count("MIT License") >= 5
