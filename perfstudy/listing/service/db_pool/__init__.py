"""Django's PostgreSQL backend with a pool that gets over an outage: an ``ENGINE`` of ``DATABASES``."""
