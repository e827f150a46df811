"""Settings of the Django peers, for one module each.

Each has the settings that its documentation asks for.

Connections persist, nothing is logged, and there is no middleware, as in the service. They use its models.
"""

from typing import Any

from benchmarks.competitors import asked


def make_settings(module: str) -> dict[str, Any]:
    """Return the settings shared by all, for a project whose URLs are in *module*."""
    from psycopg.conninfo import conninfo_to_dict

    parts: dict[str, Any] = conninfo_to_dict(asked.DATABASE)
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    database = {setting: str(parts.get(part, "")) for setting, part in names.items()}
    return {
        "SECRET_KEY": asked.SECRET,
        "ROOT_URLCONF": module,
        "ALLOWED_HOSTS": ["*"],
        "INSTALLED_APPS": ["perfstudy.listing.service.ads"],
        "MIDDLEWARE": [],
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "USE_TZ": True,
        "USE_I18N": False,
        "LOGGING_CONFIG": None,
        # Persistent connections: https://docs.djangoproject.com/en/5.2/ref/databases/#persistent-connections
        "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql", **database, "CONN_MAX_AGE": 600}},
    }


def redis_cache() -> dict[str, Any]:
    """Return Django's cache in Redis.

    As in https://docs.djangoproject.com/en/5.2/topics/cache/#redis.
    """
    backend = "django.core.cache.backends.redis.RedisCache"
    return {"CACHES": {"default": {"BACKEND": backend, "LOCATION": asked.REDIS, "KEY_PREFIX": asked.PREFIX}}}
