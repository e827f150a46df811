"""Prepared statements: bound by the server, and kept on the connection."""

from perfstudy.listing.requests import listing

from . import programs

PREPARED = "SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%ads_programregistry%'"


def kept(service):
    """The statements about programs that the service's connection has prepared."""
    with service.connection.cursor() as cursor:
        cursor.execute(PREPARED)
        return [statement for (statement,) in cursor.fetchall()]


def test_a_statement_is_prepared_once_whatever_its_values(inside):
    service = inside("related+values+connections+page+prepared")
    for status in ("CURRENT", "PAST", "PAUSED"):
        assert service.get(listing(limit=3, program_status=status)).status == 200
    count, rows = sorted(kept(service), key=len)
    assert "COUNT(*)" in count
    assert "WHERE" in rows
    assert {"$1" in statement and "$2" in statement for statement in (count, rows)} == {True}


def test_one_statement_serves_every_tenant(inside):
    service = inside("connections+page+json+prepared")
    for tenant in (programs.TENANT, programs.OTHER, programs.EMPTY):
        assert service.get(listing(limit=3), tenant).status == 200
    assert len(kept(service)) == 1


def test_nothing_is_prepared_otherwise(inside):
    service = inside("related+values+connections+page")
    for _ in range(3):
        service.get(listing(limit=3))
    assert kept(service) == []
