"""The app's label, which names its tables."""

from django.apps import AppConfig


class AdsConfig(AppConfig):
    """Advertising programs."""

    name = "perfstudy.listing.service.ads"
    label = "ads"

    def ready(self) -> None:
        """Let every connection read what the tables may hold."""
        from django.db.backends.signals import connection_created

        from perfstudy.listing.service.ads import lenient

        connection_created.connect(lenient.adapt)
