"""Connections of a real service, as PostgreSQL counts them."""

import pytest

from perfstudy.errors import UsageError
from perfstudy.evidence.sessions import ConnectionUse, Sessions, count_sessions
from perfstudy.listing.compiling import arm
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import BASELINE, parse

TARGET = listing(limit=1)
REQUESTS = 5


def test_without_persistent_connections_every_request_opens_one(lab: Lab, tiny: Database) -> None:
    tiny.reconcile(BASELINE)
    assert count_sessions(lab, tiny, arm(BASELINE), TARGET, REQUESTS, "one client") == Sessions(opened=REQUESTS, open=0)


def test_the_development_server_keeps_one_for_each_client(lab: Lab, tiny: Database) -> None:
    tiny.reconcile(BASELINE)
    persistent = parse("connections")
    assert count_sessions(lab, tiny, arm(persistent), TARGET, REQUESTS, "one client") == Sessions(opened=1, open=1)
    assert count_sessions(lab, tiny, arm(persistent), TARGET, REQUESTS, "a client each").opened == REQUESTS
    assert count_sessions(lab, tiny, arm(persistent), TARGET, REQUESTS, "at once") == Sessions(
        opened=REQUESTS, open=REQUESTS
    )


@pytest.mark.parametrize("manner", ["a client each", "at once"])
def test_gunicorn_keeps_one_for_each_worker(lab: Lab, tiny: Database, manner: ConnectionUse) -> None:
    tiny.reconcile(BASELINE)
    found = count_sessions(lab, tiny, arm(parse("connections+gunicorn")), TARGET, REQUESTS, manner)
    assert found.opened <= 2
    assert 1 <= found.open <= 2


def test_a_pool_opens_fewer_than_there_are_clients(lab: Lab, tiny: Database) -> None:
    tiny.reconcile(BASELINE)
    assert count_sessions(lab, tiny, arm(parse("pool")), TARGET, 2 * REQUESTS, "a client each").opened < 2 * REQUESTS


def test_an_unknown_manner_is_named(lab: Lab, tiny: Database) -> None:
    with pytest.raises(UsageError, match="at onec"):
        count_sessions(lab, tiny, arm(BASELINE), TARGET, 1, "at onec")  # type: ignore[arg-type]
