"""A bench of another tenant than the reference one: what it says and what it measures are of the same tenant."""

from pathlib import Path

import psycopg
import pytest

from perfstudy.errors import UsageError
from perfstudy.lab import Database
from perfstudy.listing.workbench.bench import Bench


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


def test_all_that_a_bench_does_is_of_its_tenant(second: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERFSTUDY_STORE", str(tmp_path / "store.sqlite"))
    bench = Bench("tiny", blocks=1, tenant=second)
    try:
        facts = bench.database("related").facts
        answered = bench.get("related", limit=1, program_status="ALL").document["total_count"]
        assert (facts.tenant, facts.programs) == (second, answered)
        assert f"tenant {second}: {answered:,} programs, {facts.current:,} of them current" in repr(bench)
        assert bench.get("related", limit=1).document["total_count"] == facts.current
        plans = bench.look("related").plans
        assert any(second in plan.sql for plan in plans) or all("username" in plan.sql for plan in plans)
        run = bench.run("related", scenarios=["page"], requests=1)
        assert run.notes["tenant"] == second
    finally:
        bench.close()
