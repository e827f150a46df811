"""Describe a notebook for the contents page."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfstudy.model.catalog import first_catalog, list_claims
from perfstudy.notebook.tables import verdicts_by_claim


@dataclass(frozen=True)
class Entry:
    """A notebook in the contents; *question* and *verdicts* may be empty."""

    name: str
    title: str
    question: str
    verdicts: list[dict[str, object]]

    @property
    def page(self) -> str:
        """The file name of its page."""
        return f"{self.name}.html"


def entry(path: Path, book: Any) -> Entry:
    """Return what the contents say of *book*, the notebook read from *path*."""
    prose = "\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")
    heading = re.search(r"^# (.+)$", prose, re.MULTILINE)
    return Entry(path.stem, heading[1] if heading else path.stem, _question(prose), _verdicts(book))


def _question(prose: str) -> str:
    """Return the first question on a line of its own, '' without one."""
    found = re.search(r"(?<!\*)\*([^*\n]+\?)\*(?!\*)|^([^.\n#|-][^.\n]*\?)$", prose, re.MULTILINE)
    question = (found[1] or found[2]) if found else ""
    return question[:1].upper() + question[1:]


def _verdicts(book: Any) -> list[dict[str, object]]:
    """Return the published verdicts on the claims that *book* judges."""
    text = "\n".join(
        output.get("data", {}).get("text/plain", "")
        for cell in book.cells
        if cell.cell_type == "code" and "nbval-ignore-output" not in cell.metadata.get("tags", [])
        for output in cell.outputs
    )
    judged = [claim for claim in list_claims() if re.search(rf"^{claim.id}  ", text, re.MULTILINE)]
    return verdicts_by_claim(first_catalog().published, judged)
