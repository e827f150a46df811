"""The other pages: each builds, and shows the same programs in the same order."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from benchmarks.pages import COMPILED, OTHERS, STUDY
from perfstudy.drivers.browser import actions
from perfstudy.drivers.browser.find import Browser
from perfstudy.drivers.browser.walking import collect_cards
from perfstudy.errors import PerfstudyError
from perfstudy.listing import pages
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.page_scenarios import TEXT, find_tenant
from perfstudy.listing.variant import BEST
from tests.browser import FOUND, needs_browser

PROGRAMS = 250
Programs = dict[str, list[str]]


@pytest.fixture(scope="module")
def packages() -> None:
    """Install the packages of the pages, which a machine without a network may not have."""
    try:
        pages.install()
        pages.install(pages.PEERS)
    except PerfstudyError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"the packages of frontend/peers cannot be installed here: {error}")


@contextmanager
def open_page(lab: Lab, database: Database, page: str | None) -> Iterator[str]:
    """Serve *page* as the study does, or the project's own, and give its address."""
    declared = {arm.name: arm for arm in STUDY.arms}
    if page is not None:
        pages.built_page(page)
    with lab.serve(declared[page] if page else BEST, database) as service:
        yield f"{service.url}/#token={service.token(find_tenant(database.facts, PROGRAMS))}"


def collect(lab: Lab, database: Database, page: str | None) -> Programs:
    """The programs that scrolling reaches, before and after each filter, as they stand in the list."""
    assert isinstance(FOUND, Browser)
    with open_page(lab, database, page) as address:
        shown = collect_cards(FOUND, address, TEXT)
    return {state: [card.program for card in cards] for state, cards in shown.items()}


@pytest.fixture(scope="module")
def own(lab: Lab, tiny: Database) -> Programs:
    tiny.reconcile(BEST)
    return collect(lab, tiny, None)


@needs_browser
@pytest.mark.parametrize("page", pages.list_peers())
def test_each_page_shows_the_same_programs_in_the_same_order(
    packages: None, lab: Lab, tiny: Database, own: Programs, page: str
) -> None:
    assert len(own["all"]) == PROGRAMS
    assert collect(lab, tiny, page) == own


@needs_browser
def test_the_compiler_spares_the_cards_that_memo_spares(packages: None, lab: Lab, tiny: Database) -> None:
    assert isinstance(FOUND, Browser)
    with open_page(lab, tiny, COMPILED) as address:
        found = actions.measure_action(FOUND, address, "elsewhere", TEXT).quantities
    assert (found["card renders"], found["mark renders"]) == (0, actions.MARKS)


def test_the_study_has_each_page() -> None:
    assert sorted(OTHERS) == pages.list_peers()


def test_the_types_of_the_sources_fit(packages: None) -> None:
    pages.check_peers()


def test_the_lock_has_a_strong_hash_of_each_package_and_no_address() -> None:
    packages = json.loads((pages.PEERS / "package-lock.json").read_text())["packages"]
    found = [package for name, package in packages.items() if name]
    assert len(found) >= 3
    assert all(package["integrity"].startswith("sha512-") and "resolved" not in package for package in found)
