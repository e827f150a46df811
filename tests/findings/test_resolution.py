"""The smallest effect that so many blocks can tell."""

from pathlib import Path

import pytest

from perfstudy.findings.findings import Findings
from perfstudy.findings.resolution import find_smallest_effect
from perfstudy.results import Store
from tests.report import shop


def test_more_blocks_tell_smaller_effects(tmp_path: Path) -> None:
    with Store.open(str(tmp_path / "store.sqlite")) as store:
        found = Findings(shop.store_run(store))
        effects = [find_smallest_effect(found, blocks) for blocks in (5, 10, 40)]
    assert effects == sorted(filter(None, effects), reverse=True)
    assert all(effect is not None and effect > 1 for effect in effects)


@pytest.mark.parametrize("blocks", [0, 1])
def test_a_single_block_tells_nothing(tmp_path: Path, blocks: int) -> None:
    with Store.open(str(tmp_path / "store.sqlite")) as store:
        assert find_smallest_effect(Findings(shop.store_run(store)), blocks) is None
