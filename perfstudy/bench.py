"""The workbench of a notebook: a lab with one data set, and everything that a cell may ask of it."""

import atexit
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

from perfstudy import displays
from perfstudy.cachebench import CacheBench
from perfstudy.client import Client, listing
from perfstudy.lab import Database, Lab, Service
from perfstudy.measure.runner import Copies, Runner
from perfstudy.measure.scenario import QUESTIONS, scenario
from perfstudy.measure.study import Study, arms
from perfstudy.measure.witness import look
from perfstudy.results import Run, Store
from perfstudy.variant import BASELINE, Variant, parse

Named = Variant | str


class Bench:
    """A lab with a working copy of *scale* for each state of the schema; it ends with the kernel.

    >>> bench = Bench("tiny")                                                       # doctest: +SKIP
    >>> bench.look("index", "page")                                                 # doctest: +SKIP
    """

    def __init__(self, scale: str = "tiny", *, blocks: int = 3, tenant: str | None = None) -> None:
        self.scale = scale
        self.blocks = blocks
        self._stack = ExitStack()
        atexit.register(self.close)
        self._lab = self._stack.enter_context(Lab.start())
        self._copies = Copies(self._lab, self._stack)
        self._served: tuple[str, ExitStack, Service] | None = None
        self.tenant = tenant or self.database().facts.tenant
        self.cache = CacheBench(self, self._lab)

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
        """Return the working copy in the schema of *variant*."""
        return self._copies(self.scale, _variant(variant))

    def get(self, variant: Named = BASELINE, target: str | None = None, **parameters: object) -> displays.Answer:
        """Ask *variant*, served in a process of its own, for the listing with these parameters, or for *target*."""
        service = self.serve(variant)
        with Client(service.url, service.token(self.tenant)) as client:
            return displays.Answer(client.get(target or listing(**parameters)))

    def serve(self, variant: Named) -> Service:
        """Return the running service of *variant*; one at a time is kept running."""
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

    def look(self, variant: Named = BASELINE, request: str = "page", temperature: str = "cold") -> displays.Look:
        """Return what one request of the scenario *request* does under *variant*."""
        chosen = _variant(variant)
        seen = look(self._lab, self.database(chosen), chosen, scenario(request))
        return displays.look(chosen.name, next(one for one in seen if one.temperature == temperature))

    def run(
        self,
        *variants: Named,
        scenarios: Iterable[str] = QUESTIONS,
        blocks: int | None = None,
        requests: int = 20,
        name: str = "notebook",
    ) -> Run:
        """Measure *variants* and the baseline, with its twin, in randomised blocks, and return the stored run."""
        chosen = dict.fromkeys([BASELINE, *map(_variant, variants)])
        study = Study(
            name=name,
            title="Measured in a notebook",
            arms=arms(chosen),
            scenarios=tuple(scenarios),
            scales=(self.scale,),
            blocks=blocks or self.blocks,
            requests=requests,
            least=min(5, requests),
            seconds=1.0,
            costs=False,
        )
        store = Store.open()
        runner = Runner(self._lab, store)
        run = runner.start(study, seed=1)
        runner.fill(run, self._copies)
        return store.run(run)

    def indexes(self, variant: Named = BASELINE) -> displays.Grid:
        """Return the indexes of the programs' table in the schema of *variant*, with their sizes."""
        rows = self._query(
            self.database(variant).url,
            "SELECT indexrelname, pg_size_pretty(pg_relation_size(indexrelid)) FROM pg_stat_user_indexes"
            " WHERE relname = 'ads_programregistry' ORDER BY indexrelname",
        )
        return displays.Grid([{"index": name, "size": size} for name, size in rows])

    @staticmethod
    def _query(url: str, sql: str) -> list[Any]:
        import psycopg

        with psycopg.connect(url) as connection:
            return connection.execute(sql.encode()).fetchall()


def _variant(named: Named) -> Variant:
    return parse(named) if isinstance(named, str) else named
