"""Write anew what README.md and docs/ quote: ``python -m tools.docs.refresh``.

A number is followed by its address, as in the notebooks' prose (``perfstudy.notebook.citations``); a new one is
written as ``?``.
"""

from pathlib import Path

from perfstudy.notebook.prose import fill_citations
from perfstudy.paths import PROJECT
from tools.docs import images

DOCS = PROJECT / "docs"


def list_pages() -> list[Path]:
    """Return README.md and the pages of docs/."""
    return [PROJECT / "README.md", *sorted(DOCS.glob("*.md"))]


def main() -> None:
    """Rewrite the numbers of all pages, and the images."""
    for page in list_pages():
        page.write_text(fill_citations(page.read_text(encoding="utf-8")), encoding="utf-8")
    for name, image in images.draw_all().items():
        (images.FOLDER / name).write_text(image, encoding="utf-8")


if __name__ == "__main__":
    main()
