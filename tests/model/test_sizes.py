"""The size of a scenario: what its service declares, whatever its name looks like."""

from dataclasses import replace

import pytest

from perfstudy.errors import unknown
from perfstudy.model import catalog, labels
from perfstudy.model.scenario import Scenario, Series

DECLARED = {
    one.name: one
    for one in (
        Scenario("deep", "/?offset=400", series="offset", size=400),
        Scenario("many", "/?limit=50", series="rows", size=50),
        Scenario("rows@7", "/"),
    )
}


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(name: str) -> Scenario:
        if name not in DECLARED:
            raise unknown("scenario", name, DECLARED)
        return DECLARED[name]

    only = catalog.first_catalog()
    other = replace(only, service=replace(only.service, scenario=find))
    monkeypatch.setattr(labels, "load_catalogs", lambda: {"other": other})


@pytest.mark.parametrize(
    ("name", "series", "size"),
    [
        ("deep", ("offset", "cursor"), 400),
        ("deep", ("rows",), None),
        ("many", ("rows",), 50),
        ("rows@7", ("rows",), None),
        ("nowhere@7", ("rows",), None),
    ],
)
def test_the_size_is_what_the_service_declares(name: str, series: tuple[Series, ...], size: int | None) -> None:
    assert labels.find_size(name, series) == size


def test_any_series_will_do() -> None:
    assert [labels.find_size(name) for name in (*DECLARED, "unknown")] == [400, 50, None, None]
