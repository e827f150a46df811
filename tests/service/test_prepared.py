"""Prepared statements: bound by the server, and kept on the connection."""

from perfstudy.client import listing

from . import programs

TARGETS = (listing(limit=3), listing(limit=4), listing(limit=5))
MEASURED = "SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%ads_programregistry%'"


def kept(service):
    """The statements about programs that the service's connection has prepared, most used ones first."""
    with service.connection.cursor() as cursor:
        cursor.execute(MEASURED)
        return [statement for (statement,) in cursor.fetchall()]


def test_a_statement_is_prepared_once_whatever_its_values(inside):
    service = inside("related+values+connections+prepared")
    for target in TARGETS:
        assert service.get(target).status == 200
    count, ids, rows = kept(service)[:3]
    assert "COUNT(*)" in count
    assert "LIMIT $3" in ids
    assert "$2" in rows


def test_one_statement_serves_every_tenant(inside):
    service = inside("connections+json+prepared")
    for tenant in (programs.TENANT, programs.OTHER, programs.EMPTY):
        assert service.get(listing(limit=3), tenant).status == 200
    assert len(kept(service)) == 1


def test_nothing_is_prepared_otherwise(inside):
    service = inside("related+values+connections")
    for target in TARGETS:
        service.get(target)
    assert kept(service) == []
