"""Prepare the notebooks for the site, as stored, and the page that lists them with their questions and verdicts."""

import json
import re
from typing import Any

from perfstudy.model.catalog import first_catalog, list_claims
from perfstudy.model.table import Table
from perfstudy.notebook.execution import list_notebooks
from perfstudy.notebook.prose import list_sources
from perfstudy.notebook.tables import verdicts_by_claim

INTRODUCTION = """# The study in notebooks

One question each, with the outputs of the last run. Verdicts are those of the published set `{}`.
"""


def make_pages() -> dict[str, str]:
    """Return the page of contents, and each notebook, by its file's name."""
    books = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in list_notebooks()}
    listed = "\n\n".join(_introduce(name, book) for name, book in books.items())
    tree = "```{toctree}\n:hidden:\n\n" + "\n".join(books) + "\n```"
    contents = "\n".join([INTRODUCTION.format(first_catalog().published), listed, "", tree, ""])
    pages = {f"notebooks/{name}.ipynb": json.dumps(_prepare(book)) for name, book in books.items()}
    return {"notebooks/index.md": contents, **pages}


def _introduce(name: str, book: Any) -> str:
    """Return the heading, the question and the verdicts of a notebook."""
    prose = "\n".join("".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "markdown")
    title = re.search(r"^# (.+)$", prose, re.MULTILINE)
    asked = re.search(r"(?<!\*)\*([^*\n]+\?)\*(?!\*)|^([^.\n#|-][^.\n]*\?)$", prose, re.MULTILINE)
    question = (asked[1] or asked[2]) if asked else ""
    rows = _find_verdicts(book)
    parts = [f"## [{title[1] if title else name}]({name}.ipynb)", question[:1].upper() + question[1:]]
    return "\n\n".join(filter(None, [*parts, Table(rows).markdown() if rows else ""]))


def _find_verdicts(book: Any) -> list[dict[str, Any]]:
    """Return the published verdicts on the claims that *book* judges."""
    cells = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    outputs = [output for cell in cells if not _is_ignored(cell) for output in cell["outputs"]]
    text = "\n".join("".join(output.get("data", {}).get("text/plain", "")) for output in outputs)
    judged = [claim for claim in list_claims() if re.search(rf"^{claim.id}  ", text, re.MULTILINE)]
    return verdicts_by_claim(first_catalog().published, judged)


def _is_ignored(cell: Any) -> bool:
    return "nbval-ignore-output" in cell["metadata"].get("tags", [])


def _prepare(book: Any) -> Any:
    """Return *book* with its numbers' addresses as tooltips, and the text of each figure below it."""
    for cell in book["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = list_sources("".join(cell["source"]))
            continue
        for output in cell["outputs"]:
            alt = output.get("metadata", {}).get("image/png", {}).get("alt")
            if alt:
                cell["metadata"]["mystnb"] = {"image": {"alt": alt}, "figure": {"caption": _escape(alt)}}
    return book


def _escape(text: str) -> str:
    """Return *text* as Markdown in which no mark means anything."""
    return re.sub(r"([\\`*_{}\[\]<>#$|])", r"\\\1", text)
