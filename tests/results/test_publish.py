"""Published results: small, stable texts that carry nothing private and read back without a database."""

import json
import platform
import re
from pathlib import Path

import pandas as pd
import pytest

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.model.shard import SHARD
from perfstudy.results import Store
from perfstudy.results.publish import CELLS, FILES, publish
from perfstudy.results.published import Published, list_published, load_published
from perfstudy.results.redaction import redact
from tests.results.conftest import DECLARATION, VERDICTS, complete, plan


@pytest.fixture
def run(sqlite: Store) -> str:
    return complete(sqlite, n=400)


@pytest.fixture
def found(sqlite: Store, run: str, tmp_path: Path) -> Published:
    publish(sqlite, run, tmp_path / "published", VERDICTS)
    return load_published("ladder-tiny", tmp_path / "published")


def test_what_was_published_reads_back(sqlite: Store, run: str, found: Published) -> None:
    whole = sqlite.run(run)
    assert (found.id, found.study, found.scale, found.seed, found.blocks) == (run, "ladder", "tiny", 7, 3)
    assert found.declaration == DECLARATION
    assert found.environment == {**whole.environment, "log": "<path>"}
    assert found.telemetry == whole.telemetry
    assert (found.excluded, found.notes) == (whole.excluded, whole.notes)
    wanted = whole.cells[CELLS].sort_values(CELLS[:6]).reset_index(drop=True)
    pd.testing.assert_frame_equal(found.cells, wanted)
    assert found.cells["p95_ns"].notna().all()
    pd.testing.assert_frame_equal(found.costs, whole.costs)
    pd.testing.assert_frame_equal(found.verdicts.drop(columns="high"), pd.DataFrame(VERDICTS).drop(columns="high"))
    assert found.verdicts["high"].isna().all(), "JSON has no infinity"
    assert found.plans == whole.plans
    assert [row["variant"] for row in found.evidence] == ["baseline", "index"]
    assert found.evidence[1] == whole.evidence[1]


def test_a_set_of_a_study_without_tables_reads_back(sqlite: Store, tmp_path: Path) -> None:
    run = plan(sqlite, study="aa")
    for variant in ("baseline", "index", "index+cache"):
        sqlite.exclude(run, variant, "not served")
    sqlite.finish(run, {})
    publish(sqlite, run, tmp_path)
    found = load_published("aa-tiny", tmp_path)
    assert found.cells.empty
    assert found.verdicts.empty
    assert found.costs.empty
    assert found.evidence == found.plans == []


def test_the_same_run_gives_the_same_texts(sqlite: Store, run: str, tmp_path: Path) -> None:
    folders = [publish(sqlite, run, tmp_path / name, VERDICTS) for name in "ab"]
    texts = [{path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders]
    assert texts[0] == texts[1]
    assert set(texts[0]) == set(FILES)
    assert all(text.endswith(b"\n") and b"\r" not in text for text in texts[0].values())


def test_the_order_of_measuring_does_not_show(sqlite: Store, tmp_path: Path) -> None:
    lines = publish(sqlite, complete(sqlite), tmp_path).joinpath("cells.csv").read_text().splitlines()
    places = [[*line.split(",")[:4], line.split(",")[5].zfill(3)] for line in lines[1:]]
    assert places == sorted(places)
    assert lines[0] == ",".join(CELLS)


def test_it_says_how_to_measure_the_same(sqlite: Store, run: str, tmp_path: Path) -> None:
    readme = publish(sqlite, run, tmp_path) / "README.md"
    command = (
        "perfstudy run --study ladder --scale tiny --scenario page --scenario all --blocks 3 --requests 400 --seed 7"
    )
    assert readme.read_text() == f"Run {run}, measured by `{command}`.\n"


def test_a_narrowed_study_takes_no_other_s_place(sqlite: Store, run: str, tmp_path: Path) -> None:
    whole = publish(sqlite, run, tmp_path)
    narrowed = publish(sqlite, complete(sqlite, variants=["best", "index+cache"]), tmp_path)
    assert (whole.name, narrowed.name) == ("ladder-tiny", "ladder-tiny-best-index+cache")
    assert "--variant best --variant index+cache --blocks 3" in (narrowed / "README.md").read_text()


def test_no_path_and_no_host_name_is_kept(sqlite: Store, tmp_path: Path) -> None:
    run = complete(sqlite)
    sqlite.note(run, "log", f"see /root/some/where.log on {platform.node()} or C:\\Users\\me, postgresql://u:p@h/x")
    sqlite.note(run, "request", "/api/programs?limit=20")
    folder = publish(sqlite, run, tmp_path)
    texts = "".join(path.read_text() for path in folder.iterdir() if path.name != "plans.json")
    assert not re.search(rf"\b{re.escape(platform.node())}\b", texts)
    for private in ("/root", "/tmp", "/var/log", "C:\\", "u:p@h", str(tmp_path)):
        assert private not in texts
    assert "/api/programs?limit=20" in texts


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"hostname": "x", "cpu": 2}, {"cpu": 2}),
        ("PATH=/usr/bin:/home/me/bin", "PATH=<path>:<path>"),
        ("/home/some one/x", "<path>"),
        (
            ["application/json", "1/2", "a / b", "GET /api/programs"],
            ["application/json", "1/2", "a / b", "GET /api/programs"],
        ),
        ("at redis://:pw@10.0.0.1:6379/0.", "at <address>"),
        ("runs on myhost, not on myhosts", "runs on <host>, not on myhosts"),
        ({"myhost": "myhost"}, {"myhost": "<host>"}),
        (None, None),
        (1.5, 1.5),
    ],
)
def test_texts_are_made_public(value, kept) -> None:
    assert redact(value, ("myhost",)) == kept


