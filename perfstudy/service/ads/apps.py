"""The app's label, which names its tables."""

from django.apps import AppConfig


class AdsConfig(AppConfig):
    """Advertising programs."""

    name = "perfstudy.service.ads"
    label = "ads"
