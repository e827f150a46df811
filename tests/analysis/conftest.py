"""How the tests of the method report what they find."""

from collections.abc import Callable

import pytest


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """A function that prints a figure, now and among the *method checks* at the end of the run."""

    def record(line: str) -> None:
        record_property("method check", line)
        print(line)

    return record
