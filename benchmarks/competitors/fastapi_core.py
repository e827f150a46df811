"""FastAPI with SQLAlchemy Core: columns, no instances.

Each request has a connection, and there is a response model.

As in https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#synopsis-core and
https://fastapi.tiangolo.com/tutorial/response-model/.
"""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.competitors import documents
from benchmarks.competitors.fastapi_tables import Business, Program, application, asking, engine, page, total
from perfstudy.listing.contract import Query

app = application()
columns = select(*Program.__table__.columns, Business.name.label("name_of_business")).outerjoin(
    Business, Business.id == Program.business_id
)


async def connection() -> AsyncIterator[AsyncConnection]:
    """Yield a connection of the pool."""
    async with engine.connect() as opened:
        yield opened


@app.get("/api/programs")
async def programs(
    query: Annotated[Query, Depends(asking)], database: Annotated[AsyncConnection, Depends(connection)]
) -> documents.Listing:
    """Answer with the page that is asked for."""
    rows = (await database.execute(page(columns, query))).all()
    return documents.Listing(
        programs=[documents.program(row, row.name_of_business) for row in rows],
        total_count=len(rows) if query.everything else await database.scalar(total(query)),
        offset=0 if query.everything else query.offset,
        limit=None if query.everything else query.limit,
    )
