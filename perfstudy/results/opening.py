"""Find a stored run or a published set by its name."""

from perfstudy.errors import UsageError, unknown
from perfstudy.results.published import Published, list_published, load_published
from perfstudy.results.reader import Reader
from perfstudy.results.resultset import Run

LATEST = "latest"


def find_run(store: Reader, name: str) -> Run | Published:
    """Return the run of *store*, or the published set, that *name* means.

    A run is named by its id, the unique beginning of one, or ``latest``; it comes before a set of the same name.

    Raises:
        UsageError: there is none; the nearest runs and sets are named.
    """
    ids = [one.id for one in store.summaries()]
    sets = list_published()
    if name == LATEST and not ids:
        example = f", and {sets[0]!r} in its place shows a published one" if sets else ""
        raise UsageError(f"unknown run {name!r}: there is none yet; `perfstudy run` makes one{example}")
    if name == LATEST or any(id.startswith(name) for id in ids):
        return store.run(name)
    if name in sets:
        return load_published(name)
    raise unknown("run", name, [*ids, *sets])


def list_names(store: Reader) -> list[str]:
    """Return the names that :func:`find_run` knows: runs, newest first, then sets."""
    ids = [one.id for one in store.summaries()]
    return [*((LATEST,) if ids else ()), *ids, *list_published()]
