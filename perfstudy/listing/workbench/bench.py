"""The workbench of a notebook: a lab with one data set, and its queries."""

import atexit
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.evidence import indexes, memory, plans, sessions
from perfstudy.formatting import size_in_bytes
from perfstudy.lab import RunningService
from perfstudy.listing import migrations, statements
from perfstudy.listing.compiling import arm, arms
from perfstudy.listing.dataset.marker import Facts, read_tenant_facts
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.manage import manage
from perfstudy.listing.optimizations import ALL
from perfstudy.listing.requests import listing
from perfstudy.listing.scenarios import QUESTIONS, find_scenario
from perfstudy.listing.studies import declare
from perfstudy.listing.variant import BASELINE, Variant, parse
from perfstudy.listing.workbench.cache import CacheBench
from perfstudy.listing.workbench.front_end import FrontEndBench
from perfstudy.listing.workbench.operations import OperationsBench
from perfstudy.measure.copies import Copies
from perfstudy.measure.evidence_pass import collect_evidence, inspect_request
from perfstudy.measure.runner import Runner
from perfstudy.model.table import Table
from perfstudy.notebook import display, published_comparison
from perfstudy.notebook.progress import CellLine
from perfstudy.results import Run, Store
from perfstudy.results.queries import NOTEBOOK
from perfstudy.results.remarks import TENANT

Named = Variant | str


