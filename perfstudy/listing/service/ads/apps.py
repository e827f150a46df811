"""The app's label, which names its tables."""

from django.apps import AppConfig


class AdsConfig(AppConfig):
    """Advertising programs."""

    name = "perfstudy.listing.service.ads"
    label = "ads"
