"""Django's development server without its check of migrations.

It can also listen on an inherited socket.
"""

from typing import Any

from django.core.management.commands import runserver

HANDED_OVER = "fd://"


class Command(runserver.Command):
    """Serve as Django does.

    Which migrations are applied is the variant's business, so an unapplied one is nothing to warn of,
    and the server can start before its database. ``runserver fd://N`` serves on the listening socket N.
    """

    def check_migrations(self) -> None:
        """Do nothing."""

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Parse the address of an inherited socket, and leave any other to Django."""
        address = options["addrport"] or ""
        if address.startswith(HANDED_OVER):
            from perfstudy.listing.service.servers.development import serve_shared

            self.server_cls = serve_shared(int(address.removeprefix(HANDED_OVER)))
            host, port = self.server_cls.listener.getsockname()[:2]
            options["addrport"] = f"{host}:{port}"
        return super().handle(*args, **options)
