"""A run in one file, to be read by other tools or imported into another store.

- ``json``: the whole run as the document that ``document`` describes.
- ``parquet``: the whole run. One row per timed request, with the columns of ``Store.samples`` and before them ``cell``
  (the cell's place in the schedule) and ``nanoseconds``; everything else is the same document, as JSON under the
  key ``perfstudy`` in the metadata of the file's schema.
- ``csv``: the table of samples alone, for a spreadsheet; it cannot be imported.
"""

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from perfstudy.errors import unknown
from perfstudy.model import files
from perfstudy.results import document, frames
from perfstudy.results.document import Rows
from perfstudy.results.imported import NotAnExport
from perfstudy.results.store import Store

Read = TypeVar("Read")

KEY = b"perfstudy"
TIMES = "nanoseconds"

MIB = 2**20
LARGEST_JSON = 32 * MIB
"""Bytes of JSON that are read: in memory they can become twenty times as many."""
LARGEST_FILE = 256 * MIB
MOST_REQUESTS = 10_000_000
"""Rows of parquet that are read; a few bytes can stand for any number of them."""


def dumps(store: Store, run: str, format: str = "parquet", verdicts: Rows = ()) -> bytes:
    """Return the content of an export, with the *verdicts* on the run; text is UTF-8.

    Raises:
        UsageError: an unknown format or run; the nearest are named.
    """
    if format not in FORMATS:
        raise unknown("format", format, FORMATS)
    return FORMATS[format](store, run, verdicts)


def export(
    store: Store, run: str, format: str = "parquet", path: str | Path | None = None, verdicts: Rows = ()
) -> Path:
    """Write an export and return its path.

    That is *path*, or ``<run id>.<format>`` in that folder or the current one.

    The file appears whole or not at all.

    Raises:
        PerfstudyError: it cannot be written.
        UsageError: an unknown format or run; the nearest are named.
    """
    content = dumps(store, run, format, verdicts)
    target = Path(path) if path is not None else Path()
    if os.path.isdir(target):  # noqa: PTH112 - which also takes a name that is too long for a file
        target /= f"{store.run(run).id}.{format}"
    files.write(target, content)
    return target


def import_file(store: Store, path: str | Path) -> str:
    """Read the run of an export, whole or not at all, and return its id.

    A run that the store has already, the same to the last sample, is left alone.

    Raises:
        NotAnExport: the file is no export, is truncated, changed, or of another schema.
    """
    return _explain_file(path, lambda content: document.restore(store, _read(content)))


def read_file(path: str | Path) -> dict[str, Any]:
    """Return the document of an export without its heading, checked as for an import.

    Raises:
        NotAnExport: the file is no export, is truncated, changed, or of another schema.
    """
    return _explain_file(path, lambda content: document.read(_read(content)))


def _explain_file(path: str | Path, use: Callable[[bytes], Read]) -> Read:
    """Return what *use* makes of a file's content; name a file that it refuses."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise NotAnExport(f"{path} cannot be read: {reason}") from None
    try:
        return use(content)
    except NotAnExport as error:
        raise NotAnExport(f"{path} {error}; nothing was imported") from error


def _read(content: bytes) -> Any:
    if len(content) > LARGEST_FILE:
        raise NotAnExport(f"is larger than {LARGEST_FILE // MIB} MiB, as no export is")
    if content.startswith(b"PAR1"):
        return _from_parquet(content)
    if content.lstrip()[:1] == b"{":
        return _from_json(content)
    kind = "is empty" if not content else "is neither JSON nor parquet (CSV holds the samples alone)"
    raise NotAnExport(f"is not an export of results: it {kind}")


def _from_json(content: bytes) -> Any:
    if len(content) > LARGEST_JSON:
        raise NotAnExport(f"holds more than {LARGEST_JSON // MIB} MiB of JSON: export the run as parquet")
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NotAnExport(f"is truncated or damaged, its JSON does not end well: {error}") from error


def _json(store: Store, run: str, verdicts: Rows) -> bytes:
    return json.dumps(document.dump(store, run, verdicts), separators=(",", ":")).encode() + b"\n"


def _csv(store: Store, run: str, verdicts: Rows) -> bytes:
    return str(store.samples(run).to_csv(index=False, lineterminator="\n")).encode()


def _parquet(store: Store, run: str, verdicts: Rows) -> bytes:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    whole = document.dump(store, run, verdicts)
    latencies = [sample.pop("nanoseconds") for sample in whole["samples"]]
    frame = frames.samples(store.read_packed(run))
    frame.insert(0, "cell", np.repeat([sample["cell"] for sample in whole["samples"]], list(map(len, latencies))))
    frame.insert(1, "nanoseconds", np.concatenate([np.empty(0), *latencies]).astype(np.int64))
    table = pa.Table.from_pandas(frame, preserve_index=False)
    text = json.dumps(whole, separators=(",", ":"))
    file = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({**(table.schema.metadata or {}), KEY: text.encode()}), file)
    return file.getvalue()


def _from_parquet(content: bytes) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(content))
        whole = _from_json((file.schema_arrow.metadata or {}).get(KEY, b"null"))
        if whole is None:
            raise NotAnExport("is parquet, but not an export of results")
        _check_size(file, whole)
        nanoseconds = file.read(columns=[TIMES])[TIMES].to_numpy()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise NotAnExport(f"is truncated or damaged: {str(error).splitlines()[0]}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise NotAnExport(f"is parquet, but not an export of results: {error}") from error
    return _with_latencies(whole, nanoseconds)


def _check_size(file: Any, whole: Any) -> None:
    """Refuse what would not fit into memory, before a row is read.

    Raises:
        NotAnExport: it has too many rows, or others than its cells counted.
        KeyError: it has no column of response times.
    """
    rows = file.metadata.num_rows
    if str(file.schema_arrow.field(TIMES).type) != "int64":
        raise NotAnExport(f"is parquet with a column {TIMES} that is not of whole numbers")
    if rows > MOST_REQUESTS:
        raise NotAnExport(f"holds {rows} requests, and more than {MOST_REQUESTS} are not read")
    if rows != sum(sample["n"] for sample in whole["samples"]):
        raise NotAnExport("is damaged: its rows are not as many as its cells counted")
    groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
    columns = [group.column(place) for group in groups for place in range(group.num_columns)]
    if sum(column.total_uncompressed_size for column in columns if column.path_in_schema == TIMES) > LARGEST_FILE:
        raise NotAnExport(f"is damaged: its column {TIMES} is larger than its rows")


def _with_latencies(whole: Any, nanoseconds: Any) -> Any:
    """Return the document with each sample's share of the column."""
    end = 0
    for sample in whole["samples"]:
        start, end = end, end + sample["n"]
        sample["nanoseconds"] = nanoseconds[start:end].tolist()
    return whole


FORMATS: dict[str, Callable[[Store, str, Rows], bytes]] = {"parquet": _parquet, "json": _json, "csv": _csv}
"""How each format is made."""
