"""The listing's two tables for SQLAlchemy, and other code of both FastAPI peers."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException, Request
from sqlalchemy import ForeignKey, Select, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from benchmarks.competitors import asked
from perfstudy.listing.contract import ANY_STATUS, Query

# https://docs.sqlalchemy.org/en/20/dialects/postgresql.html#module-sqlalchemy.dialects.postgresql.asyncpg
engine = create_async_engine(asked.DATABASE.replace("postgresql://", "postgresql+asyncpg://", 1))


class Base(DeclarativeBase):
    """The declarative base."""


class Business(Base):
    """A business, of which only the name is read."""

    __tablename__ = "ads_business"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Program(Base):
    """A program of a tenant."""

    __tablename__ = "ads_programregistry"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str]
    program_id: Mapped[str]
    yelp_business_id: Mapped[str]
    business_id: Mapped[int | None] = mapped_column(ForeignKey("ads_business.id"))
    status: Mapped[str]
    program_status: Mapped[str | None]
    program_pause_status: Mapped[str | None]
    program_name: Mapped[str]
    start_date: Mapped[date | None]
    end_date: Mapped[date | None]
    custom_name: Mapped[str | None]
    budget: Mapped[Decimal | None]
    max_bid: Mapped[Decimal | None]
    ad_cost: Mapped[Decimal | None]
    currency: Mapped[str | None]
    is_autobid: Mapped[bool | None]
    billed_impressions: Mapped[int | None]
    billed_clicks: Mapped[int | None]
    fee_period: Mapped[str | None]
    businesses: Mapped[Any] = mapped_column(JSONB)
    active_features: Mapped[Any] = mapped_column(JSONB)
    available_features: Mapped[Any] = mapped_column(JSONB)
    business: Mapped[Business | None] = relationship()


def wanted(query: Query) -> list[Any]:
    """Return the conditions on the programs that *query* asks for."""
    columns = {
        Program.username: query.tenant,
        Program.status: None if query.status == ANY_STATUS else query.status,
        Program.yelp_business_id: query.business_id,
        Program.program_name: query.program_type,
    }
    return [column == value for column, value in columns.items() if value is not None]


def page(statement: Select[Any], query: Query) -> Select[Any]:
    """Return *statement* with the conditions, the order and the page of *query*."""
    ordered = statement.where(*wanted(query)).order_by(Program.start_date.desc(), Program.program_id)
    return ordered if query.everything else ordered.offset(query.offset).limit(query.limit)


def total(query: Query) -> Select[Any]:
    """Return the statement that counts the programs of *query*."""
    return select(func.count()).select_from(Program).where(*wanted(query))


def asking(request: Request, authorization: Annotated[str, Header()] = "") -> Query:
    """Return the query of a request, as a dependency.

    As in https://fastapi.tiangolo.com/tutorial/dependencies/.
    """
    tenant = asked.read_tenant(authorization)
    if tenant is None:
        raise HTTPException(401)
    return asked.parse_query(request.url.query, tenant)


def application() -> FastAPI:
    """Return an application that answers everything but the listing."""
    app = FastAPI(openapi_url=None)

    @app.get("/api/noop")
    @app.get("/api/health")
    async def nothing() -> dict[str, Any]:
        return {}

    return app
