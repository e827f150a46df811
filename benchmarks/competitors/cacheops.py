"""django-cacheops below a plain view: model operations are cached for a minute.

As in the section "Setup" of https://github.com/Suor/django-cacheops, with the prefix of its section "Sharing redis
instance".
"""

from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from benchmarks.competitors import asked, django_settings


def prefix(query: Any) -> str:
    """Return the prefix of every key."""
    return f"{asked.PREFIX}:"


base = django_settings.make_settings(__name__)
settings.configure(
    **base | {"INSTALLED_APPS": ["cacheops", *base["INSTALLED_APPS"]]},
    CACHEOPS_REDIS=asked.REDIS,
    CACHEOPS={"ads.*": {"ops": "all", "timeout": 60}},
    CACHEOPS_PREFIX=prefix,
)
application = get_wsgi_application()

from benchmarks.competitors import plain  # noqa: E402

urlpatterns = plain.urls(plain.programs)
