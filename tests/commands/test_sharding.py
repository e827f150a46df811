"""``run --shard`` and ``merge``: a study measured in three parts is the study."""

import shutil
from pathlib import Path

import pytest

from perfstudy.errors import UsageError
from perfstudy.model.shard import WHOLE, Shard, parse_shard
from perfstudy.results import Store, export
from perfstudy.results.machines import read_machines
from tests.commands.test_commands import here

STUDY = """
from perfstudy.listing import arms, declare, parse

STUDY = declare(
    name="parts",
    title="Two quick variants",
    arms=arms([parse("related+values+connections"), parse("index+related+values+connections")]),
    scenarios=("page",),
    scales=("tiny",),
    blocks=3,
    requests=5,
    costs=None,
)
"""


@pytest.mark.parametrize("text", ["0/3", "4/3", "a/b", "3", "1/", "/3", "1/3/3", "-1/3", "1.0/3", "٣/٣", "1/0"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--shard is"):
        parse_shard(text, blocks=10)


def test_every_block_is_in_one_shard() -> None:
    for of in (1, 3, 10):
        shards = [parse_shard(f"{number}/{of}", blocks=10) for number in range(1, of + 1)]
        assert all(sum(shard.holds(block) for shard in shards) == 1 for block in range(10))
    assert [block for block in range(10) if Shard(3, 4).holds(block)] == [2, 6]
    assert [Shard(3, 4).count_until(block) for block in (2, 6)] == [1, 2]
    assert [WHOLE.count_until(block) for block in (0, 9)] == [1, 10]
    with pytest.raises(UsageError, match="at most 10 shards"):
        parse_shard("1/11", blocks=10)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--until", "decided"], "--until looks at all blocks"),
        (["--resume", "latest"], "leave out --shard"),
        (["--summary", "x.md"], "leave verdicts and summary to `perfstudy merge`"),
        (["--fail-on", "slower"], "leave verdicts and summary to `perfstudy merge`"),
        (["--blocks", "2"], "give at most 2 shards"),
    ],
)
def test_what_needs_every_block_is_refused_with_a_shard(more: list[str], words: str) -> None:
    found = here("run", "--shard", "1/3", *more)
    assert (found.returncode, found.stdout, found.stderr.count("\n")) == (2, "", 1)
    assert words in found.stderr


def test_an_export_of_a_whole_run_has_its_own_command() -> None:
    found = here("run", "--export", "x.parquet", "--plan")
    assert (found.returncode, found.stderr.count("\n")) == (2, 1)
    assert "`perfstudy results` exports a whole run" in found.stderr


@pytest.fixture(scope="module")
def parts(lab, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three parts of one study, each from a store of its own."""
    folder = tmp_path_factory.mktemp("parts")
    study = folder / "parts.py"
    study.write_text(STUDY)
    made = []
    for number in (1, 2, 3):
        store, file = folder / f"machine-{number}.sqlite", folder / f"part-{number}.json"
        given = ["--export", str(file)] if number > 1 else []
        done = here("run", str(study), "--shard", f"{number}/3", *given, store=store)
        assert done.returncode == 0, done.stderr
        assert f"shard {number}/3 measured 1 of 3 blocks: {number}" in done.stdout
        assert "missing: 2 blocks; `perfstudy merge` joins this part with the other 2 shards" in done.stdout
        said = Path(done.stdout.rpartition("part: ")[2].strip())
        assert said.parent == folder, "beside the store"
        made.append(said)
    return made


def test_three_parts_are_one_run(parts: list[Path], tmp_path: Path) -> None:
    store, summary = tmp_path / "store.sqlite", tmp_path / "summary.md"
    done = here("merge", *map(str, parts), str(parts[0]), "--summary", str(summary), store=store)
    assert done.returncode == 0, done.stderr
    assert "3 parts" in done.stdout
    assert "missing" not in done.stdout
    assert "report: " in done.stdout
    assert summary.read_text()
    with Store.open(store) as opened:
        run = opened.run()
        assert run.finished
        assert len(run.cells) == len(opened.schedule(run.id))
        assert len(read_machines(run.notes)) == 1, "machines that are alike are one"
        before = run.id
    again = here("merge", *map(str, reversed(parts)), store=store)
    assert again.returncode == 0
    with Store.open(store) as opened:
        assert [one.id for one in opened.summaries()] == [before], "the same parts are the same run"


def test_what_is_missing_is_said_and_can_be_measured(parts: list[Path], tmp_path: Path) -> None:
    store, other = tmp_path / "store.sqlite", tmp_path / "other.sqlite"
    shutil.copy(parts[0].with_name("machine-3.sqlite"), other)
    done = here("merge", str(parts[0]), f"{other}#latest", store=store)
    assert done.returncode == 0, done.stderr
    assert "missing: block 2; merge the parts that have them too, or `perfstudy run --resume parts-tiny-" in done.stdout
    resumed = here("run", "--resume", "latest", store=store)
    assert resumed.returncode == 0, resumed.stderr
    with Store.open(store) as opened:
        run = opened.run()
        assert run.finished
        assert sorted(run.cells["block"].unique()) == [0, 1, 2]
        late = here("merge", run.id, str(parts[1]), store=store)
    assert late.returncode == 2
    assert "block 2 was measured twice" in late.stderr


def test_a_part_keeps_to_its_blocks_when_it_goes_on(parts: list[Path], tmp_path: Path) -> None:
    """Half of a shard, as it is after it was killed: the other blocks are no part of what is left."""
    whole = export.read_file(parts[1])
    kept = whole["samples"][:1]
    with Store.open(tmp_path / "store.sqlite") as store:
        from perfstudy.results import document, schema
        from perfstudy.results.plain import digest

        half = whole | {"samples": kept, "run": whole["run"] | {"finished_at": None, "telemetry_after": None}}
        half = {name: half[name] for name in ("environment", "run", *document.TABLES)}
        run = document.restore(
            store, {"format": document.FORMAT, "schema": schema.VERSION, "digest": digest(half), **half}
        )
        assert {cell.block for cell in store.missing(run)} == {1}
    file = tmp_path / "part.json"
    done = here("run", "--resume", run, "--export", str(file), store=tmp_path / "store.sqlite")
    assert done.returncode == 0, done.stderr
    found = export.read_file(file)
    assert found["samples"][0] == kept[0]
    assert len(found["samples"]) == len(whole["samples"])
