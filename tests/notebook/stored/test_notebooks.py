"""Notebooks as files: run whole, with nothing of the machine that ran them, short, and backed by results."""

import ast
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from perfstudy.charts.style import VERDICTS
from perfstudy.listing.claims import REPORT_CLAIMS
from perfstudy.listing.optimizations import ORIGINAL
from perfstudy.notebook.execution import FOLDER, list_notebooks
from perfstudy.notebook.prose import fill_citations, find_unbacked

MACHINE = re.compile(r"/(home|root|Users|tmp|work|var|opt)/\w|127\.0\.0\.1:\d+|\w+://\w*:\w+@")
STATEMENT = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH) ")
NAMES = (
    *("00-the-study", "01-baseline", "02-index", "03-rows", "04-connections", "05-cache", "06-together"),
    *("07-operations", "08-limits", "09-front-end"),
)
CLAIM = {claim.id for claim in REPORT_CLAIMS}


def cells(path: Path, kind: str) -> list[dict[str, Any]]:
    """Return the cells of one kind of the notebook at *path*, each with its source as one text."""
    found = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind]
    return [{**cell, "source": "".join(cell["source"])} for cell in found]


def code(path: Path) -> list[dict[str, Any]]:
    """Return the code cells of the notebook at *path*."""
    return cells(path, "code")


def prose(path: Path) -> str:
    """Return the Markdown of the notebook at *path*."""
    return "\n\n".join(cell["source"] for cell in cells(path, "markdown"))


def tree(path: Path) -> ast.Module:
    """Return all code of the notebook at *path*, magics left out."""
    sources = [cell["source"] for cell in code(path) if not cell["source"].startswith("%")]
    return ast.parse("\n".join(sources))


def compared(path: Path) -> str:
    """Return the text of all outputs that are compared when the notebook is tested."""
    outputs = [
        output
        for cell in code(path)
        if "nbval-ignore-output" not in cell["metadata"].get("tags", [])
        for output in cell["outputs"]
    ]
    return "\n".join("".join(output.get("data", {}).get("text/plain", "")) for output in outputs)


def verdicts(text: str) -> set[str]:
    """Return the report's claims beside which *text* has a verdict on the same line."""
    words = "|".join(VERDICTS)
    return {match[1] for match in re.finditer(rf"^([a-z-]+)  .*\b(?:{words})\b", text, re.MULTILINE)} & CLAIM


each = pytest.mark.parametrize("path", list_notebooks(), ids=lambda path: path.stem)


@each
def test_every_cell_was_run_in_order_and_without_error(path: Path) -> None:
    counts = [cell["execution_count"] for cell in code(path)]
    assert counts == list(range(1, len(counts) + 1)), f"run it again: perfstudy notebooks {path.name}"
    assert not [o for cell in code(path) for o in cell["outputs"] if o["output_type"] == "error"]


@each
def test_nothing_of_the_machine_is_stored(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    for cell in document["cells"]:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop("image/png", None)
    found = MACHINE.search(json.dumps(document))
    assert not found, found
    assert document["metadata"].keys() == {"kernelspec", "language_info"}


@each
def test_cells_are_few_and_short(path: Path) -> None:
    assert 12 <= len(cells(path, "code")) + len(cells(path, "markdown")) <= 40
    for cell in code(path):
        lines = [line for line in cell["source"].splitlines() if line.strip()]
        assert 1 <= len(lines) <= 5, cell["source"]
        assert not lines[-1].rstrip().endswith(";"), "nbval shows what a semicolon hides"


@each
def test_cells_call_the_facade_alone(path: Path) -> None:
    nodes = list(ast.walk(tree(path)))
    assert {node.module for node in nodes if isinstance(node, ast.ImportFrom)} <= {"perfstudy", "perfstudy.listing"}
    loops = (ast.Import, ast.For, ast.While, ast.comprehension, ast.FunctionDef, ast.ClassDef)
    assert not [ast.unparse(node) for node in nodes if isinstance(node, loops)]
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert not [text for text in texts if STATEMENT.search(text) or "://" in text]


@each
def test_its_answer_stands_at_the_top_with_figures_that_have_an_address(path: Path) -> None:
    (short,) = re.findall(r"^\*\*In short:\*\* .+(?:\n.+)*", cells(path, "markdown")[0]["source"], re.MULTILINE)
    assert 2 <= len(short.splitlines()) <= 3
    assert set(re.findall(r"<!-- (.+?) -->", short)) - {"by definition"}


@each
def test_nothing_is_shown_as_python_writes_it(path: Path) -> None:
    data = [output.get("data", {}) for cell in code(path) for output in cell["outputs"]]
    assert not [one["text/plain"] for one in data if 'class="dataframe"' in "".join(one.get("text/html", ""))]
    assert not [
        one["text/plain"] for one in data if re.match(r"[{(\['\"](?!\"\"The)", "".join(one.get("text/plain", "")))
    ]


@each
def test_a_size_can_be_given(path: Path) -> None:
    (parameters,) = [cell for cell in code(path) if "parameters" in cell["metadata"].get("tags", [])]
    names = {node.id for node in ast.walk(ast.parse(parameters["source"])) if isinstance(node, ast.Name)}
    measures = any(isinstance(node, ast.Name) and node.id == "Bench" for node in ast.walk(tree(path)))
    assert names >= ({"scale", "blocks", "tenant"} if measures else {"ladder"})


@each
def test_the_reader_s_ratio_is_compared_with_the_published_one(path: Path) -> None:
    calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call) and node.args]
    runs = [call for call in calls if ast.unparse(call.func) == "bench.run"]
    assert not runs or code(path)[-1]["source"].startswith("bench.against(")


