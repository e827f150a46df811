"""A health check of the two servers behind the service, within a second."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from django.conf import settings
from django.db import connection

TIMEOUT = 1.0
"""Seconds that a server has to answer; both are asked at once."""


def check() -> dict[str, str]:
    """Return ``ok`` or ``down`` for ``database`` and ``cache``."""
    # Django's connection belongs to the thread outside the event loop, so it is asked for its parameters here.
    parameters = connection.get_connection_params()
    libpq = {name: value for name, value in parameters.items() if name not in ("cursor_factory", "context")}
    return asyncio.run(_both(libpq, settings.PERFSTUDY_REDIS))


async def _both(libpq: dict[str, Any], redis: str) -> dict[str, str]:
    database, cache = await asyncio.gather(_state(_database(libpq)), _state(_cache(redis)))
    return {"database": database, "cache": cache}


async def _state(question: Awaitable[None]) -> str:
    try:
        async with asyncio.timeout(TIMEOUT):
            await question
    except Exception:  # whatever the reason, the server did not answer
        return "down"
    return "ok"


async def _database(libpq: dict[str, Any]) -> None:
    # A connection of its own: a persistent one may outlive its server, and Django's cannot be given a deadline.
    from psycopg import AsyncConnection

    async with await AsyncConnection.connect(**libpq, autocommit=True) as asked:
        await asked.execute("SELECT 1")


async def _cache(url: str) -> None:
    from redis.asyncio import Redis

    async with Redis.from_url(url) as client:
        await client.ping()
