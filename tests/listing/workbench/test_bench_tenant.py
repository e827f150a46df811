"""A bench of another tenant than the reference one: what it says and what it measures are of the same tenant."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from perfstudy.errors import UsageError
from perfstudy.lab import RunningService
from perfstudy.listing.lab import Database
from perfstudy.listing.workbench.bench import Bench
from perfstudy.measure.resuming import check_tenant
from perfstudy.results.remarks import TENANT, remarks


@pytest.fixture(scope="module")
def second(tiny: Database) -> str:
    """Return the tenant with most programs after the reference tenant."""
    with psycopg.connect(tiny.url) as connection:
        row = connection.execute(
            "SELECT username FROM ads_programregistry WHERE username <> %s "
            "GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1",
            (tiny.facts.tenant,),
        ).fetchone()
    assert row
    return str(row[0])


def test_an_unknown_tenant_is_refused_with_one_that_is_known() -> None:
    with pytest.raises(UsageError, match="tenant 'nobody' has no programs at scale 'tiny': name another, such as"):
        Bench("tiny", tenant="nobody")


@pytest.fixture(scope="module")
def bench(second: str) -> Iterator[Bench]:
    """A bench of that tenant."""
    bench = Bench("tiny", blocks=1, tenant=second)
    yield bench
    bench.close()


def test_facts_and_answers_are_of_its_tenant(bench: Bench, tiny: Database) -> None:
    facts = bench.database("related").facts
    with psycopg.connect(tiny.url) as connection:
        counted = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE status = 'CURRENT'), count(DISTINCT NULLIF(yelp_business_id, '')) "
            "FROM ads_programregistry WHERE username = %s",
            (bench.tenant,),
        ).fetchone()
    assert (facts.programs, facts.current, len(facts.businesses)) == counted
    assert f"tenant {bench.tenant}: {facts.programs:,} programs, {facts.current:,} of them current" in repr(bench)
    every = bench.get("related", limit=1, program_status="ALL").document["total_count"]
    assert (every, bench.get("related", limit=1).document["total_count"]) == (facts.programs, facts.current)


def test_evidence_is_of_its_tenant(bench: Bench) -> None:
    named = [re.findall(r"username\)?(?:::text)? = '([^']*)'", str(seen.plan)) for seen in bench.look("related").plans]
    assert {name for names in named for name in names} == {bench.tenant}
    assert f"'{bench.tenant}'" in bench.plan().sql


def test_counts_of_connections_are_of_its_tenant(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What asks for connections and memory takes a token: every one of them is of the bench's tenant."""
    tokens, real = [], RunningService.token
    monkeypatch.setattr(RunningService, "token", lambda service, tenant: tokens.append(tenant) or real(service, tenant))
    bench.connections("related", requests=2)
    bench.memory("related", request="page")
    assert set(tokens) == {bench.tenant}


def test_a_run_of_another_tenant_says_so(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERFSTUDY_STORE", str(tmp_path / "store.sqlite"))
    run = bench.run("related", scenarios=["page"], requests=1)
    assert run.notes[TENANT] == bench.tenant
    assert any(f"tenant {bench.tenant!r} was measured" in line for line in remarks(run))
    with pytest.raises(UsageError, match="the published results are of the reference tenant"):
        Bench.against(run)
    with pytest.raises(UsageError, match="only the bench that began it goes on with it"):
        check_tenant(run, given=False)
