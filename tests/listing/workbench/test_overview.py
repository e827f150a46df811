"""The tables of the opening notebook, against the published sets that they are of."""

import pytest

from perfstudy import published
from perfstudy.analysis.trial import simulate_coverage
from perfstudy.charts.style import VERDICTS
from perfstudy.errors import UsageError
from perfstudy.listing.claims import REPORT_CLAIMS
from perfstudy.listing.workbench import overview
from perfstudy.notebook.tables import MISSING

CLAIMS = [claim.id for claim in REPORT_CLAIMS]


def test_every_claim_has_its_words_and_its_range() -> None:
    assert [row["claim"] for row in overview.claims().rows] == CLAIMS
    assert all(row["the report says"] and row["claimed"] for row in overview.claims().rows)


def test_every_claim_is_judged_for_a_page_and_for_all() -> None:
    rows = overview.verdicts("ladder-medium").rows
    table = published("ladder-medium").verdicts.set_index(["claim", "scenario"])["verdict"]
    assert [row["claim"] for row in rows] == CLAIMS
    for row in rows:
        for scenario in ("page", "all"):
            assert row[f"verdict, {scenario}"] == table[(row["claim"], scenario)]
            assert row[f"verdict, {scenario}"] in VERDICTS


def test_a_set_that_lacks_a_scenario_says_so() -> None:
    rows = overview.verdicts("factorial-medium").rows
    assert {row["all"] for row in rows} == {MISSING}
    assert {row["verdict, all"] for row in rows} == {"not testable here"}
    assert {row["page"] for row in rows} != {MISSING}


def test_the_ladder_stands_beside_the_report_s() -> None:
    rows = overview.ladder("ladder-medium").rows
    assert [row["variant"] for row in rows][:2] == ["baseline", "index"]
    assert rows[0]["the report"] == "5 s"
    assert str(rows[-1]["the report"]).endswith("50 to 100 times")
    assert all(str(row["page"]).endswith(" times") for row in rows)


def test_floors_and_surroundings_are_those_of_the_sets() -> None:
    rows = overview.noise_floors("aa-medium", "ladder-medium").rows
    assert {row["set"] for row in rows} == {"aa-medium", "ladder-medium"}
    assert all(float(str(row["noise floor"])) > 1 for row in rows)
    told = {row["what"]: row["value"] for row in overview.environment("ladder-medium").rows}
    assert told["PostgreSQL"] == published("ladder-medium").environment["servers"]["postgresql"]
    assert "perfstudy run --study ladder" in repr(overview.repeat("ladder-medium"))


def test_a_set_that_is_not_there_is_named() -> None:
    for shown in (overview.verdicts, overview.ladder, overview.noise_floors, overview.environment, overview.repeat):
        with pytest.raises(UsageError, match="ladder-medium"):
            shown("ladder-mediun")


def test_the_trial_finds_what_the_method_promises() -> None:
    found = simulate_coverage(400, speedup=3.0, seed=5)
    assert 364 <= found.covered <= 393  # a binomial of 95% in 400, with 99.9% certainty
    assert 7 <= found.alarms <= 36
    assert simulate_coverage(50, seed=2) == simulate_coverage(50, seed=2)
