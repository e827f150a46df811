"""A few programs, chosen to be difficult: ties, nulls, empty texts, odd ids, amounts that floats get wrong."""

from datetime import date
from decimal import Decimal
from itertools import count, cycle
from random import Random
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from perfstudy.listing.contract import PROGRAM_TYPES, STATUSES

TENANT = "agency"
OTHER = "agency "  # differs by a space alone
EMPTY = "nobody"

BUSINESSES = ("b1", "b:1", "b|1", "b1:CPC", "ALL", "Žluťoučký kůň", 'it\'s 100% \\ "quoted"', "-" * 64, "用户")
"""Ids of businesses; the last two have no row in the directory."""

NAMED = dict(zip(BUSINESSES[:-2], cycle(("Café ☕", "", "x" * 255)), strict=False))

AMOUNTS = ("0.29", "1.15", "19.99", "0.00", "0.01", "-0.29", "1.10", "9999999999.99", "4.35", "1000000.07", None)

Row = dict[str, Any]


def rows() -> list[Row]:
    """Return the programs of all tenants, the same ones every time, in no order."""
    random, serial = Random(20), count()
    made = [program(random, next(serial), TENANT) for _ in range(180)]
    made += [program(random, next(serial), OTHER) for _ in range(40)]
    # The other tenant's programs bear the names of the first one's.
    for mine, theirs in zip(made, made[180:], strict=False):
        theirs["program_id"] = mine["program_id"]
    random.shuffle(made)
    return made


def program(random: Random, serial: int, tenant: str) -> Row:
    amount = lambda: (found := random.choice(AMOUNTS)) and Decimal(found)  # noqa: E731
    lists = (None, [], ["A"], ["Ünï", {"nested": [1, None, True]}, "🎯"])
    return {
        "username": tenant,
        # Few lengths and both cases, so that the order by program_id depends on the collation.
        "program_id": f"{random.choice('aZ_é')}{serial}",
        "yelp_business_id": random.choice(BUSINESSES),
        "partner_business_id": random.choice((None, "partner")),
        "business_name": "deprecated",
        "status": random.choice(STATUSES),
        "program_status": random.choice((None, "", *STATUSES)),
        "program_pause_status": random.choice((None, "NOT_PAUSED", "PAUSED")),
        "program_name": random.choice(PROGRAM_TYPES),
        "start_date": random.choice((None, *(date(2024, 1, day) for day in range(1, 8)))),
        "end_date": random.choice((None, date(2025, 12, 31))),
        "custom_name": random.choice((None, "", "Sömmer \u2028 sale", "</script>")),
        "budget": amount(),
        "max_bid": amount(),
        "ad_cost": amount(),
        "currency": random.choice((None, "", "EUR")),
        "is_autobid": random.choice((None, True, False)),
        "billed_impressions": random.choice((None, 0, 2**31 - 1)),
        "billed_clicks": random.choice((None, 0, 7)),
        "fee_period": random.choice((None, "CALENDAR_MONTH")),
        "businesses": random.choice(lists),
        "active_features": random.choice(lists),
        "available_features": random.choice(lists),
    }


def replace(url: str) -> None:
    """Put these businesses and programs in place of what the database at *url* holds."""
    with psycopg.connect(url) as connection:
        connection.execute("TRUNCATE ads_business, ads_programregistry")
        connection.cursor().executemany(
            "INSERT INTO ads_business (yelp_business_id, name, fetch_failed) VALUES (%s, %s, false)", NAMED.items()
        )
        known = {name: key for key, name in connection.execute("SELECT id, yelp_business_id FROM ads_business")}
        for row in rows():
            put(connection, row | {"business_id": known.get(row["yelp_business_id"])})
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def put(connection: psycopg.Connection, row: Row) -> None:
    columns = ", ".join(row)
    marks = ", ".join(f"%({column})s" for column in row)
    values = {column: Jsonb(value) if isinstance(value, list) else value for column, value in row.items()}
    connection.execute(
        f"INSERT INTO ads_programregistry ({columns}, created_at, updated_at) VALUES ({marks}, now(), now())", values
    )
