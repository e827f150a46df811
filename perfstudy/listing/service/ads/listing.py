"""The listing: how the baseline answers a query, and how a variant changes it."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.db import close_old_connections, connection
from django.db.models import Q, QuerySet

from perfstudy.listing import selection
from perfstudy.listing.contract import Answer, CachePolicy, Query, Rows, View, Write, Writing
from perfstudy.listing.selection import Conditions, document, filters, following
from perfstudy.listing.service import request_context
from perfstudy.listing.service.ads import serializers
from perfstudy.listing.service.ads.caching import answer_from_cache
from perfstudy.listing.service.ads.models import ProgramRegistry
from perfstudy.listing.service.ads.parameters import path_of
from perfstudy.listing.service.statements import record_statements
from perfstudy.listing.variant import Variant

ORDER = tuple(f"-{column}" if direction == "DESC" else column for column, direction in selection.ORDER)

Programs = QuerySet[ProgramRegistry]
T = TypeVar("T")


def instances(programs: Programs) -> Iterable[ProgramRegistry]:
    """Fetch model instances."""
    return programs


def name_of_business(row: ProgramRegistry) -> str | None:
    """Return the business's name by the foreign key, with a query unless prefetched."""
    return None if row.business is None else row.business.name


BASELINE = Rows(select=instances, read=getattr, name=name_of_business)


def unguarded(write: Write) -> AbstractContextManager[None]:
    """Do nothing around a write."""
    return nullcontext()


def fold(base: T, changes: Iterable[Callable[[T], T] | None]) -> T:
    """Return *base* with each of *changes* applied in turn; None changes nothing."""
    return reduce(lambda whole, change: change(whole) if change else whole, changes, base)


def rows(variant: Variant) -> Rows:
    """Return the rows of *variant*."""
    return fold(BASELINE, [o.rows for o in variant])


def view(variant: Variant) -> View:
    """Return the view of *variant*."""
    asked = connected(_wrapped(rows(variant), variant))
    policy = fold(CachePolicy(), [o.cache for o in variant])
    return answer_from_cache(policy, asked) if any(o.caches for o in variant) else asked


def _wrapped(rows: Rows, variant: Variant) -> View:
    return reduce(lambda view, wrap: wrap(view, rows), [o.view for o in variant if o.view], listing(rows))


def writing(variant: Variant, view: View) -> Writing:
    """Return the context of a write under *variant*, which answers queries by *view*."""
    folds = [o.write for o in variant if o.write]
    base: Writing = unguarded
    return reduce(lambda whole, change: change(whole, view), folds, base)


def connected(view: View) -> View:
    """Return *view* with a separate clock for connecting to PostgreSQL.

    On the fast path Django has not checked the connection, so old ones are closed and statements are recorded here.
    """

    def answer(query: Query) -> Answer:
        context = request_context.current()
        unattended = context.deferred is not None and not context.in_django
        # Django would connect with the first statement, and the clock would count that as the statement's.
        with context.clock.span("connect"):
            if unattended:
                close_old_connections()
            connection.ensure_connection()
        with record_statements(context.identity) if unattended else nullcontext():
            return view(query)

    return answer


def listing(rows: Rows) -> View:
    """Return the view that queries PostgreSQL and fetches its rows by *rows*."""

    def answer(query: Query) -> Answer:
        total, found = (fetch_direct if rows.at_once else fetch_by_ids)(rows, query)
        with request_context.span("serialize"):
            programs = [serializers.program(rows, row, query.tenant) for row in found()]
            return Answer(document=document(query, total, programs))

    return answer


Found = Callable[[], Iterable[Any]]
"""Fetches the rows of a page, in order."""


def fetch_by_ids(rows: Rows, query: Query) -> tuple[int, Found]:
    """Return the number of programs of *query* and its page, selected by ids."""
    total, ids = page(rows, filter_programs(query), query)
    return total, lambda: fetch(rows, find_programs(rows, query, ids), ids)


def fetch_direct(rows: Rows, query: Query) -> tuple[int, Found]:
    """Return how many programs *query* has and its page, asked for in one statement.

    If all are requested, they are counted as they are read.
    On a deep page, a subquery selects ids, so that the programs before the page are not fetched.
    """
    programs = filter_programs(query)
    if query.everything:
        whole = list(rows.select(programs))
        return len(whole), lambda: whole
    part = slice(query.offset, query.offset + query.limit)
    if query.after:
        chosen = narrow(programs, following(query.after))[part]
    elif query.deep:
        chosen = find_programs(rows, query, programs.values("id")[part]).order_by(*ORDER)
    else:
        chosen = programs[part]
    return total(rows, programs, query), lambda: rows.select(chosen)


def filter_programs(query: Query) -> Programs:
    """Return the programs that *query* asks for, in order, before any page is cut."""
    return narrow(ProgramRegistry.objects.order_by(*ORDER), sorted(filters(query)))


def narrow(programs: "QuerySet[Any, T]", conditions: Conditions) -> "QuerySet[Any, T]":
    """Return those of *programs* that meet *conditions*."""
    either = [[Q(**{f"{c.column}__{c.operator}": c.value}) for c in parts] for parts in conditions]
    return programs.filter(*(reduce(or_, parts) for parts in either))


def total(rows: Rows, programs: Programs, query: Query) -> int:
    """Return the number of *programs*: the stored count, if there is one."""
    stored = rows.total(query)
    if stored is None:
        return programs.count()
    expression, values = stored
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {expression}", values)
        (found,) = cursor.fetchone()
    return int(found)


def page(rows: Rows, programs: Programs, query: Query) -> tuple[int, list[int]]:
    """Return how many *programs* there are, and the ids of those on the page.

    For all programs the database counts and cuts. For those of a business or a type every id is
    loaded and the page cut here, as the service behind the report did.
    """
    part = slice(None) if query.everything else slice(query.offset, query.offset + query.limit)
    keys = programs.values_list("id", flat=True)
    if query.after:
        return total(rows, programs, query), list(narrow(keys, following(query.after))[part])
    if path_of(query) == "all":
        return total(rows, programs, query), list(keys[part])
    every = list(keys)
    return len(every), every[part]


def find_programs(rows: Rows, query: Query, ids: Any) -> Programs:
    """Return the programs of *ids*, a list or a query of them."""
    programs = ProgramRegistry.objects.filter(id__in=ids)
    return programs.filter(username=query.tenant) if rows.by_tenant else programs


def fetch(rows: Rows, programs: Programs, ids: list[int]) -> list[Any]:
    """Return the rows of *programs*, put in the order of *ids*.

    A program deleted since its id was read is left out.
    """
    found = {rows.read(row, "id"): row for row in rows.select(programs)}
    return [found[key] for key in ids if key in found]
