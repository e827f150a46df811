"""Migration operations that build indexes without blocking writers.

A partitioned table's index cannot be built or dropped concurrently, so there it is done in one blocking statement.
"""

from enum import Enum
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import transaction
from django.db.migrations.operations import AddIndex, RemoveIndex
from django.db.models import Index, Model

from perfstudy.listing.service.ads.partitions import is_partitioned


class Left(Enum):
    """What an earlier attempt to build an index has left behind."""

    NOTHING = "nothing"
    INVALID = "an invalid index, which every write keeps up to date and no query uses"
    VALID = "the index itself, without a record of the migration"


STATE = """
    SELECT x.indisvalid FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
    WHERE x.indrelid = to_regclass(%s) AND i.relname = %s
"""


class AddIndexWhileWriting(AddIndexConcurrently):
    """Add an index without blocking writers, replacing one that is invalid.

    A CREATE INDEX CONCURRENTLY that fails half way leaves an invalid index behind (PostgreSQL's manual, CREATE INDEX,
    "Building Indexes Concurrently"), which has to be dropped before the next attempt.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Build the index, unless it exists."""
        if not schema_editor.collect_sql:
            model = to_state.apps.get_model(app_label, self.model_name)
            if healed(schema_editor, model, self.index) is Left.VALID:
                return
        where = choose(self, AddIndex, schema_editor)
        where.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Remove the index."""
        where = choose(self, AddIndex, schema_editor)
        where.database_backwards(app_label, schema_editor, from_state, to_state)


class RemoveIndexWhileWriting(RemoveIndexConcurrently):
    """Remove an index without blocking writers; reverse as the other one adds it.

    See :class:`AddIndexWhileWriting`.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Remove the index."""
        where = choose(self, RemoveIndex, schema_editor)
        where.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Rebuild the index, unless it exists."""
        if not schema_editor.collect_sql:
            model = to_state.apps.get_model(app_label, self.model_name)
            index = to_state.models[app_label, self.model_name_lower].get_index_by_name(self.name)
            if healed(schema_editor, model, index) is Left.VALID:
                return
        where = choose(self, RemoveIndex, schema_editor)
        where.database_backwards(app_label, schema_editor, from_state, to_state)


def choose(operation: Any, plain: type[Any], schema_editor: Any) -> Any:
    """Return *operation* as Django has it: concurrent, or *plain* where partitioned."""
    order = type(operation).__mro__
    before = order[order.index(plain) - 1] if is_partitioned(schema_editor.connection) else order[0]
    return super(before, operation)


def healed(schema_editor: Any, model: type[Model], index: Index) -> Left:
    """Return the state of *index* after dropping an invalid one."""
    found = left(schema_editor.connection, model, index.name)
    if found is Left.INVALID:
        schema_editor.remove_index(model, index, concurrently=True)
        return Left.NOTHING
    return found


def left(connection: Any, model: type[Model], name: str) -> Left:
    """Return the state of the index *name* once no session is building it.

    The build of a client that was killed continues in its server. The lock that is taken here is the one that a build
    holds; it does not block writers.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN SHARE UPDATE EXCLUSIVE MODE")
        cursor.execute(STATE, (table, name))
        row = cursor.fetchone()
    if row is None:
        return Left.NOTHING
    return Left.VALID if row[0] else Left.INVALID
