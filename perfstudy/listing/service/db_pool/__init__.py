"""Django's PostgreSQL backend with a pool that recovers from outages.

It is an ``ENGINE`` of ``DATABASES``.
"""