class Bench:
    """A lab with a copy of *scale* for each schema state, which ends with the kernel.

    >>> bench = Bench("tiny")                                                       # doctest: +SKIP
    >>> bench.look("index", "page")                                                 # doctest: +SKIP
    """

    def __init__(self, scale: str = "tiny", *, blocks: int = 3, tenant: str | None = None) -> None:
        self.scale = scale
        self.blocks = blocks
        self._stack = ExitStack()
        atexit.register(self.close)
        self._served: tuple[str, ExitStack, RunningService] | None = None
        self._progress = CellLine()
        self._lab = self._stack.enter_context(Lab.start(self._progress))
        self._copies = Copies(self._lab, self._stack, self._progress)
        self._facts = self._of(tenant)
        self.tenant = self._facts.tenant
        self.cache = CacheBench(self, self._lab)
        self.front_end = FrontEndBench(self)
        self.operations = OperationsBench(self, self._lab)

    def close(self) -> None:
        """Stop what this bench started; the data set stays for the next one."""
        self._stop_serving()
        self._stack.close()

    def __repr__(self) -> str:
        facts = self.database().facts
        return (
            f"scale {self.scale}: {facts.rows:,} programs; tenant {self.tenant}: {facts.programs:,} programs, "
            f"{facts.current:,} of them current, of {len(facts.businesses)} businesses"
        )

    def database(self, variant: Named = BASELINE) -> Database:
        """Return the working copy in the schema of *variant*, with its tenant's facts."""
        database = self._copy(_variant(variant))
        database.facts = self._facts
        return database

    def _copy(self, variant: Variant) -> Database:
        found = self._copies(self.scale, arm(variant))
        assert isinstance(found, Database)
        return found

    def _of(self, tenant: str | None) -> Facts:
        """Return what the scale holds for *tenant*, by default the reference tenant.

        Raises:
            UsageError: the tenant has no programs; nothing is left running.
        """
        try:
            database = self._copy(BASELINE)
            self._reference = database.facts.tenant
            return database.facts if tenant is None else read_tenant_facts(database.url, database.facts, tenant)
        except PerfstudyError:
            self.close()
            raise

    def get(self, variant: Named = BASELINE, target: str | None = None, **parameters: object) -> display.AnswerView:
        """Request the listing, or *target*, from *variant* in a process of its own.

        *parameters* are those of the listing.
        """
        service = self.serve(variant)
        with service.client(self.tenant) as client:
            return display.AnswerView(client.get(target or listing(**parameters)))

    def serve(self, variant: Named) -> RunningService:
        """Return the running service of *variant*; the one before it is stopped."""
        chosen = _variant(variant)
        if self._served is None or self._served[0] != chosen.name:
            self._stop_serving()
            stack = ExitStack()
            service = stack.enter_context(self._lab.serve(chosen, self.database(chosen)))
            self._served = chosen.name, stack, service
        return self._served[2]

    def _stop_serving(self) -> None:
        if self._served is not None:
            self._served[1].close()
            self._served = None

    def look(self, variant: Named = BASELINE, request: str = "page", temperature: str = "cold") -> display.RequestView:
        """Return what one request of the scenario *request* does under *variant*."""
        chosen = _variant(variant)
        seen = inspect_request(self._lab, self.database(chosen), arm(chosen), find_scenario(request))
        return display.show_request(chosen.name, next(one for one in seen if one.temperature == temperature))

    def run(
        self,
        *variants: Named,
        scenarios: Iterable[str] = QUESTIONS,
        blocks: int | None = None,
        requests: int = 20,
        name: str = "notebook",
    ) -> Run:
        """Measure *variants*, the baseline and its control; return the stored run.

        They are measured in randomised blocks. The run's name begins with ``notebook``, so that ``latest`` stays the
        latest study of the command line.
        """
        chosen = dict.fromkeys([BASELINE, *map(_variant, variants)])
        study = declare(
            name=name if name.startswith("notebook") else f"{NOTEBOOK}{name}",
            title="Measured in a notebook",
            arms=arms(chosen),
            scenarios=tuple(scenarios),
            scales=(self.scale,),
            blocks=blocks or self.blocks,
            requests=requests,
            least=min(5, requests),
            seconds=1.0,
            costs=None,
        )
        store = Store.open()
        runner = Runner(self._lab, store, self._progress, self._progress.step)
        run = runner.start(study, seed=1)
        if self.tenant != self._reference:
            store.note(run, TENANT, self.tenant)
        try:
            runner.fill(run, study, lambda _, chosen: self.database(parse(chosen.name)))
        finally:
            self._progress.close()
        return store.run(run)

    @staticmethod
    def against(run: Run) -> Table:
        """Compare the speed-ups of *run* with the published ones.

        Raises:
            UsageError: the run is of another tenant than the published ones.
        """
        if TENANT in run.notes:
            raise UsageError(
                f"run {run.id} measured tenant {run.notes[TENANT]!r}, and the published results are of the reference "
                "tenant: compare a run of a Bench without tenant="
            )
        return published_comparison.compare_with_published(run)

    def indexes(self, variant: Named = BASELINE) -> Table:
        """Return the indexes of the programs' table under *variant*: columns and sizes."""
        found = indexes.list_indexes(self.database(variant).url, statements.TABLE)
        return Table([{**row, "bytes": size_in_bytes(row["bytes"])} for row in found])

    def migration(self, optimization: str) -> display.TextView:
        """Return the text of the migration that *optimization* declares."""
        return display.TextView(migrations.read_migration(_schema(optimization)), "python")

    def sqlmigrate(self, optimization: str, *, backwards: bool = False) -> display.TextView:
        """Return the SQL of a migration, forwards or *backwards*, without running it."""
        name = _schema(optimization)
        return display.TextView(migrations.render_sql(self._lab, self.database(), name, backwards=backwards), "sql")

    def round_trip(self, optimization: str) -> Table:
        """Migrate a copy forwards and back again; return the state after each step."""
        _schema(optimization)
        with self._lab.database(self.scale) as database:
            return Table(list(migrations.migrate_both_ways(database, parse(optimization))))

    def plan(
        self, variant: Named = BASELINE, *, status: str = "CURRENT", sort: bool = True, limit: int | None = 20
    ) -> display.PlanView:
        """Return the plan for a page's ids of *status*, with or without sort and limit."""
        statement = statements.select_ids(self.tenant, status, sort=sort, limit=limit)
        return display.PlanView(plans.explain(self.database(variant).url, statement, seconds=plans.LIMIT), statement)

    def served(self, *variants: Named, scenarios: Iterable[str] = QUESTIONS) -> Table:
        """Return what serves each count and list of ids under each variant."""
        names = list(scenarios)
        found = [self._served_by(_variant(one), names) for one in variants]
        return Table([dict(pair for row in rows for pair in row.items()) for rows in zip(*found, strict=True)])

    def _served_by(self, variant: Variant, scenarios: list[str]) -> list[dict[str, object]]:
        database = self.database(variant)
        columns = {row["index"]: row["columns"] for row in indexes.list_indexes(database.url, statements.TABLE)}
        seen = collect_evidence(self._lab, database, arm(variant), map(find_scenario, scenarios), []).requests
        return [
            {"request": one.scenario, "asks for": kind, variant.name: indexes.list_used(plan, columns)}
            for one in seen
            for sql, plan in one.plans.items()
            if (kind := statements.classify(sql)) in ("count", "ids")
        ]

    def statements(self, *variants: Named, scenarios: Iterable[str] = QUESTIONS) -> Table:
        """Return the number of statements per cold request: a row for each variant."""
        names = list(scenarios)
        return Table([{"variant": _variant(one).short, **self._sent(_variant(one), names)} for one in variants])

    def _sent(self, variant: Variant, scenarios: list[str]) -> dict[str, object]:
        seen = collect_evidence(
            self._lab, self.database(variant), arm(variant), map(find_scenario, scenarios), []
        ).requests
        return {one.scenario: one.evidence["statement_count"] for one in seen if one.temperature == "cold"}

    def queryset(self, expression: str) -> display.TextView:
        """Return the SQL of a Django queryset of the service's models; run nothing.

        >>> bench.queryset("ProgramRegistry.objects.values('program_id')")      # doctest: +SKIP
        """
        environment = self._lab.build_environment(self.database().url, BASELINE)
        return display.TextView(
            manage(environment, "shell", "--verbosity", "0", "-c", f"print(({expression}).query)").strip(), "sql"
        )

    def memory(self, *variants: Named, request: str = "all") -> Table:
        """Return how much a new service grows during *request*: a row for each variant."""
        return Table(
            [
                {"variant": _variant(v).short, "grows by": size_in_bytes(self._growth(_variant(v), request))}
                for v in variants
            ]
        )

    def _growth(self, variant: Variant, request: str) -> int:
        database = self.database(variant)
        target = find_scenario(request).requests(database.facts, "memory", 1)[0]
        with (
            self._lab.serve(variant, database) as service,
            service.client(self.tenant) as client,
        ):
            client.get(listing(limit=20))  # so that what every request needs is loaded
            return memory.measure_growth(service, lambda: client.get(target))

    def connections(self, *variants: Named, requests: int = 20, manner: sessions.ConnectionUse = "one client") -> Table:
        """Return the connections that *requests* open and leave open, by variant."""
        return Table(
            [{"variant": _variant(v).short, **self._sessions(_variant(v), requests, manner)} for v in variants]
        )

    def _sessions(self, variant: Variant, requests: int, manner: sessions.ConnectionUse) -> dict[str, object]:
        return asdict(
            sessions.count_sessions(self._lab, self.database(variant), arm(variant), listing(limit=1), requests, manner)
        )


def _schema(optimization: str) -> str:
    """Return the migration that *optimization* declares.

    Raises:
        UsageError: there is no such optimization, or it has no migration.
    """
    for one in parse(optimization):
        if one.schema:
            return one.schema
    raise UsageError(
        f"optimization {optimization!r} has no migration; these have one: {', '.join(o.name for o in ALL if o.schema)}"
    )


def _variant(named: Named) -> Variant:
    return parse(named) if isinstance(named, str) else named
