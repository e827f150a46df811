"""What the tab key offers."""

from perfstudy.commands import choices
from perfstudy.listing.studies import STUDIES


def test_a_word_is_completed_by_what_starts_with_it() -> None:
    assert choices.complete_from("scale_names")("me") == ["medium"]
    assert "page-gzip" in choices.complete_from("scenario_names")("page")
    assert choices.complete_from("load_studies")("") == list(STUDIES)
    assert "index+cache" in choices.complete_from("arm_names")("index+c")
