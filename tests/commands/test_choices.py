"""What the tab key offers."""

from perfstudy.commands import choices
from perfstudy.listing.dataset import SCALES
from perfstudy.listing.requests import LISTING
from perfstudy.listing.scenarios import SCENARIOS
from perfstudy.listing.studies import STUDIES


def test_the_names_that_are_written_out_are_the_declared_ones() -> None:
    assert tuple(SCALES) == choices.SCALE_NAMES
    assert tuple(name for name in SCENARIOS if name != "noop") == choices.SCENARIO_NAMES
    assert tuple(STUDIES) == choices.STUDY_NAMES
    assert choices.LISTING == LISTING


def test_a_word_is_completed_by_what_starts_with_it() -> None:
    assert choices.complete(lambda: choices.SCALE_NAMES)("me") == ["medium"]
    assert "index+cache" in choices.complete(choices.variant_names)("index+c")
