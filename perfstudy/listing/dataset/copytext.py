r"""The text format of PostgreSQL's COPY, made a column at a time.

A row is a concatenation of fragments: ready-made pieces of text, escaped and with their tabs, taken from a dictionary.
Text beats CSV here because nothing has to be quoted or searched for quotes, neither here nor in the server.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

NULL = r"\N"
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def escape(value: str | None) -> str:
    """Return *value* as a field of COPY's text format."""
    return NULL if value is None else value.translate(ESCAPES)


def make_fragments(texts: Iterable[str]) -> Any:
    """Return *texts* as a dictionary of fragments: an Arrow array of UTF-8 binaries."""
    return pa.array([text.encode() for text in texts], pa.binary())


def make_fields(values: Iterable[str | None], before: str = "", after: str = "\t") -> Any:
    """Return a dictionary of fields: each value escaped, between *before* and *after*."""
    return make_fragments(f"{before}{escape(value)}{after}" for value in values)


def take(dictionary: Any, index: NDArray[Any]) -> Any:
    """Return the fragments that *index* points to."""
    return dictionary.take(pa.array(index))


def format_integers(values: NDArray[np.int64], missing: NDArray[np.bool_] | None = None) -> Any:
    """Return *values* in decimal, and nothing at all where they are *missing*."""
    return pa.array(values, mask=missing).cast(pa.string()).cast(pa.binary())


def to_fixed(rows: NDArray[Any]) -> Any:
    """Return an array of records of one width as fragments, without copying them."""
    width = rows.dtype.itemsize
    offsets = pa.array(np.arange(len(rows) + 1, dtype=np.int32) * np.int32(width))
    data = pa.py_buffer(np.ascontiguousarray(rows))
    return pa.Array.from_buffers(pa.binary(), len(rows), [None, offsets.buffers()[1], data])


def join(*pieces: Any) -> Any:
    """Return the pieces of each row joined; a null piece is empty.

    At least one piece is an array.
    """
    return pc.binary_join_element_wise(*pieces, b"", null_handling="replace", null_replacement=b"")


def text(rows: Any) -> memoryview:
    """Return the bytes of all *rows* in a row, without copying them."""
    _, offsets, data = rows.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int32)[rows.offset : rows.offset + len(rows) + 1]
    return memoryview(data)[int(bounds[0]) : int(bounds[-1])] if len(rows) else memoryview(b"")


def concatenate(parts: Sequence[Any]) -> Any:
    """Return dictionaries one after another, as one."""
    return pa.concat_arrays(list(parts))
