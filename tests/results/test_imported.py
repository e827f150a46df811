"""A file from elsewhere, written by anyone: nothing of it leads out of a folder, and no number breaks a later step."""

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfstudy.errors import PerfstudyError
from perfstudy.model.control_characters import CONTROL, escape_controls, is_name
from perfstudy.results import Store, document, export
from perfstudy.results.imported import MARK, NotAnExport
from perfstudy.results.plain import digest
from perfstudy.results.publish import publish
from tests.results.conftest import complete

CONTROLS = st.characters(categories=["Cc", "Zl", "Zp", "Cs"]) | st.sampled_from(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""C0, C1, DEL, separators of lines, halves of pairs, and all that Unicode calls bidirectional controls."""

FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The document of a whole run."""
    with Store.open(tmp_path_factory.mktemp("imported") / "one.sqlite") as store:
        return document.dump(store, complete(store))


@pytest.fixture
def other(tmp_path: Path):
    """Another machine's empty store."""
    with Store.open(tmp_path / "other.sqlite") as store:
        yield store


def changed(whole: dict[str, Any], change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Return a copy after a change that carries the digest of what it became."""
    copy = json.loads(json.dumps(whole))
    change(copy)
    body = {name: copy.get(name) for name in ("environment", "run", *document.TABLES)}
    return copy | {"digest": digest(body)}


def refused(store: Store, found: dict[str, Any]) -> str:
    """Import a document that must be refused, and return in which words it was."""
    with pytest.raises(NotAnExport) as caught:
        document.restore(store, found)
    assert store.summaries() == []
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


LEADING_OUT = st.sampled_from(
    ["../x", "..", ".", ".hidden", "/etc/x", "a/b", "a\\b", "a\0b", "", "x" * 200, "A", "a b", "-x", "a\n"]
)


@FEW
@given(name=LEADING_OUT, place=st.sampled_from(["study", "scale", "variants"]))
def test_a_name_that_leads_out_of_a_folder_is_refused(whole, other: Store, name: str, place: str) -> None:
    def change(found: dict[str, Any]) -> None:
        if place == "variants":
            found["run"]["declaration"]["variants"] = [name if len(name) < 100 else name * 3]
        else:
            found["run"][place] = name
            found["run"]["id"] = f"{found['run']['study']}-{found['run']['scale']}-20261102-120000-abcd"

    refused(other, changed(whole, change))


@FEW
@given(name=LEADING_OUT, place=st.sampled_from(["study", "scale", "variants"]))
def test_nothing_is_published_outside_its_folder(whole, tmp_path_factory, name: str, place: str) -> None:
    """A store that was filled by an older version, or by hand, can hold such a name."""
    from sqlalchemy import update

    from perfstudy.results import schema

    folder = tmp_path_factory.mktemp("publish")
    with Store.open(folder / "store.sqlite") as store:
        run = document.restore(store, whole)
        values = {place: name} if place != "variants" else {"declaration": {"variants": [name, "x" * 60]}}
        with store.writing() as session:
            session.execute(update(schema.Run).values(**values))
        with suppress(PerfstudyError):
            written = publish(store, run, folder / "published")
            assert written.parent == folder / "published"
            assert written.name == written.name.lower().lstrip(".")
    assert {path.name.split(".")[0] for path in folder.iterdir()} <= {"store", "published"}


@FEW
@given(control=CONTROLS, column=st.sampled_from(["label", "variant", "scale", "scenario", "temperature"]))
def test_a_name_that_steers_a_terminal_is_refused(whole, other: Store, control: str, column: str) -> None:
    words = refused(
        other, changed(whole, lambda found: found["cells"][0].update({column: f"{found['cells'][0][column]}{control}"}))
    )
    assert CONTROL.search(words) is None


@given(text=st.text(CONTROLS | st.characters()))
def test_what_is_shown_steers_nothing(text: str) -> None:
    shown = escape_controls(text)
    assert CONTROL.search(shown) is None
    assert escape_controls(shown) == shown
    assert not [one for one in shown if ord(one) < 32 and one not in "\t\n"]
    shown.encode()
    if is_name(text):
        assert shown == text


@FEW
@given(
    value=st.integers(max_value=0) | st.integers(min_value=2**63) | st.floats() | st.none() | st.booleans() | st.text(),
    place=st.integers(0, 24),
)
def test_a_response_time_that_is_none_is_refused(whole, other: Store, value: object, place: int) -> None:
    refused(other, changed(whole, lambda found: found["samples"][3]["nanoseconds"].__setitem__(place, value)))


@FEW
@given(offset=st.integers(min_value=2**63))
def test_an_offset_beyond_64_bits_is_refused(whole, other: Store, offset: int) -> None:
    def change(found: dict[str, Any]) -> None:
        for cell in found["cells"]:
            cell["scenario"] = cell["scenario"].replace("page", f"page@{offset}")

    refused(other, changed(whole, change))


@FEW
@given(
    value=st.integers(min_value=2**63) | st.integers(max_value=-1) | st.text() | st.lists(st.none()),
    column=st.sampled_from(["first_ns", "warmups", "bytes", "errors", "n", "server_timing", "setup_seconds"]),
)
def test_a_number_that_is_none_is_refused(whole, other: Store, value: object, column: str) -> None:
    if column == "setup_seconds" and isinstance(value, int):
        return  # a duration is not counted in 64 bits
    refused(other, changed(whole, lambda found: found["samples"][0].update({column: value})))


@FEW
@given(
    value=st.none() | st.integers() | st.text() | st.lists(st.integers()),
    column=st.sampled_from(["declaration", "telemetry_before"]),
)
def test_what_is_no_mapping_is_refused(whole, other: Store, value: object, column: str) -> None:
    refused(other, changed(whole, lambda found: found["run"].update({column: value})))


def test_json_that_nests_deep_is_refused(whole, other: Store) -> None:
    deep: list[Any] = []
    for _ in range(600):
        deep = [deep]
    found = json.loads(json.dumps(whole)) | {"notes": [{"key": "deep", "value": deep}]}
    refused(other, found)


def test_what_was_imported_is_marked_and_its_exports_are_the_same(whole, other: Store) -> None:
    run = document.restore(other, whole)
    assert other.run(run).notes[MARK] is True
    assert document.dump(other, run) == whole
    assert document.restore(other, whole) == run


def test_a_file_cannot_say_itself_whether_it_was_imported(whole, other: Store) -> None:
    note = {"key": MARK, "value": False}
    assert MARK in refused(other, changed(whole, lambda found: found["notes"].append(note)))


IMPORTING = """
import resource, sys
import numpy, pyarrow.parquet
from perfstudy.results import Store, export
store = Store.open(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    export.import_file(store, sys.argv[2])
except export.NotAnExport as error:
    print(error)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
KILOBYTES = 1 if sys.platform.startswith("linux") else 1024


@pytest.mark.parametrize("honest", [True, False])
def test_a_small_file_of_many_rows_is_refused_before_they_are_read(whole, tmp_path: Path, honest: bool) -> None:
    """A megabyte of parquet stands for 400 megabytes of rows, whatever its document counts."""
    rows, groups = 1_000_000, 50
    found = json.loads(json.dumps(whole))
    if honest:
        found["samples"][0]["n"] = rows * groups
        found["samples"] = found["samples"][:1]
    schema = pa.schema([("nanoseconds", pa.int64())]).with_metadata({export.KEY: json.dumps(found).encode()})
    table = pa.table({"nanoseconds": pa.array([7]).take(pa.array([0] * rows))}, schema=schema)
    bomb = tmp_path / "bomb.parquet"
    with pq.ParquetWriter(bomb, schema) as writer:
        for _ in range(groups):
            writer.write_table(table)
    assert bomb.stat().st_size < 2_000_000
    said = subprocess.run(
        [sys.executable, "-c", IMPORTING, str(tmp_path / "x.sqlite"), str(bomb)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout.splitlines()
    assert "requests, and more than" in said[0]
    assert int(said[1]) / KILOBYTES < 100_000


def test_json_beyond_the_bound_is_refused(other: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "LARGEST_JSON", 1000)
    monkeypatch.setattr(export, "LARGEST_FILE", 2000)
    for size, words in ((1500, "MiB of JSON: export the run as parquet"), (2500, "as no export is")):
        path = tmp_path / "long.json"
        path.write_bytes(b'{"a": "' + b"x" * size + b'"}')
        with pytest.raises(NotAnExport, match=words):
            export.import_file(other, path)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("shard", {"number": 4, "of": 3}),
        ("shard", {"number": 1.5, "of": 3}),
        ("shard", 5),
        ("machines", 5),
        ("machines", [{"identity": "a name", "blocks": [1]}]),
        ("machines", [{"identity": {}, "blocks": ["first"]}]),
    ],
)
def test_notes_that_say_what_was_measured_where_are_checked(
    whole: dict[str, Any], other: Store, key: str, value: Any
) -> None:
    refused(other, changed(whole, lambda found: found["notes"].append({"key": key, "value": value})))
