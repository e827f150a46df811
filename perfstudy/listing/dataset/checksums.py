"""Checksums of each scale: of its inputs, and of its rows, which are stored."""

import hashlib
import tomllib
from collections.abc import Iterable
from pathlib import Path

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.listing.dataset.scales import FURTHER, SCALES, find_scale
from perfstudy.paths import PACKAGE, is_checkout, seeds

GENERATION = 1
"""Increase it when the same seeds give other rows or another layout of the database."""

FILE = "checksums.toml"
MIGRATIONS = PACKAGE / "listing" / "service" / "ads" / "migrations"
COMMENT = """\
# What the rows of each scale must hash to: SHA-256 of the digests of the businesses and of each chunk of programs,
# in order. Written by `python -m perfstudy.listing.dataset --write`; loading a scale verifies what it sent.
"""


def compute_checksum(scale: str) -> str:
    """Return the identity of a loaded *scale*: sixteen hexadecimal digits.

    It changes whenever the database would: it covers the seed files, the stored checksums of the rows, the version of
    the generation and the baseline's migrations. It takes a few milliseconds, and is part of the name of the scale's
    template database.

    Raises:
        UsageError: there is no such scale.
    """
    digest = hashlib.sha256(f"{GENERATION}:{find_scale(scale).name}".encode())
    migrations = [path for path in MIGRATIONS.glob("[0-9]*.py") if path.name[:4] <= "0014"]
    files = [*_list_files(seeds()), *(_list_files(seeds() / FURTHER) if find_scale(scale).further else ())]
    for path in sorted((*files, *migrations), key=lambda path: path.name):
        content = path.read_bytes()
        digest.update(f"\0{path.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def _list_files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file()]


def _find_file(*, further: bool) -> Path:
    return seeds() / FURTHER / FILE if further else seeds() / FILE


def combine(digests: Iterable[bytes]) -> str:
    """Return the checksum of rows from the *digests* of their parts, in order."""
    return hashlib.sha256(b"".join(digests)).hexdigest()


def compute_digest(rows: memoryview) -> bytes:
    """Return the digest of a part of the rows."""
    return hashlib.sha256(rows).digest()


def read_stored(scale: str) -> str | None:
    """Return the stored checksum of the rows of *scale*; None if there is none."""
    path = _find_file(further=find_scale(scale).further)
    if not path.exists():
        return None
    value = tomllib.loads(path.read_text(encoding="utf-8")).get(scale)
    return value if isinstance(value, str) else None


def require_stored(scale: str) -> None:
    """Raise PerfstudyError if there is no stored checksum to verify *scale* by."""
    if not read_stored(scale):
        raise PerfstudyError(
            f"the rows of scale {scale!r} have no stored checksum yet: "
            f"run `python -m perfstudy.listing.dataset {scale} --write`"
        )


def verify(scale: str, actual: str) -> None:
    """Raise PerfstudyError unless *actual* is the stored checksum of *scale*."""
    expected = read_stored(scale)
    if actual != expected:
        raise PerfstudyError(
            f"the rows of scale {scale!r} have the checksum {actual[:16]}…, not {str(expected)[:16]}… as {FILE} says: "
            "the seeds or the generation changed; if that was meant, run `python -m perfstudy.listing.dataset --write`"
        )


def write(checksums: dict[str, str]) -> None:
    """Store *checksums* by scale, in place of what is stored.

    Raises:
        UsageError: the package is installed, so that its files are not to be changed.
    """
    if not is_checkout():
        raise UsageError(f"{seeds() / FILE} belongs to the installed package: write checksums in a checkout")
    for further in (False, True):
        of = {scale: value for scale, value in checksums.items() if SCALES[scale].further is further and value}
        if of:
            lines = "".join(f'{scale} = "{value}"\n' for scale, value in of.items())
            _find_file(further=further).write_text(f"{COMMENT}\n{lines}", encoding="utf-8")
