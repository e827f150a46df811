"""Django's development server, without its look at the migrations, and on a socket handed over where that is wanted."""

from typing import Any

from django.core.management.commands import runserver

HANDED_OVER = "fd://"


class Command(runserver.Command):
    """Serve as Django does.

    Which migrations are applied is the variant's business, so an unapplied one is nothing to warn of,
    and the server can start before its database. ``runserver fd://N`` serves on the listening socket N.
    """

    def check_migrations(self) -> None:
        """Look at nothing."""

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Take the address apart where it is a socket that was handed over, and leave any other to Django."""
        address = options["addrport"] or ""
        if address.startswith(HANDED_OVER):
            from perfstudy.listing.service.servers.development import serve_shared

            self.server_cls = serve_shared(int(address.removeprefix(HANDED_OVER)))
            host, port = self.server_cls.listener.getsockname()[:2]
            options["addrport"] = f"{host}:{port}"
        return super().handle(*args, **options)
