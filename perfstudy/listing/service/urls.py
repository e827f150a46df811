"""The service's URLs, and the answers to unknown ones."""

from django.urls import path

from perfstudy.listing.service import metrics, openapi
from perfstudy.listing.service.ads.urls import urlpatterns as ads

urlpatterns = [*ads, path("api/openapi.json", openapi.view), path("metrics", metrics.view)]

handler400 = "perfstudy.listing.service.problems.bad_request"
handler404 = "perfstudy.listing.service.problems.not_found"
handler500 = "perfstudy.listing.service.problems.failure"
