"""JupyterLab in a real browser: Run All works, leaves no error, and the charts are on the page."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from perfstudy.notebook.execution import FOLDER
from tests.browser import NODE, launch, needs_browser, node, run_playwright

PATIENCE = 600_000
"""Milliseconds that a notebook may take before the test gives it up: only a hang comes near."""

SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    # Otherwise cells that are out of sight are not on the page.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}

BOOKS = [FOLDER / f"{name}.ipynb" for name in ("00-the-study", "02-index")]
MEASURES = re.compile(r"\brun\b")
"""What the cells that measure, and those that show what was measured, have in common: they are left out."""

EXPLORE = "from perfstudy.listing import explore; explore."
CONTROLS = ('first_steps("factorial-medium")', "lifetimes()", 'variants("ladder-medium")', 'queues("limits-medium")')


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a copy of the notebooks without their outputs, and return the address of JupyterLab."""
    folder = tmp_path_factory.mktemp("lab")
    nbformat.write(_make_controls(), folder / "controls.ipynb")
    for path in BOOKS:
        _bare(path, folder / path.name)
    home = folder / "home"
    overrides = home / "lab" / "settings"
    overrides.mkdir(parents=True)
    (overrides / "overrides.json").write_text(json.dumps(SETTINGS))
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root"),
        *(f"--LabApp.app_settings_dir={overrides}", f"--ServerApp.root_dir={folder}"),
    ]
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "PERFSTUDY_STORE")
    environment = os.environ | {name: str(home / name.lower()) for name in names}
    # Kernels must find the package from a folder that is not the project's.
    with subprocess.Popen(command, env=environment, cwd=folder, stderr=subprocess.PIPE, text=True) as server:
        try:
            yield _address(server)
        finally:
            server.terminate()
            server.communicate(timeout=60)


def _read(path: Path) -> Any:
    """Return the notebook without what measures: it takes long, and a browser shows it like the rest."""
    book: Any = nbformat.read(path, as_version=4)
    book.cells = [cell for cell in book.cells if cell.cell_type != "code" or not MEASURES.search(cell.source)]
    return book


def _make_controls() -> Any:
    """Return a notebook with nothing but the controls, a cell each."""
    cells = [nbformat.v4.new_code_cell(f"{EXPLORE}{call}") for call in CONTROLS]
    return nbformat.v4.new_notebook(cells=cells, metadata=_read(BOOKS[0]).metadata)


def _bare(source: Path, target: Path) -> None:
    book = _read(source)
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(book, target)


def _address(server: subprocess.Popen[str]) -> str:
    """Return the address, token included, that the server prints once it answers."""
    assert server.stderr is not None
    said = []
    for line in server.stderr:
        said.append(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+/lab\?token=\w+", line):
            return found[0]
    pytest.fail(f"JupyterLab did not start: {''.join(said)}")


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    """Return Playwright, which is run by a Node that starts here."""
    with run_playwright() as playwright:
        yield playwright


def test_playwright_is_run_by_a_node_that_starts_here(driver: Any) -> None:
    path = node()
    assert path is not None
    assert os.environ[NODE]
    found = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60)
    assert re.fullmatch(r"v\d+\.\d+\.\d+\n", found.stdout), found.stderr
    assert driver.chromium.name == "chromium"


@pytest.fixture(scope="module")
def page(jupyter: str, driver: Any) -> Iterator[Any]:
    """Return a page of a headless browser that has logged in."""
    browser = launch(driver)
    opened = browser.new_page(viewport={"width": 1400, "height": 1000})
    opened.set_default_timeout(PATIENCE)
    opened.goto(jupyter)
    yield opened
    browser.close()


@needs_browser
@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_run_all_leaves_no_error_and_shows_the_charts(jupyter: str, page: Any, path: Path) -> None:
    code = [cell for cell in _read(path).cells if cell.cell_type == "code"]
    charts = sum("image/png" in output.get("data", {}) for cell in code for output in cell.outputs)
    _run_all(page, jupyter, path.name, len(code))
    assert page.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]').count() == 0
    assert page.locator('.jp-RenderedText[data-mime-type="application/vnd.jupyter.error"]').all_inner_texts() == []
    assert charts
    assert _shown(page) == charts


def _run_all(page: Any, jupyter: str, name: str, cells: int) -> None:
    page.goto(f"{jupyter.partition('?')[0]}/tree/{name}?reset")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    # A kernel that is not there yet would be asked for in a dialog.
    page.get_by_text("Python 3 (ipykernel) | Idle").first.wait_for()
    page.locator(".lm-MenuBar-item", has_text="Run").first.click()
    page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').click()
    page.locator(".jp-InputPrompt", has_text=f"[{cells}]:").wait_for(state="attached")


@pytest.fixture(scope="module")
def controls(jupyter: str, page: Any) -> Any:
    """Return the page with every control, each in a cell that has been run."""
    _run_all(page, jupyter, "controls.ipynb", len(CONTROLS))
    return page


@needs_browser
@pytest.mark.parametrize("cell", range(len(CONTROLS)), ids=[call.partition("(")[0] for call in CONTROLS])
def test_a_figure_follows_its_control(controls: Any, cell: int) -> None:
    outputs = controls.locator(".jp-CodeCell").nth(cell).locator(".jp-Cell-outputArea")
    before = outputs.locator("figcaption, table").last.inner_text()
    sliders = outputs.locator(".noUi-handle")
    if sliders.count():
        sliders.first.press("ArrowLeft")
    else:
        outputs.locator("select").first.select_option(index=2)
    controls.wait_for_function(
        """([cell, before]) => {
            const cells = document.querySelectorAll('.jp-CodeCell');
            const figure = [...cells[cell].querySelectorAll('figcaption, table')].at(-1);
            return figure && figure.innerText !== before;
        }""",
        arg=[cell, before],
        timeout=60_000,
    )


def _shown(page: Any) -> int:
    """Return how many charts of some size are in the notebook, each with its caption."""
    return page.evaluate(
        """() => [...document.querySelectorAll('.jp-RenderedHTML figure:has(figcaption) > svg')]
            .filter(chart => chart.getBoundingClientRect().width > 200).length"""
    )
