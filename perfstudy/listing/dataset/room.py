"""Whether the disk of a database server has room for a scale."""

import shutil
from pathlib import Path
from typing import Any

import psycopg

from perfstudy.errors import PerfstudyError
from perfstudy.formatting import size_in_bytes
from perfstudy.listing.dataset.scales import SCALES, Scale

BYTES_PER_ROW = 1_052
"""Of a loaded database with its indexes, where the server has no scale to measure: measured at the scale small."""
COPIES = 2
"""A study loads a template, and measures a copy of it."""

TEMPLATES = """
    SELECT split_part(datname, '_', 3), pg_database_size(oid) - pg_database_size(current_database())
    FROM pg_database WHERE datname ~ %s
"""
TEMPLATE = "^perfstudy_template_[a-z]+_"
FOLDER = "SELECT setting FROM pg_settings WHERE name = 'data_directory'"


def require_room(connection: "psycopg.Connection[Any]", scale: Scale) -> None:
    """Raise PerfstudyError unless *scale* fits on the disk of the server.

    A server on another machine is not checked, nor one that does not tell its folder.
    """
    row = connection.execute(FOLDER).fetchone()
    if row is None or not Path(row[0]).is_dir():
        return
    needed, free = COPIES * scale.rows * measure_row(connection), shutil.disk_usage(row[0]).free
    if needed > free:
        raise PerfstudyError(
            f"scale {scale.name!r} takes {size_in_bytes(needed)} with its working copy, and {size_in_bytes(free)} are "
            f"free in {row[0]}: make room, or choose a smaller scale"
        )


def measure_row(connection: "psycopg.Connection[Any]") -> float:
    """Return the bytes of a row with its indexes, as in the server's largest scale.

    *connection* is one to an empty database.
    """
    found = {name: size for name, size in connection.execute(TEMPLATES, (TEMPLATE,)) if name in SCALES}
    largest = max(found, key=lambda name: SCALES[name].rows, default=None)
    return BYTES_PER_ROW if largest is None else found[largest] / SCALES[largest].rows
