"""Lay out the sources of the site: pages as written, notebooks as stored, and what is generated."""

import re
import shutil
from pathlib import Path

from perfstudy.notebook.prose import list_sources
from perfstudy.paths import PROJECT
from tools.docs import api, generated, notebooks, refresh

CONTENTS = {
    "Begin": ("first-verdict", "own-service", "in-ci", "many-machines", "inconclusive", "environment"),
    "The study": ("findings", "limits", "optimizations", "front-end", "all-optimizations", "claims", "results"),
    "Notebooks": ("notebooks/index",),
    "Use": ("command-line", "commands", "load", "operations"),
    "Background": ("method", "architecture", "glossary", "api/index"),
    "Project": ("CONTRIBUTING", "CHANGELOG"),
}
"""The pages by part, as the sidebar lists them."""

_PICTURE = re.compile(
    r'<picture>.*?srcset="(?P<dark>[^"]+)".*?src="(?P<light>[^"]+)" alt="(?P<alt>[^"]+)".*?</picture>', re.DOTALL
)


def lay_out(folder: Path) -> None:
    """Write every page of the site below *folder*, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(refresh.DOCS / "images", folder / "images")
    shutil.copy(PROJECT / "LICENSE", folder)
    for path in (*refresh.list_pages(), PROJECT / "CONTRIBUTING.md", PROJECT / "CHANGELOG.md"):
        text = _adapt(path.read_text(encoding="utf-8"))
        if path.name == "README.md":
            (folder / "index.md").write_text(text + _list_contents(), encoding="utf-8")
        else:
            (folder / path.name).write_text(text, encoding="utf-8")
    for name, text in (generated.make_pages() | notebooks.make_pages() | api.make_pages()).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def _adapt(text: str) -> str:
    """Return a page with its links as they are on the site, and its numbers' addresses as tooltips."""
    text = _PICTURE.sub(_show_both, text)
    text = text.replace("](docs/", "](").replace("](../README.md", "](index.md").replace("](../", "](")
    return list_sources(text)


def _show_both(found: re.Match[str]) -> str:
    """Return one image for each theme of the site, in place of those for each theme of the system."""
    images = {theme: found[theme].removeprefix("docs/") for theme in ("light", "dark")}
    return "\n\n".join(
        f"```{{image}} {path}\n:class: only-{theme}\n:alt: {found['alt']}\n```" for theme, path in images.items()
    )


def _list_contents() -> str:
    trees = (
        f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n" + "\n".join(pages) + "\n```"
        for caption, pages in CONTENTS.items()
    )
    return "\n" + "\n\n".join(trees) + "\n"
