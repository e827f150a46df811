"""Open a run of the reader's own store in a notebook."""

from pathlib import Path

from perfstudy.findings import Findings
from perfstudy.results import Store
from perfstudy.results.opening import find_run


def open_run(run: str | Path = "latest", store: str | Path | None = None) -> Findings:
    """Return the findings of *run*; the stored run is their ``run``.

    *run* is an id, the unique beginning of one, ``latest``, the name of a published set, or the path of an export that
    ``perfstudy results --output`` wrote, which is imported into *store*. *store* is a file or a URL, by default the
    home folder's.

    >>> found = open_run("orders-data")      # doctest: +SKIP
    >>> found.comparisons, found.verdicts    # doctest: +SKIP
    >>> charts.verdicts(found.verdicts)      # doctest: +SKIP

    Raises:
        UsageError: no run and no published set has that name; the nearest are named.
        StoreError: the store cannot be opened.
    """
    from perfstudy.results import export

    opened = Store.open(store)
    path = Path(run)
    identifier = export.import_file(opened, path) if path.suffix and path.is_file() else str(run)
    return Findings(find_run(opened, identifier))
