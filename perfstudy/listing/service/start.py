"""The start of every process of the service, under any server."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from perfstudy.errors import PerfstudyError, UsageError


@contextmanager
def starting() -> Iterator[None]:
    """Select the settings; an invalid environment ends the process with one line.

    The line is written to stderr.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perfstudy.listing.service.settings")
    try:
        yield
    except PerfstudyError as error:
        print(f"perfstudy.listing.service: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, UsageError) else 1)
