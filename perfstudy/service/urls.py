"""The service's addresses, and what is answered where there is none."""

from django.urls import path

from perfstudy.service import metrics, openapi
from perfstudy.service.ads.urls import urlpatterns as ads

urlpatterns = [*ads, path("api/openapi.json", openapi.view), path("metrics", metrics.view)]

handler400 = "perfstudy.service.problems.bad_request"
handler404 = "perfstudy.service.problems.not_found"
handler500 = "perfstudy.service.problems.failure"
