"""The other pages: each builds, and shows the same programs in the same order."""

import json
import os

import pytest

from benchmarks.pages import FINAL, OTHERS
from perfstudy.drivers.browser.find import Browser
from perfstudy.drivers.browser.walking import collect_cards
from perfstudy.errors import PerfstudyError
from perfstudy.listing import pages
from perfstudy.listing.compiling import declare_page
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


def collect(lab: Lab, database: Database, page: str | None) -> Programs:
    """The programs that scrolling reaches, before and after each filter, as they stand in the list."""
    assert isinstance(FOUND, Browser)
    arm = BEST if page is None else declare_page(page, page, str(pages.built_page(page)), variant=FINAL)
    with lab.serve(arm, database) as service:
        token = service.token(find_tenant(database.facts, PROGRAMS))
        shown = collect_cards(FOUND, f"{service.url}/#token={token}", TEXT)
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


def test_the_study_has_each_page() -> None:
    assert sorted(OTHERS) == pages.list_peers()


def test_the_types_of_the_sources_fit(packages: None) -> None:
    pages.check_peers()


def test_the_lock_has_a_strong_hash_of_each_package_and_no_address() -> None:
    packages = json.loads((pages.PEERS / "package-lock.json").read_text())["packages"]
    found = [package for name, package in packages.items() if name]
    assert len(found) >= 3
    assert all(package["integrity"].startswith("sha512-") and "resolved" not in package for package in found)
