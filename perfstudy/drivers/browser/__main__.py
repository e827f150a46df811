"""Fetch the pinned browser, and print which one is used."""

import sys

from perfstudy.drivers.browser import find
from perfstudy.errors import PerfstudyError


def main() -> int:
    """Fetch the pinned browser, if there is one for this platform."""
    try:
        browser = find.get_browser()
        print(f"{browser.product}: {browser.path}")
    except PerfstudyError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
