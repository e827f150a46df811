"""The service's URLs, and the answers to unknown ones."""

from django.urls import path

from perfstudy.listing.service import metrics, openapi, page
from perfstudy.listing.service.ads.urls import urlpatterns as ads

common = [
    path("api/openapi.json", openapi.view),
    path("metrics", metrics.view),
    path("", page.view),
    path("assets/<str:name>", page.asset),
]
"""The addresses that are the same in every variant."""

urlpatterns = [*ads, *common]

handler400 = "perfstudy.listing.service.problems.bad_request"
handler404 = "perfstudy.listing.service.problems.not_found"
handler500 = "perfstudy.listing.service.problems.failure"
