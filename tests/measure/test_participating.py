"""Taking part in a shared run: its costs are measured once, and the run ends with them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from perfstudy.measure import participating
from perfstudy.results import Store
from tests.measure.test_own import SOUND, write
from tests.results.conftest import new_database, plan, result  # noqa: F401 - a fixture


class Bench:
    """A bench that notes what it is asked to measure, and finds nothing."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def prepare(self) -> str:
        return ""

    def measure(self, block: int) -> str:
        self.asked.append("block")
        return "block"

    def measure_costs(self) -> str:
        self.asked.append("costs")
        assert len(self.asked) < 5, "it is asked for ever"
        return ""


@pytest.mark.parametrize("over", [False, True])
def test_costs_of_which_there_are_none_are_measured_once(
    over: bool,
    new_database: Callable[[], str],  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench()

    @contextmanager
    def open_bench(*given: Any) -> Iterator[Bench]:
        yield bench

    def add(store: Store, run: str, made: str) -> bool:
        for cell in store.missing(run) if made else ():
            store.append(run, cell, result(cell))
        return bool(made)

    monkeypatch.setattr(participating, "open_bench", open_bench)
    monkeypatch.setattr(participating, "add", add)
    study = replace(write(tmp_path, SOUND), costs=lambda *given: iter(()))
    with Store.open(new_database()) as store:
        run = plan(store, 1)
        lab: Any = None
        participating.take_part(store, run, study, lab, is_over=lambda: over and "block" in bench.asked)
        assert bench.asked == (["block"] if over else ["block", "costs"])
        assert store.run(run).finished is not over
