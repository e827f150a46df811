"""A notebook at a reader's own size: papermill sets the parameters and runs it."""

from pathlib import Path

import pytest

from perfstudy.notebook.execution import FOLDER


@pytest.fixture(autouse=True)
def store_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the run apart from other tests' runs; the kernel inherits it."""
    monkeypatch.setenv("PERFSTUDY_STORE", str(tmp_path / "store.sqlite"))


def test_a_notebook_runs_with_a_reader_s_parameters(tmp_path: Path) -> None:
    import papermill

    book = papermill.execute_notebook(
        FOLDER / "01-baseline.ipynb",
        tmp_path / "mine.ipynb",
        parameters={"scale": "tiny", "blocks": 2, "tenant": "agency-2671"},
        kernel_name="python3",
        progress_bar=False,
        cwd=FOLDER,
    )
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    (injected,) = [cell for cell in code if "injected-parameters" in cell.metadata.tags]
    assert "blocks = 2" in injected.source
    assert not [output for cell in code for output in cell.outputs if output.output_type == "error"]
    stated = [output for cell in code for output in cell.outputs if "tenant agency-2671" in str(output)]
    assert stated, "the notebook does not say which tenant it looks at"
