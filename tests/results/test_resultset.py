"""Result sets as text and as HTML: the same at every call, whole, and safe."""

from dataclasses import replace
from pathlib import Path

from perfstudy.results import Store
from perfstudy.results.publish import publish
from perfstudy.results.published import load_published
from tests.results.conftest import VERDICT, complete, plan


def test_a_run_says_what_it_is(sqlite: Store) -> None:
    run = sqlite.run(plan(sqlite))
    environment = run.summary.environment[:12]
    assert str(run) == repr(run)
    assert str(run).splitlines() == [
        f"Run {run.id}",
        "study: ladder at tiny",
        "blocks: 3, seed 7",
        f"environment: {environment}",
        "excluded: none",
        "cells: 0 of 24, unfinished",
    ]


def test_a_published_set_says_what_it_is(sqlite: Store, tmp_path: Path) -> None:
    run = complete(sqlite)
    publish(sqlite, run, tmp_path)
    found = load_published("ladder-tiny", tmp_path)
    assert str(found) == repr(found)
    assert str(found).splitlines()[:2] == ["Published ladder-tiny", f"run: {run}"]
    assert "excluded: index+cache (3 of 40 answers differ)" in str(found)


def test_html_has_the_facts_and_the_verdicts(sqlite: Store, tmp_path: Path) -> None:
    run = sqlite.run(complete(sqlite))
    publish(sqlite, run.id, tmp_path, [VERDICT])
    found = load_published("ladder-tiny", tmp_path)
    assert ">supported</span></td>" in found._repr_html_()
    for one, tables in ((run, 1), (found, 2)):
        html = one._repr_html_()
        assert html == one._repr_html_()
        assert html.count("<table") == html.count("</table>") == tables
        assert f"<caption>{type(one).__name__} {one.name}</caption>" in html
        assert ">3, seed 7</td>" in html


def test_html_escapes_what_it_shows(sqlite: Store, tmp_path: Path) -> None:
    run = complete(sqlite)
    publish(sqlite, run, tmp_path, [VERDICT | {"claimed": "<script>", "verdict": "a & b"}])
    html = load_published("ladder-tiny", tmp_path)._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "a &amp; b" in html
    assert "index (&lt;b&gt;)" in replace(sqlite.run(run), excluded={"index": "<b>"})._repr_html_()
