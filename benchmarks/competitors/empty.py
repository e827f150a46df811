"""An empty Django view: the listing's bytes from memory, without middleware."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from benchmarks.competitors.bare import NOTHING, from_memory

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], USE_I18N=False, LOGGING_CONFIG=None)


def programs(request: HttpRequest) -> HttpResponse:
    """Answer with the same bytes as before."""
    return HttpResponse(from_memory(request.META), content_type="application/json")


def nothing(request: HttpRequest) -> HttpResponse:
    """Answer with nothing."""
    return HttpResponse(NOTHING, content_type="application/json")


urlpatterns = [path("api/programs", programs), path("api/noop", nothing), path("api/health", nothing)]
application = get_wsgi_application()
