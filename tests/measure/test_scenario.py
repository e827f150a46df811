"""Scenarios that go on from a cursor."""

import pytest

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.lab import Database, Lab
from perfstudy.measure.scenario import SCENARIOS, answers, scenario
from perfstudy.measure.study import STUDIES, Arm
from perfstudy.measure.witness import look
from perfstudy.variant import BASELINE, BEST, parse


def test_a_page_is_reached_by_the_cursor_of_the_one_before(lab: Lab, tiny: Database) -> None:
    variant = parse("related+page+keyset")
    tiny.reconcile(variant)
    (by_offset,) = look(lab, tiny, variant, scenario("page@100"))
    (by_cursor,) = look(lab, tiny, variant, scenario("after@100"))
    assert "offset=100" in by_offset.evidence["target"]
    assert "&after=" in by_cursor.evidence["target"]
    assert "offset" not in by_cursor.evidence["target"]
    assert by_cursor.evidence["statement_count"] == by_offset.evidence["statement_count"] == 2
    (skipped,) = [sql for sql in by_offset.evidence["statements"] if "OFFSET" in sql]
    assert not any("OFFSET" in sql for sql in by_cursor.evidence["statements"])
    assert skipped


def test_without_cursors_it_cannot_be_asked(lab: Lab, tiny: Database) -> None:
    tiny.reconcile(BASELINE)
    with pytest.raises(PerfstudyError, match="no Link to a next page: serve a variant with keyset"):
        look(lab, tiny, BASELINE, scenario("after@100"))
    assert not Arm(label="b", variant="baseline").answers("after@100")
    assert Arm(label="b", variant="best").answers("after@100")
    assert all(answers(BASELINE, name) for name in SCENARIOS)


@pytest.mark.parametrize("name", ["after@0", "after@19"])
def test_a_cursor_stands_after_a_page(name: str) -> None:
    with pytest.raises(UsageError, match="name 20 or more"):
        scenario(name)


@pytest.mark.parametrize("name", ["scale", "depth"])
def test_what_is_recommended_in_the_end_is_studied(name: str) -> None:
    assert BEST.name in [arm.variant for arm in STUDIES[name].arms]