@each
def test_measured_outputs_are_not_compared(path: Path) -> None:
    """A figure's text holds its size, which follows from what was measured."""
    for cell in code(path):
        pictures = [output for output in cell["outputs"] if "image/png" in output.get("data", {})]
        assert not pictures or "nbval-ignore-output" in cell["metadata"].get("tags", []), cell["source"]
        assert all(output["metadata"]["image/png"].get("alt") for output in pictures), cell["source"]


@each
def test_markdown_has_one_sentence_a_line(path: Path) -> None:
    for line in re.sub(r"<!--.*?-->", "", prose(path)).splitlines():
        assert not re.search(r"[a-z)*`]\. [A-Z]", line), line


@each
def test_numbers_in_prose_are_those_of_their_results(path: Path) -> None:
    for cell in cells(path, "markdown"):
        lines = zip(cell["source"].splitlines(), fill_citations(cell["source"]).splitlines(), strict=True)
        wrong = [f"{path.name} says: {says}\nthe result: {is_}" for says, is_ in lines if says != is_]
        assert not wrong, "\n".join([*wrong, f"perfstudy notebooks {path.name} corrects it"])


@each
def test_no_figure_in_prose_is_without_a_result(path: Path) -> None:
    found = list(find_unbacked(prose(path)))
    assert not found, f"{found} in {path.name}: see CONTRIBUTING.md, Notebooks"


@each
def test_links_lead_to_notebooks(path: Path) -> None:
    assert set(re.findall(r"\]\(([^)#:]+)\)", prose(path))) <= {f"{name}.ipynb" for name in NAMES}


@each
def test_headings_descend_one_level_at_a_time(path: Path) -> None:
    levels = [len(found) for found in re.findall(r"^(#+) ", prose(path), re.MULTILINE)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(deeper - level <= 1 for level, deeper in pairwise(levels))


def test_the_study_has_its_notebooks() -> None:
    assert [path.stem for path in list_notebooks()] == list(NAMES)
    assert all(path.parent == FOLDER for path in list_notebooks())


@pytest.mark.parametrize("optimization", ORIGINAL, ids=lambda o: o.name)
def test_each_optimization_of_the_report_is_measured_in_a_notebook(optimization: Any) -> None:
    texts = [
        node.value
        for path in list_notebooks()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "run"
        for node in ast.walk(node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert [text for text in texts if text == "all" or optimization.name in text.split("+")]


def test_each_claim_of_the_report_reaches_a_verdict_and_a_sentence() -> None:
    """The first notebook judges all of them; its table is compared, so a verdict cannot vanish from it."""
    first = FOLDER / "00-the-study.ipynb"
    assert verdicts(compared(first)) == CLAIM
    assert set(re.findall(r"^- \*\*([a-z-]+)\*\*: \*", prose(first), re.MULTILINE)) == CLAIM
    later = [verdicts(compared(path)) for path in list_notebooks() if path != first]
    assert set().union(*later) >= {claim.id for o in ORIGINAL for claim in o.claims}


def test_verdicts_are_found_where_they_stand() -> None:
    assert verdicts("index-queries  3 to 5 times  1.08 [1.01, 1.15]  inconclusive") == {"index-queries"}
    assert not verdicts("index-queries  3 to 5 times")
    assert not verdicts("not-a-claim  3 to 5 times  supported")
