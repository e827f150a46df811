"""The site of docs/: it builds without a warning, lists what there is, and leads nowhere that is not there."""

import importlib
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from perfstudy.__main__ import app
from perfstudy.commands.declaring import tree
from perfstudy.listing.optimizations import ALL
from perfstudy.model.catalog import list_claims
from perfstudy.notebook.execution import list_notebooks
from perfstudy.notebook.prose import list_sources
from perfstudy.paths import PROJECT
from perfstudy.results.published import list_published
from tests.browser import SCREENS, find_barriers, needs_browser, open_browser
from tools.docs.build import build

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # Sphinx's, of its extensions


class Reader(HTMLParser):
    """Collects what a page loads and leads to, the ids that it has, and its images' texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.ids: set[str] = set()
        self.images: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        found = {name: value or "" for name, value in attrs}
        self.ids |= {found["id"]} if "id" in found else set()
        self.links += [found["href"]] if tag == "a" and "href" in found else []
        self.loaded += [found[name] for name in ("src", "href") if tag != "a" and name in found]
        self.images += [found.get("alt", "")] if tag == "img" else []


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the built site."""
    folder = tmp_path_factory.mktemp("site") / "docs"
    assert build(folder) == 0
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Reader]:
    """Return every page by its path."""
    return {path: Reader(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}


def test_every_link_leads_somewhere(site: Path, pages: dict[Path, Reader]) -> None:
    broken = []
    for path, page in pages.items():
        for link in (*page.links, *page.loaded):
            parts = urlsplit(link)
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not parts.scheme and (
                not target.exists()
                or (parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids)
            ):
                broken.append(f"{path.relative_to(site)} leads to {link}")
    assert not broken


def test_a_page_loads_nothing_from_elsewhere(pages: dict[Path, Reader]) -> None:
    assert not [link for page in pages.values() for link in page.loaded if urlsplit(link).scheme not in ("", "data")]


def test_images_have_their_text(pages: dict[Path, Reader]) -> None:
    images = [alt for page in pages.values() for alt in page.images]
    assert len(images) > len(list_notebooks())
    assert not [alt for alt in images if len(alt) < 20]


@pytest.mark.parametrize(
    ("page", "ids"),
    [
        ("all-optimizations", [one.name for one in ALL]),
        ("claims", [claim.id for claim in list_claims()]),
        ("commands", [f"perfstudy-{name}" for name in tree(app).commands]),
    ],
)
def test_a_page_lists_what_there_is(page: str, ids: list[str], site: Path, pages: dict[Path, Reader]) -> None:
    assert not {name.replace("_", "-") for name in ids} - pages[site / f"{page}.html"].ids


def test_sets_and_notebooks_have_pages_with_their_verdicts(site: Path) -> None:
    assert {path.stem for path in (site / "results").glob("*.html")} == set(list_published())
    assert {path.stem for path in (site / "notebooks").glob("*.html")} == {"index", *(p.stem for p in list_notebooks())}
    contents = (site / "notebooks" / "index.html").read_text(encoding="utf-8")
    assert "Where does the time of a request go?" in contents
    assert "fell short" in contents


def test_numbers_say_their_source_and_are_escaped() -> None:
    assert list_sources('It is **12**<!-- a: "b"/<c -->.') == (
        'It is **<span class="number" title="a: &quot;b&quot;/&lt;c">12</span>**.'
    )
    assert list_sources("At 95%<!-- by definition -->.") == "At 95%."


def test_the_method_names_functions_and_checks_that_exist() -> None:
    text = (PROJECT / "docs" / "method.md").read_text(encoding="utf-8")
    rows = re.findall(r"\| `(\w+)\.(\w+)` \| `(\w+)\.(\w+)` \|$", text, re.MULTILINE)
    assert len(rows) > 15
    for module, function, file, check in rows:
        assert hasattr(importlib.import_module(f"perfstudy.analysis.{module}"), function)
        assert f"def {check}(" in (PROJECT / "tests" / "analysis" / f"{file}.py").read_text(encoding="utf-8")


@needs_browser
def test_axe_finds_no_barrier(site: Path) -> None:
    """The phone's screen is where tables and code scroll sideways."""
    with open_browser() as browser:
        for page in ("index.html", "optimizations.html"):
            for screen in SCREENS:
                assert find_barriers(browser, (site / page).as_uri(), screen) == []


@needs_browser
def test_stored_charts_are_dark_on_a_dark_page(site: Path) -> None:
    """All but the photographs: a filmstrip shows what a page looked like."""
    filters = {}
    with open_browser() as browser:
        for screen in ("light", "dark"):
            page = browser.new_page(**SCREENS[screen])
            page.goto((site / "notebooks" / "09-front-end.html").as_uri())
            filters[screen] = page.eval_on_selector_all(
                ".cell_output img", "images => images.map(one => [one.alt.slice(0, 9), getComputedStyle(one).filter])"
            )
            page.close()
    assert {drawn for _, drawn in filters["light"]} == {"none"}
    for kind, drawn in filters["dark"]:
        assert (drawn == "none") == (kind == "Filmstrip")
    assert {kind for kind, _ in filters["dark"]} > {"Filmstrip"}
