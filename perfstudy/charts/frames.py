"""Select what a chart shows from a frame, with errors for what is missing."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from perfstudy.charts import style
from perfstudy.errors import UsageError, unknown
from perfstudy.model.labels import find_both_temperatures, list_factors, sort_arms, sort_places


def require(frame: pd.DataFrame, what: str, *columns: str) -> None:
    """Check that there is something to draw.

    Raises:
        UsageError: the frame is empty, or lacks one of *columns*.
    """
    missing = [c for c in columns if c not in frame.columns]
    if missing:
        raise UsageError(f"these {what} have no column {missing[0]!r}: they need {', '.join(columns)}")
    if frame.empty:
        raise UsageError(f"there are no {what} to draw: the run has not measured any")


def select(frame: pd.DataFrame, **wanted: str | None) -> tuple[pd.DataFrame, str]:
    """Return the rows of one scale and one scenario, and how a title names these.

    What is not named is the first that occurs, in the study's order, so the title always says which it is.

    Raises:
        UsageError: nothing was measured for a named value; the nearest ones are named.
    """
    named = []
    for column, value in wanted.items():
        if column not in frame.columns:
            continue
        found = sort_labels(frame[column].dropna())
        if value is not None and value not in found:
            raise unknown(column, value, found)
        chosen = value if value is not None else found[0] if found else None
        if chosen is not None:
            frame = frame[frame[column] == chosen]
            named.append(str(chosen))
    return frame, ", ".join(named)


def sort_labels(values: Any) -> list[str]:
    """Return distinct scenarios or scales in the study's order."""
    return sort_places(values)


def sort_factors(factors: Iterable[str]) -> list[str]:
    """Return distinct factors in the order of the catalogs.

    If a study has others, they stay as they come, which is as it declares them.
    """
    distinct, known = list(dict.fromkeys(factors)), list_factors()
    return sorted(distinct, key=known.index) if set(distinct) <= set(known) else distinct


def series_names(records: Iterable[Mapping[str, Any]], column: str = "label") -> dict[tuple[str, str], str]:
    """Return the name of each series in *records*, by its label and temperature."""
    pairs = dict.fromkeys((str(record[column]), str(record["temperature"])) for record in records)
    both = find_both_temperatures(pairs)
    return {(label, kind): style.series_name(label, kind, label in both) for label, kind in pairs}


def find_series(frame: pd.DataFrame) -> Iterator[tuple[str, str, str, pd.DataFrame]]:
    """Yield (label, temperature, name, rows) of every series, in the study's order."""
    groups = dict(iter(frame.groupby(["label", "temperature"], sort=False)))
    both = find_both_temperatures(groups)
    order = sort_arms(label for label, _ in groups)
    for label, temperature in sorted(groups, key=lambda k: (order.index(k[0]), k[1])):
        name = style.series_name(label, temperature, label in both)
        yield label, temperature, name, groups[label, temperature]
