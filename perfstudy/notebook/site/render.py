"""Rendering: each notebook becomes a page, and a page of contents leads to them.

Pages are whole by themselves: no request leaves them, no script is in them, and they work from a folder.
"""

import re
from collections.abc import Iterable
from html import escape, unescape
from pathlib import Path
from typing import Any

from markupsafe import Markup

from perfstudy.errors import PerfstudyError
from perfstudy.model import files
from perfstudy.model.catalog import first_catalog
from perfstudy.notebook.prose import list_sources
from perfstudy.notebook.site.contents import Entry, entry
from perfstudy.notebook.templates import open_templates

_IMAGE = re.compile(r"<img\b[^>]*>")
_LINK = re.compile(r'href="([\w-]+)\.ipynb(#[^"]*)?"')


def render(paths: Iterable[Path], folder: Path) -> Path:
    """Write the notebooks as pages in *folder*; return the contents page.

    Raises:
        PerfstudyError: a notebook cannot be read, or a page cannot be written.
    """
    books = [(path, _read(path)) for path in paths]
    entries = [entry(path, book) for path, book in books]
    names = {one.name for one in entries}
    pages = {
        one.page: _page("page.html.j2", entry=one, body=Markup(_body(book, names)), **_neighbours(entries, place))
        for place, (one, (_, book)) in enumerate(zip(entries, books, strict=True))
    }
    pages["index.html"] = _page("index.html.j2", entries=entries, study=first_catalog())
    files.make_folder(folder)
    for name, text in pages.items():
        files.write(folder / name, text.encode())
    return folder / "index.html"


def _read(path: Path) -> Any:
    import nbformat

    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.reader.NotJSONError) as error:
        raise PerfstudyError(f"{path} is not a readable notebook: {str(error).splitlines()[0]}") from None


def _neighbours(entries: list[Entry], place: int) -> dict[str, Entry | None]:
    return {
        "before": entries[place - 1] if place else None,
        "after": entries[place + 1] if place + 1 < len(entries) else None,
    }


def _page(template: str, **content: Any) -> str:
    return open_templates("perfstudy.notebook.site").get_template(template).render(**content)


def _body(book: Any, names: set[str]) -> str:
    """Return the cells of *book* as HTML, its links leading to pages."""
    from nbconvert import HTMLExporter

    for cell in book.cells:
        if cell.cell_type == "markdown":
            cell.source = list_sources(cell.source)
    exporter: Any = HTMLExporter(template_name="basic", exclude_anchor_links=True)  # type: ignore[no-untyped-call]
    html = str(exporter.from_notebook_node(book)[0])
    html = _LINK.sub(lambda link: _lead_to_page(link, names), html)
    return _IMAGE.sub(_figure, html).replace("<pre>", '<pre tabindex="0">')


def _lead_to_page(link: re.Match[str], names: set[str]) -> str:
    """Return the reference to a notebook's page, or to nothing."""
    return f'href="{link[1]}.html{link[2] or ""}"' if link[1] in names else 'aria-disabled="true"'


def _figure(image: re.Match[str]) -> str:
    """Return an image with its text below, where all can read what to see."""
    alt = re.search(r'alt="([^"]*)"', image[0])
    if not alt or not alt[1]:
        return image[0]
    caption = escape(unescape(alt[1]), quote=False)
    return f'<figure>{image[0]}<figcaption aria-hidden="true">{caption}</figcaption></figure>'
