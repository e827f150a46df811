"""The share of answers that waited for a delayed acknowledgement: counted, and shown only where there is one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfstudy import findings
from perfstudy.commands import results
from perfstudy.findings.comparisons import find_stalled_share
from perfstudy.listing.compiling import arms
from perfstudy.listing.variant import BASELINE, parse
from perfstudy.model.catalog import find_study as named
from perfstudy.report.material import Material
from perfstudy.report.sections import _numbers
from perfstudy.results import Store
from tests.findings.test_findings import planted


@given(st.lists(st.floats(1e-5, 0.0174), min_size=1, max_size=50), st.integers(0, 50), st.floats(0.0351, 5.0))
def test_the_share_above_the_delay_is_given_where_the_median_is_quick(
    quick: list[float], waiting: int, wait: float
) -> None:
    times = quick + [wait] * min(waiting, len(quick) - 1)
    assert find_stalled_share(times) == pytest.approx((len(times) - len(quick)) / len(times))
    assert find_stalled_share([time + 0.0175 for time in times]) == 0


def test_no_samples_waited() -> None:
    assert find_stalled_share([]) == 0


@pytest.mark.parametrize(("unit", "waiting", "shown"), [(0.002, 2, True), (0.002, 0, False), (0.2, 2, False)])
def test_results_and_report_show_it_where_there_is_one(
    store: Store, unit: float, waiting: int, shown: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    study = replace(named("ladder"), arms=arms([BASELINE, parse("index")]), blocks=4, requests=20, scales=("tiny",))
    run = planted(store, study, unit=unit, waiting=waiting)
    frame = findings.comparisons(run)
    assert set(frame["stalled"]) == ({0.1} if shown else {0.0})
    results._print_results(findings.find(run), "table")
    printed = capsys.readouterr().out
    assert ("over 35 ms" in printed) == ("10%" in printed) == shown
    made = _numbers(Material(name="x", study="ladder", scale="tiny", comparisons=frame), "tiny", "page")
    assert ("over 35 ms" in made.table.columns) == shown  # type: ignore[union-attr]
    assert {len(row) for row in made.table.cells} == {len(made.table.columns)}  # type: ignore[union-attr]


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return an empty store."""
    return Store.open(tmp_path_factory.mktemp("stalls") / "store.sqlite")
