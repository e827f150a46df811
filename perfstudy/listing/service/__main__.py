"""The manage script: ``python -m perfstudy.listing.service migrate ads 0014``."""

import sys

from perfstudy.listing.service.start import starting


def main() -> None:
    """Run the Django command that the arguments name."""
    with starting():
        from django.core.management import execute_from_command_line

        # Imported first, because Django would answer a few commands without ever reading the settings.
        from perfstudy.listing.service import settings  # noqa: F401

        execute_from_command_line(["python -m perfstudy.listing.service", *sys.argv[1:]])


if __name__ == "__main__":
    main()
