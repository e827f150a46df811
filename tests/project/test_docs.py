"""The pages of docs/: their links lead somewhere."""

import re

import pytest

from perfstudy.paths import PROJECT

DOCS = PROJECT / "docs"


@pytest.mark.parametrize("page", sorted(path.name for path in DOCS.glob("*.md")))
def test_links_lead_somewhere(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)
    assert not [target for target in targets if not (DOCS / target).exists()]
