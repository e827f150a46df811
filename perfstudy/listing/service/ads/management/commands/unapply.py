"""``manage.py unapply NAME…``: revert migrations, but not those beside them.

``migrate`` goes back to a migration, and so through all that came after it, in whatever branch.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

APP = "ads"


class Command(BaseCommand):
    """Revert the named migrations of the app, and those that depend on them."""

    help = "Takes back the named migrations of the app ads, and those that depend on them, but none beside them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the names."""
        parser.add_argument("names", nargs="+", metavar="NAME")

    def handle(self, *args: Any, names: list[str], **options: Any) -> None:
        """Revert them, the last ones first."""
        executor = MigrationExecutor(connection)
        graph, applied = executor.loader.graph, executor.loader.applied_migrations
        for name in names:
            if (APP, name) not in graph.nodes:
                known = ", ".join(sorted(node for app, node in graph.nodes if app == APP))
                raise CommandError(f"there is no migration {name!r}: name one of {known}")
        dependents = [node for name in names for node in graph.backwards_plan((APP, name)) if node in applied]
        plan = [(graph.nodes[node], True) for node in dict.fromkeys(sorted(dependents, reverse=True))]
        executor.migrate([], plan=plan)
