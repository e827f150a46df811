"""Verdicts in colour and highlighted SQL, as notebooks show them; their text stays what it was."""

import pytest

from perfstudy import published
from perfstudy.analysis.verdict import UNTESTED
from perfstudy.model.palette import INK
from perfstudy.model.table import Table
from perfstudy.model.verdict_cell import COLOURS, Verdict, _pale
from perfstudy.notebook.display import TextView
from perfstudy.notebook.marked import Sql


def _luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("word", COLOURS)
def test_a_verdict_has_a_ground_on_which_it_can_be_read(word: str) -> None:
    table = Table([{"claim": "<one>", "verdict": Verdict(word)}])
    html = table._repr_html_()
    assert f"background:{_pale(COLOURS[word])}" in html
    assert "&lt;one&gt;" in html
    assert (_luminance(_pale(COLOURS[word])) + 0.05) / (_luminance(INK) + 0.05) >= 7
    assert table.markdown().endswith(f"| {word} |")
    assert repr(table).endswith(word)


def test_a_word_that_is_no_verdict_is_shown_as_it_is() -> None:
    assert Verdict("<b>")._repr_html_() == "&lt;b&gt;"


def test_a_published_set_has_each_of_its_verdicts_in_colour_and_counts_the_others() -> None:
    found = published("ladder-medium")
    html = found._repr_html_()
    counts = found.verdicts["verdict"].value_counts()
    assert counts.pop(UNTESTED) > 0
    assert UNTESTED not in html
    assert " further claims: " in html
    for word, count in counts.items():
        assert html.count(Verdict(word)._repr_html_()) == count > 0


def test_sql_has_its_keywords_highlighted_and_nothing_executed() -> None:
    shown = Table([{"statement": Sql("SELECT '<script>' FROM ads")}])._repr_html_()
    assert '<span class="k">SELECT</span>' in shown
    assert "<script>" not in shown
    assert '<span class="k">SELECT</span>' in TextView("SELECT 1", "sql")._repr_html_()
    assert "<span" not in TextView("SELECT 1")._repr_html_()
