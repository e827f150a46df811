"""FastAPI with SQLAlchemy's ORM: a session for each request, a response model.

The business is loaded by a join.

As in https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#synopsis-orm,
https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/ and
https://fastapi.tiangolo.com/tutorial/response-model/.
"""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import joinedload

from benchmarks.competitors import documents
from benchmarks.competitors.fastapi_tables import Program, application, asking, engine, page, total
from perfstudy.listing.contract import Query

app = application()
sessions = async_sessionmaker(engine, expire_on_commit=False)


async def session() -> AsyncIterator[AsyncSession]:
    """Yield a session that is closed after the answer."""
    async with sessions() as opened:
        yield opened


@app.get("/api/programs")
async def programs(
    query: Annotated[Query, Depends(asking)], database: Annotated[AsyncSession, Depends(session)]
) -> documents.Listing:
    """Answer with the page that is asked for."""
    rows = (await database.scalars(page(select(Program).options(joinedload(Program.business)), query))).all()
    listed = [documents.program(row, row.business.name if row.business else None) for row in rows]
    return documents.Listing(
        programs=listed,
        total_count=len(listed) if query.everything else await database.scalar(total(query)),
        offset=0 if query.everything else query.offset,
        limit=None if query.everything else query.limit,
    )
