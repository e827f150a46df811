"""Django's development server, without its look at the migrations."""

from django.core.management.commands import runserver


class Command(runserver.Command):
    """Serve as Django does.

    Which migrations are applied is the variant's business, so an unapplied one is nothing to warn of,
    and the server can start before its database.
    """

    def check_migrations(self) -> None:
        """Look at nothing."""
