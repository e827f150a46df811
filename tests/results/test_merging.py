"""Joining parts: what belongs together becomes one run, and the first difference of anything else is named."""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from perfstudy.errors import UsageError
from perfstudy.model.shard import Shard
from perfstudy.results import Store, document
from perfstudy.results.imported import NotAnExport
from perfstudy.results.machines import read_machines
from perfstudy.results.merging import Part, join_notes, merge_parts
from perfstudy.results.remarks import ANSWERS, SOURCES
from tests.results.conftest import DECLARATION, IDENTITY, planned, result

OTHER = IDENTITY | {"cpu": "another"}
NOTES = {
    ANSWERS: {"tiny": {"/list": "ab"}},
    SOURCES: {"baseline": {"origin": "ref", "named": "main", "sha": "1" * 40, "untracked": []}},
}


def measure(folder: Path, number: int, of: int = 3, identity: Mapping[str, Any] = IDENTITY, seed: int = 7) -> Part:
    """Return shard *number* of a study of three blocks, measured on the machine of that *identity*."""
    shard = Shard(number, of)
    with Store.open(folder / f"{number}-{of}.sqlite") as store:
        run = store.plan("ladder", DECLARATION, seed, 3, planned(), identity, {"load": [0.5]}, shard.note() | NOTES)
        for cell in store.missing(run):
            store.append(run, cell, result(cell))
        store.note(run, "wall_seconds", {"timed": 1.5})
        store.finish(run, {"load": [1]})
        return Part(f"part {number}", document.read(document.dump(store, run)))


def change(part: Part, *place: Any, to: Any) -> Part:
    """Return a copy of *part* with another value at *place*."""
    body: Any = deepcopy(dict(part.body))
    inner = body
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = to
    return Part("the changed part", body)


def note(part: Part, key: str) -> int:
    """Return the place of a note in the document of *part*."""
    return next(place for place, row in enumerate(part.body["notes"]) if row["key"] == key)


@pytest.fixture
def parts(tmp_path: Path) -> list[Part]:
    """Three parts from two machines."""
    return [measure(tmp_path, number, identity=OTHER if number == 2 else IDENTITY) for number in (1, 2, 3)]


def test_each_block_knows_its_machine(parts: list[Part], sqlite: Store) -> None:
    run = document.restore(sqlite, merge_parts(parts))
    found = sqlite.run(run)
    assert found.finished
    first, second = read_machines(found.notes)
    assert (first.identity["cpu"], sorted(first.blocks)) == (IDENTITY["cpu"], [0, 2])
    assert (second.identity["cpu"], sorted(second.blocks)) == ("another", [1])
    assert second.name_differences(first) == "cpu"
    assert len(found.cells) == len(planned())
    assert found.notes["wall_seconds"] == {"timed": 4.5}
    assert document.restore(sqlite, merge_parts([*reversed(parts), parts[0]])) == run, "taken once, in any order"


def test_what_is_missing_stays_missing_and_a_late_part_fills_it(parts: list[Part], sqlite: Store) -> None:
    run = document.restore(sqlite, merge_parts(parts[:2]))
    assert {cell.block for cell in sqlite.missing(run)} == {2}
    assert not sqlite.run(run).finished
    so_far = Part("so far", document.read(document.dump(sqlite, run)))
    whole = document.restore(sqlite, merge_parts([so_far, parts[2]]))
    assert sqlite.run(whole).finished
    assert [one.blocks for one in read_machines(sqlite.run(whole).notes)] == [{0, 2}, {1}]


def test_a_part_that_was_exported_before_its_end_is_less_of_the_same(parts: list[Part]) -> None:
    half = change(parts[0], "samples", to=parts[0].body["samples"][:3])
    assert merge_parts([half, *parts])["samples"] == merge_parts(parts)["samples"]


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("run", "seed"), 8, "seed: 7 and 8"),
        (("run", "package"), "0.1", "version of perfstudy: .* and '0.1'"),
        (("run", "study"), "other", "study: 'ladder' and 'other'"),
        (("run", "declaration", "requests"), 9, "study.requests: 400 and 9"),
        ((ANSWERS, "tiny", "/list"), "cd", "answers.tiny./list: 'ab' and 'cd'"),
        ((SOURCES, "baseline", "sha"), "2" * 40, "sources.baseline.sha: '1+' and '2+'"),
        (("cells", 0, "label"), "x", "schedule: "),
        (("environment", "commit"), "abc", "commit of perfstudy: '1+' and 'abc'"),
    ],
)
def test_a_foreign_part_is_refused_by_its_first_difference(
    parts: list[Part], place: tuple[Any, ...], value: Any, words: str
) -> None:
    if place[0] in NOTES:
        place = ("notes", note(parts[1], place[0]), "value", *place[1:])
    foreign = change(parts[1], *place, to=value)
    with pytest.raises(UsageError, match=f"the changed part is no part of the run of part 1: {words}") as caught:
        merge_parts([parts[0], foreign])
    assert len(str(caught.value).splitlines()) == 1


def test_where_untracked_files_lie_is_no_difference(parts: list[Part]) -> None:
    place = ("notes", note(parts[1], SOURCES), "value", "baseline", "untracked")
    assert merge_parts([parts[0], change(parts[1], *place, to=["part.json"])])


def test_a_block_that_was_measured_twice_is_refused(parts: list[Part]) -> None:
    twice = change(parts[1], "samples", 0, "n", to=24)
    with pytest.raises(UsageError, match="block 2 was measured twice, in part 2 and in the changed part"):
        merge_parts([*parts, twice])


def test_a_part_that_contradicts_itself_is_refused(parts: list[Part]) -> None:
    with pytest.raises(UsageError, match="contradicts itself: no cell has the number 999"):
        merge_parts([parts[0], change(parts[1], "samples", 0, "cell", to=999)])


def test_an_arm_that_one_machine_excluded_is_excluded(parts: list[Part], sqlite: Store) -> None:
    out = change(parts[1], "exclusions", to=[{"variant": "index", "reason": "3 of 40 answers differ"}])
    run = document.restore(sqlite, merge_parts([parts[0], out, parts[2]]))
    assert sqlite.run(run).excluded == {"index": "3 of 40 answers differ"}


@pytest.mark.parametrize("key", [ANSWERS, SOURCES])
def test_a_note_of_another_form_is_refused(parts: list[Part], key: str) -> None:
    bent = change(parts[1], "notes", note(parts[1], key), "value", to=5)
    with pytest.raises(NotAnExport, match="is not an export of results"):
        merge_parts([parts[0], bent])


def test_the_time_of_parts_is_added_whatever_the_first_one_did() -> None:
    spent = [{"wall_seconds": {"other": 1.0}}, {"wall_seconds": {"other": 1.0, "timed": 2.0}}]
    assert join_notes(spent, [], [])["wall_seconds"] == {"other": 2.0, "timed": 2.0}
