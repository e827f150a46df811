"""Refuse options that exclude each other."""

from collections.abc import Mapping

from perfstudy.errors import UsageError


def check_exclusive(options: Mapping[str, object], others: Mapping[str, object]) -> None:
    """Refuse two of *options* together, or one of them with one of *others*.

    Raises:
        UsageError: two of them are given; the message names them.
    """
    given = [name for name, value in options.items() if value]
    if given:
        given += [name for name, value in others.items() if value]
    if len(given) > 1:
        raise UsageError(f"{given[0]} and {given[1]} are given, which exclude each other: leave out one of them")
