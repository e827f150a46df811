"""``manage.py perf_token``: a token for measuring."""

from django.core.management.base import BaseCommand

from orders.tokens import make_token


class Command(BaseCommand):
    """Print a bearer token."""

    def handle(self, *args, **options):
        """Print it."""
        self.stdout.write(make_token("perf"))
