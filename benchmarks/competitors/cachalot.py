"""django-cachalot below a plain view, with Django's cache in Redis.

As in https://django-cachalot.readthedocs.io/en/latest/quickstart.html.
"""

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from benchmarks.competitors import django_settings

base = django_settings.make_settings(__name__)
settings.configure(**base | {"INSTALLED_APPS": ["cachalot", *base["INSTALLED_APPS"]]}, **django_settings.redis_cache())
application = get_wsgi_application()

from benchmarks.competitors import plain  # noqa: E402

urlpatterns = plain.urls(plain.programs)
