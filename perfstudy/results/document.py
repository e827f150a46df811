"""Write a whole run as one document of plain values, and read it back.

``{"format": "perfstudy results", "schema": 1, "digest": SHA-256 of the rest, "environment": {…}, "run": {…},
"notes": [{…}], "exclusions": […], "cells": […], "samples": […], "evidence": […], "plans": […], "costs": […],
"verdicts": […]}``. The rows are those of the tables in ``schema``, without the run's id; a sample has its ``n``
latencies as ``nanoseconds``, a list of whole numbers. Verdicts are there for readers without perfstudy: they follow
from the samples, so that none is stored or read back.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, select
from sqlalchemy.exc import DataError, IntegrityError, StatementError
from sqlalchemy.orm import Session

from perfstudy.results import imported, schema
from perfstudy.results.cells import pack, unpack
from perfstudy.results.conversion import FIRST, convert_document
from perfstudy.results.imported import NotAnExport
from perfstudy.results.plain import digest, plain
from perfstudy.results.queries import resolve_id
from perfstudy.results.store import Store

FORMAT = "perfstudy results"

TABLES: dict[str, Any] = {
    "notes": schema.Note,
    "exclusions": schema.Exclusion,
    "cells": schema.Cell,
    "samples": schema.Sample,
    "evidence": schema.Evidence,
    "plans": schema.Plan,
    "costs": schema.Cost,
    "verdicts": schema.Verdict,
}
STORED = {name: table for name, table in TABLES.items() if name != "verdicts"}
Rows = Iterable[Mapping[str, Any]]


def dump(store: Store, run: str, verdicts: Rows = ()) -> dict[str, Any]:
    """Return the document of a run, with the *verdicts* on it."""
    with store.reading() as session:
        id = resolve_id(session, run)
        row = session.get_one(schema.Run, id)
        document: dict[str, Any] = {
            "environment": session.get_one(schema.Environment, row.environment).identity,
            "run": read_row(row),
        }
        for name, table in STORED.items():
            rows = session.scalars(select(table).where(table.run == id).order_by(*table.__table__.primary_key))
            document[name] = [read_row(one) for one in rows if getattr(one, "key", "") != imported.MARK]
    document["verdicts"] = [{"number": number, "row": plain(row)} for number, row in enumerate(verdicts)]
    return {"format": FORMAT, "schema": schema.VERSION, "digest": digest(document), **document}


def read_row(row: Any) -> dict[str, Any]:
    """Return the *row* of a table as a document has it."""
    values = {column.name: getattr(row, column.name) for column in row.__table__.columns if column.name != "run"}
    if "latencies" in values:
        values["nanoseconds"] = unpack(values.pop("latencies"))
    return {name: plain(value) for name, value in values.items()}


def check(document: Any) -> dict[str, Any]:
    """Return the document without its heading, if it is sound.

    Raises:
        NotAnExport: with the reason.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise NotAnExport("is not an export of results")
    if document.get("schema") not in (FIRST, schema.VERSION):
        raise NotAnExport(f"is of schema {document.get('schema')!r}, and this perfstudy reads schema {schema.VERSION}")
    body = {name: document.get(name) for name in ("environment", "run", *TABLES)}
    if document.get("digest") != digest(body):
        raise NotAnExport("is damaged: its content does not match its digest")
    return convert_document(body) if document["schema"] == FIRST else body


def restore(store: Store, document: Any) -> str:
    """Write the run of a document into a store in one transaction, and return its id.

    It is marked as imported, so that nothing that it names is run without being asked for.
    A run that is there already, the same to the last sample, is left alone.

    Raises:
        NotAnExport: the document is none, is damaged, of another schema, or another run has its id.
    """
    with explaining():
        body = read(document)
        id = body["run"]["id"]
        if _there(store, id, body):
            return str(id)
        with store.writing() as session:
            try:
                _write(session, id, body)
            except (IntegrityError, DataError) as error:
                raise NotAnExport(f"contradicts itself: {error.orig}") from error
    return str(id)


def read(document: Any) -> dict[str, Any]:
    """Return the document without its heading, with its names and numbers checked.

    Raises:
        NotAnExport: the document is none, is damaged or of another schema.
    """
    with explaining():
        body = check(document)
        imported.check(body)
        return body


@contextmanager
def explaining() -> Iterator[None]:
    """Refuse what comes in a document and has another form than it must.

    Raises:
        NotAnExport: with the reason.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError, StatementError) as error:
        raise NotAnExport(f"is not an export of results: {type(error).__name__} {error}") from error


def _there(store: Store, id: str, body: Mapping[str, Any]) -> bool:
    with store.reading() as session:
        if session.get(schema.Run, id) is None:
            return False
    stored = dump(store, id)
    if any(stored[name] != body[name] for name in ("environment", "run", *STORED)):
        raise NotAnExport(f"holds {id}, and the store {store.where} holds another state of it: import it elsewhere")
    return True


def _write(session: Session, id: str, body: Mapping[str, Any]) -> None:
    key = digest(body["environment"])
    if body["run"]["environment"] != key:
        raise NotAnExport("is damaged: the environment is not the one of the run")
    session.merge(schema.Environment(digest=key, identity=body["environment"]))
    session.add(schema.Run(**read_values(schema.Run, body["run"])))
    session.flush()
    session.add_all(schema.Block(run=id, number=number) for number in sorted({cell["block"] for cell in body["cells"]}))
    for row in body["verdicts"]:
        read_values(schema.Verdict, row)
    for name, table in STORED.items():
        session.flush()
        session.add_all(table(run=id, **read_values(table, row)) for row in body[name])
    session.add(schema.Note(run=id, key=imported.MARK, value=True))
    session.flush()


def read_values(table: Any, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a document's *row* as *table* takes them."""
    values = dict(row)
    if table is schema.Sample:
        latencies = values.pop("nanoseconds")
        values["latencies"] = pack(latencies)
        if len(latencies) != values["n"]:
            raise NotAnExport(f"is damaged: a cell counted {values['n']} latencies and holds {len(latencies)}")
    columns = {column.name: column for column in table.__table__.columns if column.name != "run"}
    if values.keys() != columns.keys():
        raise NotAnExport(f"has a {table.__tablename__} with other columns: {sorted(values.keys() ^ columns.keys())}")
    return {name: _value(columns[name], value) for name, value in values.items()}


def _value(column: Any, value: Any) -> Any:
    if isinstance(column.type, schema.Utc) and value is not None:
        return datetime.fromisoformat(value)
    wanted = column.type.python_type if not isinstance(column.type, JSON) else object
    if value is None and column.nullable:
        return None
    fits = isinstance(value, wanted) or (wanted is float and isinstance(value, int))
    if not fits or (wanted is int and abs(value) > imported.LARGEST):
        raise NotAnExport(f"has {value!r} where {column.table.name}.{column.name} belongs")
    return value
