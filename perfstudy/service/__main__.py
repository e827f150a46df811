"""The manage script: ``python -m perfstudy.service migrate ads 0014``."""

import sys

from perfstudy.service.start import starting


def main() -> None:
    """Run the Django command that the arguments name."""
    with starting():
        from django.core.management import execute_from_command_line

        # Imported first, because Django would answer a few commands without ever reading the settings.
        from perfstudy.service import settings  # noqa: F401

        execute_from_command_line(["python -m perfstudy.service", *sys.argv[1:]])


if __name__ == "__main__":
    main()