def test_plans_of_the_same_statement_and_shape_are_kept_once(sqlite: Store, run: str, tmp_path: Path) -> None:
    (plan_,) = json.loads((publish(sqlite, run, tmp_path) / "plans.json").read_text())
    assert [place["variant"] for place in plan_["where"]] == ["baseline", "index"]


def test_an_unfinished_run_is_not_published(sqlite: Store, tmp_path: Path) -> None:
    run = plan(sqlite)
    with pytest.raises(PerfstudyError, match=f"{run}: 0 of 24 cells, unfinished: resume it first"):
        publish(sqlite, run, tmp_path / "published")
    assert list_published(tmp_path / "published") == []


def test_an_unknown_name_names_the_nearest(found: Published, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unknown published result 'lader-tiny': did you mean ladder-tiny"):
        load_published("lader-tiny", tmp_path / "published")
    with pytest.raises(UsageError, match="there is none yet"):
        load_published("ladder-tiny", tmp_path / "empty")


@pytest.mark.parametrize("name", [name for name in FILES if name not in ("README.md", "run.json")])
def test_a_missing_file_is_named(found: Published, tmp_path: Path, name: str) -> None:
    (tmp_path / "published" / "ladder-tiny" / name).unlink()
    with pytest.raises(PerfstudyError, match=f"{name} cannot be read: .*restore it"):
        load_published("ladder-tiny", tmp_path / "published")


def test_a_damaged_file_is_named(found: Published, tmp_path: Path) -> None:
    (tmp_path / "published" / "ladder-tiny" / "run.json").write_text("{")
    with pytest.raises(PerfstudyError, match=r"run\.json cannot be read"):
        load_published("ladder-tiny", tmp_path / "published")


def test_a_folder_that_cannot_be_made_is_named(sqlite: Store, run: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PerfstudyError, match="cannot be made"):
        publish(sqlite, run, tmp_path / "file")


def test_every_published_set_of_the_project_reads() -> None:
    for name in list_published():
        assert len(load_published(name).cells) > 0


def test_a_shard_is_not_published(sqlite: Store, run: str, tmp_path: Path) -> None:
    sqlite.note(run, SHARD, {"number": 1, "of": 3})
    with pytest.raises(PerfstudyError, match="is shard 1/3 of a run: join it"):
        publish(sqlite, run, tmp_path / "published", VERDICTS)
    assert not (tmp_path / "published").exists()


@pytest.mark.parametrize("name", list_published())
def test_a_notebook_shows_the_claims_that_a_set_measured_and_counts_the_others(name: str) -> None:
    found = load_published(name)
    shown, verdicts = found._repr_html_(), found.verdicts
    asked = verdicts.loc[verdicts["verdict"] != "not testable here", "claim"] if len(verdicts) else []
    assert shown.count("<tr>") == len(found.facts()) + bool(len(asked)) + len(asked) + 1
    others = len(set(verdicts["claim"]) - set(asked)) if len(verdicts) else 0
    assert not len(asked) or not others or f"{others} further claims" in shown
