"""The lab's databases: a template for each scale, built once, and working copies.

A comment on each says that it is the lab's, what it is and who owns it; a database without one is never dropped.
The owner of a working copy holds an advisory lock for as long as it lives, so that orphans are recognised.
"""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from perfstudy.lab.configuration import FILE_COPY_METHOD
from perfstudy.model.service import Progress, Resumable

if TYPE_CHECKING:
    import psycopg

    from perfstudy.lab.access import Postgres
    from perfstudy.lab.state import State
    from perfstudy.model.service import DataSet

PREFIX = "perfstudy_"
MARK = "made by perfstudy"
COPY, BUILDING, TEMPLATE = "working copy", "unfinished template", "template"


class Databases:
    """Creates and drops databases of *data* on *postgres* for the lab of *state*."""

    def __init__(self, postgres: "Postgres", state: "State", data: "DataSet") -> None:
        self.postgres = postgres
        self._data = data
        self.home = state.secret("identity")[:8]
        self.intents = state.folder / "creating"
        self.intents.mkdir(mode=0o700, exist_ok=True)
        self.owner = secrets.randbits(62)
        self._connection: psycopg.Connection[Any] | None = None

    @property
    def connection(self) -> "psycopg.Connection[Any]":
        """The connection that holds the lock.

        Both are created again if the server has restarted.
        """
        if self._connection is None or self._connection.closed or self._connection.broken:
            self._connection = self.postgres.connect()
            self._connection.execute("SELECT pg_advisory_lock(%s)", (self.owner,))
        return self._connection

    def copy(self, scale: str, progress: Progress, data: "DataSet | None" = None) -> str:
        """Return the name of a new working copy of *scale*, loaded by *data*.

        Its template is built if there is none.
        """
        template = self.template(scale, progress, data)
        name = unique_name(scale)
        progress(f"copying {scale}", 0, 1)
        with self._creating(name, COPY):
            self._copy_files(name, template)
        self.postgres.hand_over(name)
        progress(f"copying {scale}", 1, 1)
        return name

    def template(self, scale: str, progress: Progress, data: "DataSet | None" = None) -> str:
        """Return the name of the complete template of *scale*.

        It is built here, or by another process that began earlier.
        """
        loader = data or self._data
        name = name_template(loader, scale)
        if name in self.ours():
            return name
        lock = compute_lock(name)
        self._wait_for(lock, scale, progress)
        try:
            if name not in self.ours():
                self._build(name, scale, progress, loader)
        finally:
            self._unlock(lock)
        return name

    def ours(self) -> dict[str, str]:
        """Return the comment of each database of the lab."""
        rows = self.connection.execute(
            "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database WHERE starts_with(datname, %s)",
            (PREFIX,),
        )
        mark = f"{MARK}: "
        return {name: text.removeprefix(mark) for name, text in rows if (text or "").startswith(mark)}

    def drop(self, name: str) -> None:
        """Drop the database *name* if it is the lab's, even with clients connected."""
        what = self.ours().get(name)
        if what is not None:
            self._drop(name, is_template=what.startswith(f"{TEMPLATE};"))

    def sweep(self) -> None:
        """Drop the working copies and half-built templates of processes that have ended.

        A template whose load can be resumed is kept, and one that another process resumes is left alone.
        """
        ours = self.ours()
        for name, what in ours.items():
            kind, _, rest = what.partition("; owner ")
            if kind == COPY and self._has_ended(rest.partition(";")[0]):
                self.drop(name)
            elif kind.startswith(BUILDING):
                self._sweep_unfinished(name, kind, rest.partition(";")[0])
        for intent in self.intents.iterdir():
            if self._has_ended(intent.read_text()):
                if intent.name not in ours:
                    self._drop(intent.name)
                intent.unlink(missing_ok=True)

    def close(self) -> None:
        """Release the lock and the connection."""
        if self._connection is not None:
            self._connection.close()

    def _build(self, name: str, scale: str, progress: Progress, loader: "DataSet") -> None:
        """Load *scale* under a name of its own, and rename it to *name* when complete."""
        if loader is self._data:  # arms have data of their own, side by side
            self._drop_outdated(scale)
        kind = f"{BUILDING}; of {name}"
        building = self._find_unfinished(name, loader)
        if building is None:
            building = unique_name(f"building_{scale}")
            with self._creating(building, kind):
                self._execute(f"CREATE DATABASE {{}} TEMPLATE template0 ENCODING 'UTF8' {self._locale()}", building)
        else:
            self._describe(building, kind)
        try:
            loader.load(self.postgres.socket_url(building), scale, progress)
            self._execute("ALTER DATABASE {} IS_TEMPLATE true ALLOW_CONNECTIONS false", building)
            self._describe(building, TEMPLATE)
            self._execute("ALTER DATABASE {} RENAME TO {}", building, name)
        except BaseException:
            with suppress(Exception):  # a server that has gone: the next sweep decides
                if not can_resume(self.postgres.socket_url(building), name, loader):
                    self.drop(building)
            raise

    def _find_unfinished(self, template: str, loader: "DataSet") -> str | None:
        """Return the database in which the load of *template* was interrupted.

        None if there is none to resume; what cannot be resumed is dropped. The caller holds the template's lock.
        """
        for name, what in self.ours().items():
            if what.startswith(f"{BUILDING}; of {template};"):
                if can_resume(self.postgres.socket_url(name), template, loader):
                    return name
                self.drop(name)
        return None

    def _sweep_unfinished(self, name: str, kind: str, owner: str) -> None:
        """Drop the unfinished template *name*, unless it is loaded or can be resumed."""
        template = kind.partition("; of ")[2]
        lock = compute_lock(template)
        if self._has_ended(owner) and self._try_lock(lock):
            try:
                if not can_resume(self.postgres.socket_url(name), template, self._data):
                    self.drop(name)
            finally:
                self._unlock(lock)

    def _drop(self, name: str, *, is_template: bool = False) -> None:
        if is_template:
            self._execute("ALTER DATABASE {} IS_TEMPLATE false", name)
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _drop_outdated(self, scale: str) -> None:
        """Drop the templates of *scale* that this home built from other seeds."""
        for name, what in self.ours().items():
            if name.startswith(f"{PREFIX}template_{scale}_") and what.endswith(f"; home {self.home}"):
                self.drop(name)

    @contextmanager
    def _creating(self, name: str, kind: str) -> Iterator[None]:
        """Set the lab's comment on the database that the block creates.

        The comment cannot be set in one statement with the creation, and a server finishes a creation whose client was
        killed. So the intent is recorded before, for the next sweep; *name* is random, so it cannot be another one's.
        """
        intent = self.intents / name
        intent.write_text(str(self.owner))
        yield
        self._describe(name, kind)
        intent.unlink(missing_ok=True)

    def _copy_files(self, name: str, template: str) -> None:
        """Copy *template*'s files, sharing their blocks where possible.

        Server and file system must both support it.
        """
        import psycopg

        statement = "CREATE DATABASE {} TEMPLATE {}"
        if self.connection.info.server_version >= 150000:
            statement += " STRATEGY FILE_COPY"
        try:
            self.connection.execute("SELECT set_config('file_copy_method', %s, false)", (FILE_COPY_METHOD,))
            self._execute(statement, name, template)
        except psycopg.Error:
            with suppress(psycopg.Error):
                self.connection.execute("RESET file_copy_method")
            self._execute(statement, name, template)

    def _locale(self) -> str:
        """Return the clause for the same sort order on all servers.

        They must know the built-in locale.
        """
        if self.connection.info.server_version >= 170000:
            return "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
        return "LOCALE 'C'"

    def _describe(self, name: str, kind: str) -> None:
        from psycopg import sql

        text = f"{MARK}: {kind}; owner {self.owner}; home {self.home}"
        self.connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(text)))

    def _execute(self, statement: str, *names: str) -> None:
        from psycopg import sql

        self.connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _wait_for(self, lock: int, scale: str, progress: Progress) -> None:
        if not self._try_lock(lock):
            progress(f"waiting for another process that builds {scale}", 0, 1)
            self.connection.execute("SELECT pg_advisory_lock(%s)", (lock,))
            progress(f"waiting for another process that builds {scale}", 1, 1)

    def _has_ended(self, owner: str) -> bool:
        """Return whether *owner*'s lock is free.

        Our own counts as taken.
        """
        if not owner.isdigit() or int(owner) == self.owner:
            return False
        if not self._try_lock(int(owner)):
            return False
        self._unlock(int(owner))
        return True

    def _try_lock(self, lock: int) -> bool:
        row = self.connection.execute("SELECT pg_try_advisory_lock(%s)", (lock,)).fetchone()
        return row is not None and bool(row[0])

    def _unlock(self, lock: int) -> None:
        self.connection.execute("SELECT pg_advisory_unlock(%s)", (lock,))


def name_template(data: "DataSet", scale: str) -> str:
    """Return the name of the template of *scale*, which changes with its checksum."""
    return f"{PREFIX}template_{scale}_{data.checksum(scale)[:12]}"


def compute_lock(template: str) -> int:
    """Return the advisory lock of who builds *template*."""
    return int.from_bytes(hashlib.sha256(template.encode()).digest()[:7])


def can_resume(url: str, template: str, data: "DataSet") -> bool:
    """Return whether *data* can continue the load of *template* at *url*."""
    scale = template.removeprefix(f"{PREFIX}template_").rpartition("_")[0]
    if scale not in data.rows or name_template(data, scale) != template:
        return False
    return isinstance(data, Resumable) and data.can_resume(url, scale)


def unique_name(name: str) -> str:
    """Return a unique name for a database."""
    return f"{PREFIX}{name}_{secrets.token_hex(8)}"
