"""Two databases, with and without the index, and the service on top of them: over HTTP, and in this process."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from uuid import uuid4

import psycopg
import pytest

from perfstudy.evidence.statements import read_statements
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.variant import BASELINE, Variant, parse

from . import programs
from .inside import Inside, django
from .outside import Outside

Environment = Callable[[Variant], dict[str, str]]


class Databases(Mapping[bool, Database]):
    """Databases of the same difficult programs: without the index, with it, and in the schema of any variant."""

    def __init__(self, lab: Lab, stack: ExitStack) -> None:
        self._lab, self._stack = lab, stack
        self._made: dict[frozenset[str], Database] = {}

    def of(self, variant: Variant) -> Database:
        """The database in the schema of *variant*, made when it is first asked for."""
        key = frozenset(o.schema for o in variant if o.schema)
        if key not in self._made:
            database = self._stack.enter_context(self._lab.database("tiny"))
            django()
            with Inside(BASELINE, self._lab.build_environment(database.url, BASELINE)) as service:
                service.migrate(key)
            assert not database.reconcile(variant), "nothing is left to migrate"
            programs.replace(database.url)
            self._made[key] = database
        return self._made[key]

    def __getitem__(self, indexed: bool) -> Database:
        return self.of(BASELINE + "index" if indexed else BASELINE)

    def __iter__(self) -> Iterator[bool]:
        return iter((False, True))

    def __len__(self) -> int:
        return 2


@pytest.fixture(scope="session")
def databases(lab: Lab) -> Iterator[Databases]:
    """Databases of the same difficult programs."""
    with ExitStack() as stack:
        yield Databases(lab, stack)


@pytest.fixture
def tenant(databases: Databases) -> Iterator[str]:
    """A tenant for a test that writes, whose programs are gone afterwards: all tests ask for the difficult programs."""
    name = f"writer-{uuid4().hex}"
    yield name
    for database in databases.values():
        with psycopg.connect(database.url) as connection:
            connection.execute("DELETE FROM ads_programregistry WHERE username = %s", [name])


@pytest.fixture(scope="session")
def environment(lab: Lab, databases: Databases) -> Environment:
    """The environment of a process that serves a variant."""

    def of(variant: Variant) -> dict[str, str]:
        prefix = f"{lab.key_prefix}:{variant.name}"
        return lab.build_environment(databases.of(variant).url, variant) | {"PERFSTUDY_KEY_PREFIX": prefix}

    return of


@pytest.fixture(scope="session")
def outside(lab: Lab, databases: Databases) -> Iterator[Callable[[str], Outside]]:
    """A function that serves a variant over HTTP, from a process that lives to the end of the session."""
    with ExitStack() as stack:
        started: dict[str, Outside] = {}

        def serve(name: str) -> Outside:
            if name not in started:
                variant = parse(name)
                served = lab.serve(variant, databases.of(variant), key_prefix=f"outside:{name}")
                started[name] = Outside(stack.enter_context(served).url, lab.secret)
            return started[name]

        yield serve


@pytest.fixture(scope="session")
def inside(environment: Environment) -> Iterator[Callable[..., Inside]]:
    """A function that builds a variant's application in this process, with a database connection of its own."""
    django()
    with ExitStack() as stack:
        built: dict[str, Inside] = {}

        def build(name: str, **changed: str) -> Inside:
            key = f"{name} {changed}"
            if key not in built:
                built[key] = stack.enter_context(Inside(parse(name), environment(parse(name)) | changed))
            return built[key]

        yield build


@pytest.fixture
def asked(inside, tmp_path):
    """A function that returns what a variant sends for a request, and its answer."""

    def ask(variant, target):
        log = tmp_path / "statements"
        log.unlink(missing_ok=True)
        answer = inside(variant, PERFSTUDY_STATEMENT_LOG=str(log)).get(target, **{"X-Request-Id": "this"})
        assert answer.status == 200
        sent = read_statements(log, "this") if log.exists() else []
        return [statement.sql for statement in sent], json.loads(answer.body)

    return ask
