"""The indexes that are dropped: what stays serves each path, and keeps what has to be unique."""

import psycopg
import pytest

from perfstudy.evidence import plans
from perfstudy.listing.compiling import arm
from perfstudy.listing.scenarios import QUESTIONS, find_scenario
from perfstudy.listing.variant import BASELINE, parse
from perfstudy.measure.evidence_pass import collect_evidence

STAY = {"username", "yelp_business_id", "status", "program_name", "start_date"}


def indexes(database):
    """The columns of each index of the programs."""
    with psycopg.connect(database.url) as connection:
        rows = connection.execute(
            """
            SELECT i.relname, x.indisunique, array_agg(a.attname ORDER BY k.place)
            FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
            CROSS JOIN unnest(x.indkey) WITH ORDINALITY AS k (number, place)
            JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.number
            WHERE x.indrelid = 'ads_programregistry'::regclass GROUP BY 1, 2
            """
        ).fetchall()
    return {name: (unique, tuple(columns)) for name, unique, columns in rows}


@pytest.fixture
def pruned(lab):
    with lab.database("tiny") as database:
        database.reconcile(BASELINE)
        before = indexes(database)
        database.reconcile(parse("prune"))
        yield database, before, indexes(database)


def test_what_stays_stands_in_for_what_went(pruned):
    _, before, after = pruned
    gone = {columns for name, (_, columns) in before.items() if name not in after}
    kept = {columns for _, columns in after.values()}
    assert len(gone) == 11
    assert {unique for name, (unique, _) in before.items() if name not in after} == {False}
    for columns in gone:
        if columns[0] == "username":  # the first two columns, or the tenant alone, lead to the programs
            assert any(other == columns[: len(other)] for other in kept), columns
    # Every other begins with something that is asked for together with the tenant only.
    assert {columns[0] for columns in gone} == {"username", "program_id", "yelp_business_id", "status"}
    assert {("username", other) for other in STAY - {"username"}} <= kept
    assert ("business_id",) in kept, "deleting a business looks for its programs"


def test_it_comes_back_as_it_was(pruned):
    database, before, _ = pruned
    database.reconcile(BASELINE)
    assert indexes(database) == before


@pytest.mark.parametrize("variant", ["related+prune", "index+related+page+prune", "json+covering+prune"])
def test_every_question_reads_indexes(lab, variant):
    with lab.database("small") as database:
        database.reconcile(parse(variant))
        found = collect_evidence(lab, database, arm(variant), map(find_scenario, QUESTIONS), []).requests
        assert [seen.scenario for seen in found] == list(QUESTIONS)
        for seen in found:
            assert any(plans.list_plan_indexes(plan) for plan in seen.plans.values()), seen.scenario
