"""The clock: spans that never overlap."""

import pytest

from perfstudy.listing.service import request_context


@pytest.fixture
def tick(monkeypatch):
    """A clock that moves by hand."""
    now = [0.0]
    monkeypatch.setattr(request_context, "perf_counter", lambda: now[0])

    def move(seconds):
        now[0] += seconds

    return move


def test_a_span_leaves_out_what_spans_within_it_took(tick):
    clock = request_context.Clock()
    with clock.span("serialize"):
        tick(1)
        with clock.span("db"):
            tick(2)
        tick(4)
        with clock.span("db"):
            tick(8)
            with clock.span("connect"):
                tick(16)
    tick(32)
    assert clock.spent == {"connect": 16, "db": 10, "serialize": 5}
    assert clock.header() == "connect;dur=16000.000, db;dur=10000.000, serialize;dur=5000.000, total;dur=63000.000"


def test_a_span_that_fails_is_counted_too(tick):
    clock = request_context.Clock()

    def fail():
        with clock.span("serialize"), clock.span("db"):
            tick(3)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with clock.span("serialize"):
        tick(1)
    assert clock.spent == {"connect": 0, "db": 3, "serialize": 1}


def test_a_new_connection_is_not_counted_as_its_first_statement(inside, tick, monkeypatch):
    service = inside("baseline")
    connect = service.connection.connect

    def slowly():
        tick(5)
        connect()

    monkeypatch.setattr(service.connection, "connect", slowly)
    timing = service.get("/api/programs").server_timing
    assert timing == {"connect": 5000, "db": 0, "serialize": 0, "total": 5000}


def test_a_kept_connection_connects_once(inside, monkeypatch):
    opened = {}
    for variant in ("baseline", "connections"):
        service = inside(variant)
        service.connection.close()
        calls, connect = [], service.connection.connect
        monkeypatch.setattr(
            service.connection, "connect", lambda calls=calls, connect=connect: (calls.append(1), connect())
        )
        for _ in range(3):
            assert service.get("/api/programs").status == 200
        opened[variant] = len(calls)
    assert opened == {"baseline": 3, "connections": 1}


def test_a_request_starts_anew(tick):
    with request_context.begin().clock.span("db"):
        tick(1)
    assert request_context.begin().clock.spent["db"] == 0
