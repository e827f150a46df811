"""The notebooks as a site: whole, linked, readable without a network, and with the text of every figure."""

import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from perfstudy.errors import PerfstudyError
from perfstudy.notebook.execution import list_notebooks
from perfstudy.notebook.prose import list_sources
from perfstudy.notebook.site import render

VOID = {"img", "meta", "br", "hr", "link", "input"}


class Reader(HTMLParser):
    """Collects what a page refers to, its images, and elements that are not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.sources: list[str] = []
        self.images: list[str | None] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.astray: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        found = dict(attrs)
        self.tags.append(tag)
        self.links += [found["href"] or ""] if "href" in found else []
        self.sources += [found["src"] or ""] if "src" in found else []
        self.images += [found.get("alt")] if tag == "img" else []
        self.open += [] if tag in VOID else [tag]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element without an end."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Note the end of an element."""
        if not self.open or self.open.pop() != tag:
            self.astray.append(tag)


def read(path: Path) -> Reader:
    """Return what is on the page at *path*."""
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the rendered site."""
    return render(list_notebooks(), tmp_path_factory.mktemp("site") / "notebooks").parent


def test_each_notebook_has_a_page_and_a_place_in_the_contents(site: Path) -> None:
    names = {f"{path.stem}.html" for path in list_notebooks()}
    assert {path.name for path in site.iterdir()} == names | {"index.html"}
    assert names <= set(read(site / "index.html").links)


def test_pages_are_whole_and_lead_nowhere_else(site: Path) -> None:
    for path in site.iterdir():
        page = read(path)
        assert not page.astray, path.name
        assert not page.open, path.name
        assert "script" not in page.tags
        assert not [source for source in page.sources if not source.startswith("data:")]
        for link in page.links:
            assert (site / link.partition("#")[0]).is_file(), f"{path.name} leads to {link}"
        assert "@import" not in path.read_text(encoding="utf-8")


def test_figures_have_their_text(site: Path) -> None:
    images = [alt for path in site.iterdir() for alt in read(path).images]
    assert images
    assert all(alt and len(alt) > 20 for alt in images)


def test_pages_suit_a_phone_and_the_dark(site: Path) -> None:
    for path in site.iterdir():
        text = path.read_text(encoding="utf-8")
        assert '<html lang="en">' in text
        assert 'name="viewport"' in text
        assert "prefers-color-scheme: dark" in text
        assert text.count("<h1") == 1


def test_the_contents_have_questions_and_verdicts(site: Path) -> None:
    text = (site / "index.html").read_text(encoding="utf-8")
    assert "Where does the time of a request go?" in text
    assert len(re.findall(r"\?</p>", text)) == len(list_notebooks())
    assert 'class="verdict fell-short">fell short<' in text


def test_numbers_say_their_source_and_are_escaped() -> None:
    assert list_sources('It is **12**<!-- a: "b"/<c -->.') == (
        'It is **<span class="number" title="a: &quot;b&quot;/&lt;c">12</span>**.'
    )
    assert list_sources("At 95%<!-- by definition -->.") == "At 95%."


def test_markup_in_a_title_is_text(tmp_path: Path) -> None:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# <script>alert(1)</script>\n\nReally?")])
    nbformat.write(book, tmp_path / "nasty.ipynb")
    index = render([tmp_path / "nasty.ipynb"], tmp_path / "site")
    assert "<script>" not in index.read_text(encoding="utf-8")


def test_what_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ipynb"
    broken.write_text("not JSON")
    with pytest.raises(PerfstudyError, match=r"broken\.ipynb is not a readable notebook"):
        render([broken], tmp_path / "site")
    (tmp_path / "file").write_text("")
    with pytest.raises(PerfstudyError, match="cannot be made"):
        render(list_notebooks()[:1], tmp_path / "file" / "site")
