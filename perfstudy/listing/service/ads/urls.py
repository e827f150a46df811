"""The addresses of the app, the listing folded as the process's variant says."""

from django.conf import settings
from django.urls import URLPattern, path

from perfstudy.listing.contract import View
from perfstudy.listing.service.ads import listing, views
from perfstudy.listing.variant import Variant, parse


def patterns(variant: Variant, view: View) -> list[URLPattern]:
    """Return the addresses of *variant*, which answers queries by *view*."""
    writing = listing.writing(variant, view)
    return [
        path("api/programs", views.programs(view)),
        path("api/programs/<str:program_id>", views.program(writing)),
        path("api/sync", views.sync(writing)),
        path("api/noop", views.noop),
        path("api/health", views.healthy),
    ]


variant = parse(settings.PERFSTUDY_VARIANT)
view = listing.view(variant)
urlpatterns = patterns(variant, view)
