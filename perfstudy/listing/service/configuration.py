"""The settings of a process: the base, merged with those of the optimizations."""

import secrets
from collections.abc import Mapping
from typing import Any

from perfstudy.errors import UsageError, unknown
from perfstudy.listing.pages import BUILT
from perfstudy.listing.variant import Variant
from perfstudy.model import variables

DATABASE = "postgresql://postgres@127.0.0.1:5432/perfstudy"
REDIS = "redis://127.0.0.1:6379/0"

REDIS_TIMEOUT = 2.0
"""Seconds until a Redis that does not answer counts as down: a request must not hang on its cache."""
REDIS_CONNECTIONS = 1000
"""Connections of a process at most; the client's own bound of 100 fails the rest of a development server's threads."""


def merge(base: Mapping[str, Any], *changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return *base* with *changes* merged in turn, mapping by mapping at any depth.

    Only a mapping over a mapping merges; any other value replaces the one before. No argument is altered.
    """
    result = {key: merge(value) if isinstance(value, Mapping) else value for key, value in base.items()}
    for change in changes:
        for key, value in change.items():
            below = result.get(key)
            if isinstance(value, Mapping):
                result[key] = merge(below if isinstance(below, Mapping) else {}, value)
            else:
                result[key] = value
    return result


def database(url: str) -> dict[str, Any]:
    """Return Django's ``DATABASES`` entry for *url*.

    Its form is ``postgresql://user:password@host:port/name?option=value``.

    Raises:
        UsageError: libpq cannot read the URL, or it names no database.
    """
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:
        # libpq's own message quotes the URL, and with it the password.
        raise UsageError("PERFSTUDY_SERVICE_DATABASE is no URL postgresql://USER:PASSWORD@HOST:PORT/NAME") from None
    if not parts.get("dbname"):
        raise UsageError("PERFSTUDY_SERVICE_DATABASE names no database: append /NAME to the URL")
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    entry: dict[str, Any] = {setting: str(parts.pop(part, "") or "") for setting, part in names.items()}
    return {"ENGINE": "django.db.backends.postgresql", **entry, "CONN_MAX_AGE": 0, "OPTIONS": parts}


def cache(url: str) -> dict[str, Any]:
    """Return Django's ``CACHES`` entry of the baseline, which caches nothing.

    It already holds what a Redis backend needs, so that an optimization declares the backend alone.
    """
    return {
        "BACKEND": "django.core.cache.backends.dummy.DummyCache",
        "LOCATION": url,
        "KEY_PREFIX": "",
        "OPTIONS": {
            "socket_connect_timeout": REDIS_TIMEOUT,
            "socket_timeout": REDIS_TIMEOUT,
            "max_connections": REDIS_CONNECTIONS,
        },
    }


def base(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the baseline's settings; each variable of *environment* has a default."""
    return {
        # Nothing that is known beforehand signs tokens: without a secret, each process draws its own.
        "SECRET_KEY": variables.SERVICE_SECRET.read(environment) or secrets.token_urlsafe(32),
        "DEBUG": False,
        # No view builds a link from the Host header, so no host needs to be refused.
        "ALLOWED_HOSTS": ["*"],
        "INSTALLED_APPS": ["perfstudy.listing.service.ads"],
        "MIDDLEWARE": ["perfstudy.listing.service.middleware.DjangoRequestMiddleware"],
        "ROOT_URLCONF": "perfstudy.listing.service.urls",
        "WSGI_APPLICATION": "perfstudy.listing.service.wsgi.application",
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "USE_I18N": False,
        "DATABASES": {"default": database(variables.SERVICE_DATABASE.read(environment) or DATABASE)},
        "CACHES": {"default": cache(variables.SERVICE_REDIS.read(environment) or REDIS)},
        "LOGGING": logging(
            statements=variables.LOG_SQL.read(environment) == "1", form=variables.LOG.read(environment) or "line"
        ),
        "PERFSTUDY_STATEMENT_LOG": str(variables.STATEMENT_LOG.read(environment) or ""),
        # Whether Redis is asked over a socket of each thread: an optimization says so.
        "PERFSTUDY_DIRECT": False,
        # The ``module:name`` of what answers in front of a request's lifecycle, given the view's ``peek``.
        "PERFSTUDY_FRONT": None,
        "PERFSTUDY_REDIS": variables.SERVICE_REDIS.read(environment) or REDIS,
        "PERFSTUDY_PAGE": str(variables.PAGE.read(environment) or BUILT),
        "PERFSTUDY_SEARCH": variables.SEARCH.read(environment) or "page",
    }


def logging(*, statements: bool, form: str = "line") -> dict[str, Any]:
    """Return Django's ``LOGGING``: all to stderr, SQL too if *statements* is set.

    *form* is ``line``, for people, or ``json``, which also has a line for each request.

    Raises:
        UsageError: it is neither.
    """
    formatters = {"line": "Line", "json": "Json"}
    if form not in formatters:
        raise unknown("PERFSTUDY_LOG", form, formatters)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {form: {"()": f"perfstudy.listing.service.log_format.{formatters[form]}"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": form}},
        "loggers": {
            "perfstudy": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
            "perfstudy.sql": {"level": "DEBUG" if statements else "WARNING"},
            "perfstudy.request": {"level": "INFO" if form == "json" else "WARNING"},
            # A refused request is answered, not logged; a failure is.
            "django.request": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
        },
    }


def settings(variant: Variant, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return all settings of a process that serves *variant*.

    Every cache key begins with ``PERFSTUDY_KEY_PREFIX``, so that several labs can share one Redis.
    ``PERFSTUDY_CACHE_SECONDS`` replaces the variant's seconds for which an answer is cached.
    """
    own = {"PERFSTUDY_VARIANT": variant.name, "PERFSTUDY_FRONTEND": tuple(flag for o in variant for flag in o.frontend)}
    whole = merge(base(environment), *(o.settings for o in variant), own)
    prefix = variables.KEY_PREFIX.read(environment) or ""
    for entry in whole["CACHES"].values():
        entry["KEY_PREFIX"] = ":".join(filter(None, (prefix, entry.get("KEY_PREFIX", ""))))
        if seconds := variables.CACHE_SECONDS.read(environment):
            entry["TIMEOUT"] = seconds
    return whole
