"""Studies: declared, narrowed, stored and restored, and read from a file of the reader's own."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfstudy.errors import UsageError
from perfstudy.listing.compiling import arms
from perfstudy.listing.dataset import Facts
from perfstudy.listing.scenarios import find_scenario
from perfstudy.listing.studies import LADDER_STEPS, STUDIES, build_ladder, declare
from perfstudy.listing.variant import BASELINE, parse
from perfstudy.model.arm import Arm
from perfstudy.model.catalog import find_study, restore
from perfstudy.model.study import Study, check_seed
from tests.measure.test_own import SOUND, write

OWN = """
from perfstudy.listing import arms, declare, parse

STUDY = declare("mine", "Mine", arms([parse("baseline"), parse("index")]), scenarios=("page",))
"""


@pytest.mark.parametrize("declared", STUDIES.values(), ids=lambda s: s.name)
def test_a_study_survives_being_stored(declared: Study) -> None:
    assert restore(json.loads(json.dumps(declared.declaration()))) == declared


def test_the_ladder_climbs_to_everything() -> None:
    names = [variant.name for variant in build_ladder()]
    assert names[0] == "baseline"
    assert parse(names[-1]) == parse("all")
    assert len(names) == len(LADDER_STEPS) + 1


def test_the_first_arm_has_a_control() -> None:
    found = arms([BASELINE, parse("index")])
    assert [(a.label, a.name, a.role) for a in found] == [
        ("baseline", "baseline", "reference"),
        ("index", "index", "variant"),
        ("baseline (control)", "baseline", "control"),
    ]


def test_an_unknown_study_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="unknown study 'lader': did you mean ladder"):
        find_study("lader")


def test_a_study_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "my study.py"
    file.write_text(OWN)
    assert find_study(str(file)).name == "mine"


@pytest.mark.parametrize(
    ("text", "message"),
    [("x = 1", "declares no study"), ("1/0", "ZeroDivisionError"), ("import", "is no Python: line 1")],
)
def test_a_file_that_declares_no_study_says_why(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "wrong.py"
    file.write_text(text)
    with pytest.raises(UsageError, match=message):
        find_study(str(file))


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(UsageError, match=r"'nowhere\.py' does not exist"):
        find_study("nowhere.py")


def test_two_arms_of_one_label_are_refused() -> None:
    twice = (Arm(label="a", name="baseline"), Arm(label="a", name="index"))
    with pytest.raises(UsageError, match="two arms labelled 'a'"):
        declare("s", "", twice)


@pytest.mark.parametrize("changes", [{"blocks": 0}, {"least": 0}, {"requests": 2, "least": 3}])
def test_counts_that_measure_nothing_are_refused(changes: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="study 'ladder': blocks"):
        STUDIES["ladder"].narrow(**changes)


def test_scenarios_of_a_size_are_named_with_it() -> None:
    facts = Facts(
        scale="tiny", tenant="a", rows=1, programs=1, current=1, businesses=("b",), largest_tenant="a", checksum=""
    )
    assert find_scenario("page@100").requests(facts, "seed", 1) == [
        "/api/programs?program_status=ALL&offset=100&limit=20"
    ]
    assert find_scenario("rows@100").requests(facts, "seed", 1) == ["/api/programs?program_status=ALL&limit=100"]
    for name in ("rows@", "rows@many", "all@3"):
        with pytest.raises(UsageError, match="scenario"):
            find_scenario(name)


def test_an_unknown_scenario_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown scenario 'pages': did you mean page"):
        STUDIES["ladder"].narrow(scenarios=("pages",))


@given(st.integers(min_value=10_001), st.sampled_from(["blocks", "requests"]))
def test_counts_that_no_machine_measures_are_refused(count: int, name: str) -> None:
    with pytest.raises(UsageError, match=f"{name}: at most") as caught:
        STUDIES["ladder"].narrow(**{name: count * 100})
    assert len(str(caught.value)) < 200


@given(st.integers())
def test_a_seed_has_64_bits(seed: int) -> None:
    if -(2**63) <= seed < 2**63:
        assert check_seed(seed) == seed
    else:
        with pytest.raises(UsageError, match="has more than 64 bits"):
            check_seed(seed)


def test_a_claim_about_one_scenario_of_ones_own_does_not_forbid_another(tmp_path: Path) -> None:
    more = 'claims=(Claim("same", "it is twice as fast", arm="other", low=2, scenarios=("list",)),),'
    scenarios = 'Scenario("list", "/list"), Scenario("other", "/other"),'
    study = write(tmp_path, SOUND + 'odd("other", "prints"),', scenarios, more)
    assert [claim.scenarios for claim in study.narrow(scenarios=("list",)).claims] == [("list",)]
    assert study.narrow(scenarios=("other",)).claims == ()
    with pytest.raises(UsageError, match="unknown scenario 'nope': did you mean "):
        study.narrow(scenarios=("nope",))
