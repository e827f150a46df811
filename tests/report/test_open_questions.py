"""What would decide an open comparison."""

from math import inf

from perfstudy.report.open_questions import list_open


def test_one_block_has_no_interval_to_estimate_from() -> None:
    row = {"label": "prefetch", "scenario": "list", "comparison": "inconclusive", "floor": 1.1, "blocks": 1}
    place = {"temperature": "cold", "caches": False}
    (line,) = list_open([row | place | {"speedup": 22.6, "low": 0.0, "high": inf}])
    assert "--blocks 10" in line
