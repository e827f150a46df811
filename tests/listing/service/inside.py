"""A variant's WSGI application in this process, on real servers: the whole of it, HTTP parsing aside."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Self
from urllib.parse import unquote_to_bytes, urlsplit

from perfstudy.drivers.http import Exchange
from perfstudy.listing.contract import View
from perfstudy.listing.service import configuration
from perfstudy.listing.variant import Variant

from . import programs
from .outside import bearer


def django() -> None:
    """Set Django up once for this process."""
    import django
    from django.apps import apps

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perfstudy.listing.service.settings")
    if not apps.ready:
        django.setup()


class Inside:
    """The application of *variant*, with the settings that a process of its own would have from *environment*."""

    def __init__(self, variant: Variant, environment: dict[str, str]) -> None:
        self.variant = variant
        self.settings = configuration.settings(variant, environment)

    def __enter__(self) -> Self:
        from django.conf import UserSettingsHolder
        from django.conf import settings as current
        from django.core.cache import CacheHandler
        from django.core.handlers.wsgi import WSGIHandler
        from django.db import ConnectionHandler

        # A handler of its own, because Django reads DATABASES once only.
        self.connection = ConnectionHandler(self.settings["DATABASES"])["default"]
        # And pools of its own: Django keeps one for each alias of a process, whatever database it leads to.
        self.connection._connection_pools = {}
        self._caches = CacheHandler(self.settings["CACHES"])
        self._holder = UserSettingsHolder(current._wrapped)
        for name, value in self.settings.items():
            if name not in ("DATABASES", "LOGGING"):
                setattr(self._holder, name, value)
        from perfstudy.listing.service import lifecycle
        from perfstudy.listing.service.ads import listing

        with self._set():
            view = listing.view(self.variant)
            self._holder.ROOT_URLCONF = urls(self.variant, view)
        with self._set():
            self.application = lifecycle.serve(WSGIHandler(), self.variant, view)
        return self

    def __exit__(self, *error: object) -> None:
        self.connection.close()
        self.connection.close_pool()

    @contextmanager
    def _set(self) -> Iterator[None]:
        """Put this variant's settings and caches in place of Django's own.

        Not by ``override_settings``, which makes Django forget its models and URLs, and takes longer than the request.
        """
        from django.conf import settings
        from django.core.cache import caches

        before = settings._wrapped, caches.settings, caches._connections
        settings._wrapped = self._holder
        caches.settings, caches._connections = self._caches.settings, self._caches._connections
        try:
            yield
        finally:
            settings._wrapped, caches.settings, caches._connections = before

    def migrate(self, names: Collection[str]) -> None:
        """Apply these migrations together, without a process of Django's own for each."""
        from django.db import connections
        from django.db.migrations.executor import MigrationExecutor

        connections["default"] = self.connection
        try:
            with self._set():
                MigrationExecutor(self.connection).migrate([("ads", name) for name in sorted(names)])
        finally:
            del connections["default"]

    def get(
        self,
        target: str,
        tenant: str | None = programs.TENANT,
        *,
        method: str = "GET",
        body: bytes | None = None,
        **headers: str,
    ) -> Exchange:
        """Answer *target* as a server would have it answered: request signals, body read, response closed."""
        from django.db import connections

        environ = environ_of(target, method, body, bearer(tenant, self.settings["SECRET_KEY"]) | headers)
        said: list[Any] = []
        connections["default"] = self.connection
        try:
            with self._set():
                result = self.application(environ, lambda status, headers, info=None: said.extend((status, headers)))
                sent = b"".join(result)
                result.close()
        finally:
            del connections["default"]
        return Exchange(int(said[0].split()[0]), {k.lower(): v for k, v in said[1]}, sent, 0)


def urls(variant: Variant, view: View) -> ModuleType:
    """The URL configuration that a process of *variant* has."""
    from perfstudy.listing.service import urls as own
    from perfstudy.listing.service.ads.urls import patterns

    module = ModuleType(f"urls_of_{variant.name}")
    vars(module).update({name: getattr(own, name) for name in ("handler400", "handler404", "handler500")})
    module.urlpatterns = [*patterns(variant, view), *own.common]  # type: ignore[attr-defined]
    return module


def environ_of(target: str, method: str, body: bytes | None, headers: dict[str, str]) -> dict[str, Any]:
    """The WSGI environment of a request, the target's bytes as they are."""
    from io import BytesIO

    from django.test import RequestFactory

    parts = urlsplit(target)
    named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    sent: dict[str, Any] = {} if body is None else {"CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)}
    # A header that states another length takes the place of the body's own.
    sent |= {name: named.pop(f"HTTP_{name}") for name in ("CONTENT_LENGTH",) if f"HTTP_{name}" in named}
    return RequestFactory()._base_environ(
        PATH_INFO=unquote_to_bytes(parts.path).decode("latin-1"),
        QUERY_STRING=parts.query,
        REQUEST_METHOD=method,
        **named,
        **sent,
    )
