"""The database that a module of commands' tests has to itself."""

from collections.abc import Iterator

import pytest

from perfstudy.listing.lab import Database, Lab


@pytest.fixture(scope="module")
def database(lab: Lab) -> Iterator[Database]:
    """Return a working copy of the scale tiny."""
    with lab.database("tiny") as database:
        yield database
