"""The bench that the tests of the workbench share."""

from collections.abc import Iterator

import pytest

from perfstudy.listing.workbench.bench import Bench


@pytest.fixture(scope="package")
def bench() -> Iterator[Bench]:
    """Return a bench on the smallest scale."""
    opened = Bench("tiny", blocks=1)
    yield opened
    opened.close()
