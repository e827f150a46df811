"""Django's per-view cache over a plain view.

As in https://docs.djangoproject.com/en/5.2/topics/cache/#the-per-view-cache; answers differ by tenant, so they vary by
the header that names one, https://docs.djangoproject.com/en/5.2/topics/cache/#using-vary-headers.
"""

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from benchmarks.competitors import django_settings

settings.configure(**django_settings.make_settings(__name__), **django_settings.redis_cache())
application = get_wsgi_application()

from django.views.decorators.cache import cache_page  # noqa: E402
from django.views.decorators.vary import vary_on_headers  # noqa: E402

from benchmarks.competitors import plain  # noqa: E402

urlpatterns = plain.urls(cache_page(60)(vary_on_headers("Authorization")(plain.programs)))
