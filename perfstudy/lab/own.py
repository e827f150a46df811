"""The lab of a service of one's own: its code, its data and its servers."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from perfstudy import paths
from perfstudy.errors import UsageError
from perfstudy.lab import access, elsewhere, launching, loaded, services
from perfstudy.lab.builds import build, find_python
from perfstudy.lab.commands import build_user_environment, run_command
from perfstudy.lab.lab import Lab
from perfstudy.lab.other_checkouts import check_imports
from perfstudy.lab.overlay import refuse_own_settings, write_settings
from perfstudy.lab.sources import Source, locate
from perfstudy.lab.working_copy import Database
from perfstudy.lab.worktrees import Tree, Worktrees
from perfstudy.model import files
from perfstudy.model.arm import Arm
from perfstudy.model.secret import Secret
from perfstudy.model.service import Progress, ignore_progress
from perfstudy.model.study import Study


class OwnLab(Lab):
    """The running stack of a study file: the servers and the arms that it declares."""

    is_own = True
    study: Study
    _progress: Progress
    _sources: dict[str, Source]
    _tokens: dict[tuple[str, str], str]
    _pythons: dict[str, str]
    _worktrees: Worktrees

    @classmethod
    def start(cls, study: Study, progress: Progress | None = None) -> Self:
        """Find or start the servers that *study* uses, and check out its arms' code.

        Raises:
            PerfstudyError: a server cannot be started, or a tree cannot be made.
            UsageError: a ref or a folder is not there.
        """
        servers = tuple(name for name in ("postgres", "redis") if study.uses(name))
        lab = cls.open(study.service, progress, servers)
        try:
            lab.study, lab._progress, lab._tokens = study, progress or ignore_progress, {}
            lab._pythons, lab._worktrees = {}, Worktrees()
            lab._sources = {arm.label: locate(arm, study, lab._worktrees, lab._progress) for arm in study.arms}
        except BaseException:
            lab.close()
            raise
        return lab

    def close(self) -> None:
        """Stop the services, and give the worktrees free; see :meth:`Lab.close`."""
        try:
            super().close()
        finally:
            if "_worktrees" in vars(self):
                self._worktrees.release()

    def describe_sources(self) -> dict[str, dict[str, Any]]:
        """Return where the code of each arm came from, by label, as it may be stored."""
        return {label: source.describe() for label, source in self._sources.items()}

    def copy(self, scale: str, arm: Arm, progress: Progress | None = None) -> Database:
        """Create the working copy of *arm* alone, from data that its own code loaded.

        Without ``{postgres}`` in the study there is none: the service uses what it is configured for.

        Raises:
            PerfstudyError: a command that loads the data failed.
        """
        if not self.has_postgres or arm.url:
            return Database(self, "", scale)
        data = loaded.LoadedData(self, arm, self._sources[arm.label])
        name = self._databases.copy(scale, progress or ignore_progress, data)
        database = Database(self, name, scale)
        self._remember(database)
        return database

    def choose_copy(self, arm: Arm) -> tuple[str, ...]:
        """Return the arm's label: each arm, the control too, has a copy of its own."""
        return (arm.label,)

    def serve(self, arm: Arm, database: Database, *where: Any, **options: Any) -> services.Served:
        """Serve *arm*, or take the service at its URL; see :meth:`Lab.serve`."""
        if arm.url:
            return elsewhere.ServedElsewhere(self.service, arm, self._sign_in(arm, database))
        return super().serve(arm, database, *where, **options)

    def build_environment(
        self, database: str, arm: Arm | None = None, redis: access.Redis | None = None, prefix: str | None = None
    ) -> dict[str, str]:
        """Return the service's environment, with the Django settings of *arm* in it.

        Raises:
            UsageError: *arm* has settings and is no Django project, or a secret is not set.
        """
        filled = super().build_environment(database, arm, self._own_redis if self.has_redis else None, prefix)
        if arm is None or not arm.settings:
            return filled
        refuse_own_settings(arm.command or self.service.command)
        scratch = self._session.scratch / f"settings-{len(self._opened)}"
        scratch.mkdir(mode=0o700, exist_ok=True)
        return filled | write_settings(scratch, self._folder(arm), arm.settings, filled)

    def run(self, command: str | tuple[str, ...], arm: Arm, database: str, private: bool = False) -> bytes:
        """Run *command* in the code of *arm* on a *database*; return what it prints.

        Of a *private* command only the errors are logged.

        Raises:
            PerfstudyError: it failed; the message has the last lines of its output.
        """
        environment = self.build_environment(database, arm)
        return run_command(
            command,
            self._values(arm, database),
            self._folder(arm),
            environment,
            files.make_folder(paths.home() / "logs") / f"{self.study.name}-{arm.name}.log",
            secrets=self._list_secrets(),
            private=private,
        )

    def start_own_redis(self) -> access.Redis:
        """Return the Redis that this study alone uses."""
        return self._own_redis

    def clear_for(self, arm: Arm, prefix: str, client: Any = None) -> None:
        """Empty the cache of *arm*, as the study says."""
        clear = self.study.caching.clear
        if callable(clear):
            clear()
        elif clear == "redis":
            with self._own_redis.client() as client:
                client.flushdb()
        elif isinstance(clear, str) and clear.startswith(("http://", "https://")):
            elsewhere.request(clear)
        else:
            self.run(clear, arm, "")

    def _list_secrets(self) -> frozenset[str]:
        """Return the values that no log may show."""
        named = [self.service.environment, *(arm.environment for arm in self.study.arms)]
        found = {value.read() for values in named for value in values.values() if isinstance(value, Secret)}
        return frozenset(found | set(self._tokens.values()))

    @cached_property
    def _own_redis(self) -> access.Redis:
        return super().start_own_redis() if self.settings["redis"] else self.redis.find_empty_database()

    def _folder(self, arm: Arm) -> Path:
        return self._sources[arm.label].folder / self.service.folder

    def _find_code(self, arm: Arm, database: Database) -> launching.Code:
        """Return the built code of *arm*."""
        values = self._values(arm, database.url)

        def inherit(**extra: str) -> dict[str, str]:
            return build_user_environment(values, extra)

        return launching.Code(values["python"], self._folder(arm), inherit, values)

    def _values(self, arm: Arm, database: str) -> dict[str, str]:
        """Return what the commands of *arm* have to fill in."""
        values = {"python": self._find_python(arm), "study": str(Path(self.study.file).parent)}
        values |= {"scratch": str(self._session.scratch)}
        if self.has_postgres and database:
            values["postgres"] = self.postgres.service_url(database)
        if self.has_redis:
            values["redis"] = self._own_redis.url
        return values

    def _find_python(self, arm: Arm) -> str:
        """Return the interpreter of *arm*; build the arm's code first if it was not yet."""
        if arm.label not in self._pythons:
            source = self._sources[arm.label]
            if self.service.build and source.origin != "url":
                tree = source.tree or Tree(source.folder, source.sha, source.folder)
                where = f"building {arm.label}"
                self._progress(where, 0, 1)
                declared, folder = self.service.python, self.service.folder
                build(tree, self.service.build, declared, {}, lambda line: None, folder=folder)
                self._progress(where, 1, 1)
            python = find_python(self._folder(arm), self.service.python)
            if source.tree is not None:
                check_imports(python, self._folder(arm), source.tree.folder, source.tree.repository, arm.label)
            self._pythons[arm.label] = python
        return self._pythons[arm.label]

    def _make_bearer(self, arm: Arm, database: Database) -> Callable[[str], str]:
        """Return what gives the token that the login prints, once for each copy."""
        return lambda tenant: self._sign_in(arm, database)

    def _sign_in(self, arm: Arm, database: Database) -> str:
        if not self.service.login:
            return ""
        key = (arm.label, database.name)
        if key not in self._tokens:
            printed = self.run(self.service.login, arm, database.url, private=True)
            self._tokens[key] = check_token(printed, self.service.login)
        return self._tokens[key]


def check_token(printed: bytes, command: str | tuple[str, ...]) -> str:
    """Return the token that the login *command* printed, its last line.

    Raises:
        UsageError: it printed none, or what no header can carry.
    """
    lines = [line.strip() for line in printed.decode("latin-1").splitlines() if line.strip()]
    if not lines:
        raise UsageError(f"the login {command!r} printed nothing: let it print the token of a user who may ask")
    if not lines[-1].isascii() or not lines[-1].isprintable() or " " in lines[-1]:
        raise UsageError(f"the last line that the login {command!r} printed is no bearer token: print it alone")
    return lines[-1]
