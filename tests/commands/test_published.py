"""A published set is shown by its name, as a run of one's own is."""

from pathlib import Path

import pytest

from perfstudy.commands.report import write_report
from perfstudy.commands.verdicts import load_findings
from perfstudy.errors import UsageError
from perfstudy.results import Store
from perfstudy.results.published import load_published


def test_a_published_set_is_found_by_its_name(tmp_path: Path) -> None:
    with Store.open(str(tmp_path / "results.sqlite")) as store:
        found = load_findings(store, "aa-medium")
        with pytest.raises(UsageError, match="unknown run 'aa-mediun'"):
            load_findings(store, "aa-mediun")
    published = load_published("aa-medium")
    assert found.run.id == published.id
    assert published.id in write_report(found, tmp_path / "report.html").read_text(encoding="utf-8")
