"""The open loop against a real server: freezes, overload, failures, and what is said of them."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfstudy.drivers.load import (
    Limit,
    Load,
    Tally,
    client,
    draw_arrivals,
    find_capacity,
    generate_load,
    merge_tallies,
    open_loop,
    restore_tally,
    run_open_loop,
)
from perfstudy.drivers.load.connection import parse_target
from perfstudy.drivers.load.tally import read_tally
from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.lab.server import free_ports

from .server import serving


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving() as (url, _):
        yield url


def load(url: str, path: str = "/", **changed: object) -> Load:
    given = {"rate": 200.0, "duration": 0.5, "arrivals": "constant", "connections": 20}
    return Load(target=parse_target(url, path), **given | changed)  # type: ignore[arg-type]


def test_constant_arrivals_are_spaced_alike() -> None:
    assert list(draw_arrivals("constant", 4, 1)) == [0, 0.25, 0.5, 0.75]
    assert len(list(draw_arrivals("constant", 1000, 10))) == 10_000


def test_poisson_arrivals_have_exponential_gaps() -> None:
    due = list(draw_arrivals("poisson", 100, 200, seed=3))
    gaps = [later - one for one, later in pairwise(due)]
    assert len(due) == pytest.approx(20_000, abs=4 * 20_000**0.5)
    assert mean(gaps) == pytest.approx(0.01, rel=0.05)
    # Of an exponential distribution 1/e lies above the mean.
    assert sum(gap > 0.01 for gap in gaps) / len(gaps) == pytest.approx(0.368, abs=0.02)
    assert due == list(draw_arrivals("poisson", 100, 200, seed=3)) != list(draw_arrivals("poisson", 100, 200, seed=4))


def test_every_request_is_answered_and_counted(url: str) -> None:
    for path in ("/", "/chunked", "/once"):
        tally = run_open_loop(load(url, path))
        assert tally.due == tally.answered == len(tally.latency) == len(tally.lag) == 100
        assert tally.outcomes == {"200": 100}
        assert tally.failed == tally.dropped == tally.outstanding == 0


def test_failures_are_counted_by_kind_and_have_no_latency(url: str) -> None:
    for path, outcome in (("/busy", "503"), ("/break", "broken")):
        tally = run_open_loop(load(url, path))
        assert tally.outcomes == {outcome: 100}
        assert tally.failed == 100
        assert len(tally.latency) == 0
        assert tally.summary()["latency"] is None


def test_a_freeze_is_felt_by_all_who_came_meanwhile() -> None:
    """What is due while the service is frozen is answered after that, so it waits at least until then.

    Of 200 requests in two seconds, the 100 that were due last before the end of the freeze are the half that waits
    least of those that were due in it, or nearly; a closed loop would say a millisecond for all.
    """
    with serving() as (url, process):
        tally, length = asyncio.run(frozen(load(url, rate=100, duration=2, connections=10), process.pid, 0.4, 1.2))
    assert tally.due == tally.answered == 200
    waits = [length - number / 100 for number in range(1, int(length * 100))]  # the least wait of each, longest first
    waits += [0.0] * (200 - len(waits))
    for percent in (50, 75, 99):
        assert tally.latency.quantile(percent) >= 0.98 * waits[200 * (100 - percent) // 100 + 1]
    assert tally.latency.quantile(50) < tally.latency.quantile(99)
    assert tally.stall >= 0.98 * (length - 0.02)


async def frozen(load: Load, pid: int, since: float, seconds: float) -> tuple[Tally, float]:
    """Generate *load* while the process *pid* is frozen; the tally, and for how long it was frozen."""
    tally, loop, moments = load.tally(), asyncio.get_running_loop(), list[float]()

    def stop() -> None:
        os.kill(pid, signal.SIGSTOP)
        moments.append(loop.time())

    def resume() -> None:
        moments.append(loop.time())
        os.kill(pid, signal.SIGCONT)

    loop.call_later(since, stop)
    loop.call_later(since + seconds, resume)
    await generate_load(load, tally)
    return tally, moments[1] - moments[0]


def test_no_latency_is_claimed_where_the_backlog_grows(url: str) -> None:
    tally = run_open_loop(load(url, "/one-by-one", rate=120, duration=0.6))
    assert tally.due == tally.answered
    assert "does not keep up" in tally.saturated or "generator itself" in tally.saturated
    assert tally._grows()
    assert tally.summary()["latency"] is None


@pytest.mark.parametrize("duration", [0.4, 0.6, 1.2])
def test_a_slow_service_that_keeps_up_has_no_backlog(url: str, duration: float) -> None:
    """Half a second for each answer, more than a quarter of the schedule or even all of it, and as long to the end."""
    tally = run_open_loop(load(url, "/slow", rate=50, duration=duration, connections=100))
    assert tally.outcomes == {"200": tally.due}
    assert not tally._grows()


@settings(deadline=None, max_examples=30)
@given(st.floats(0.05, 3.0), st.floats(0.0, 0.02), st.integers(20, 200))
def test_constant_latency_is_never_a_backlog(long: float, jitter: float, rate: int) -> None:
    """*long* durations for an answer, and a *jitter* between requests of that part of a quarter's length."""
    draw = Random(rate)
    ends = {due: due + 4.0 * long + draw.uniform(0, jitter) for due in draw_arrivals("constant", rate, 4.0)}
    assert not told(Tally(rate, 4.0), ends)._grows()


@settings(deadline=None, max_examples=30)
@given(st.floats(1.1, 20.0), st.floats(0.0, 12.0), st.integers(20, 200))
def test_one_queue_that_is_asked_too_much_is_a_backlog(excess: float, long: float, rate: int) -> None:
    """A service that ends an answer every *excess* gaps between requests, each after *long* seconds of its own."""
    ends, free = {}, 0.0
    for due in draw_arrivals("constant", rate, 10.0):
        free = max(free, due) + excess / rate
        ends[due] = free + long
    assert told(Tally(rate, 10.0), ends)._grows()


def told(tally: Tally, ends: dict[float, float]) -> Tally:
    """Tell *tally* of requests that are due and answered at these moments, in the order of the events."""
    events = [(due, 0, due) for due in ends] + [(end, 1, due) for due, end in ends.items()]
    for now, ended, due in sorted(events):
        if ended:
            tally.ended("200", now - due, now)
        else:
            tally.arrived(0, now)
    return tally


def test_no_latency_is_claimed_where_the_generator_is_late() -> None:
    tally = Tally(10, 1)
    for number in range(10):
        tally.arrived(0.5, number / 10)
        tally.ended("200", 0.5, number / 10)
    assert "generator itself was late" in tally.saturated


def test_a_stall_is_the_time_in_which_requests_were_due_and_none_was_answered() -> None:
    tally = Tally(10, 10)
    for due, outcome, end in ((0, "200", 0.1), (5, "200", 5.1), (6, "503", 6.1), (7, "503", 7.1), (8, "200", 8.1)):
        tally.arrived(0, due)
        tally.ended(outcome, end - due, end)
    assert tally.stall == pytest.approx(2.1)
    tally.arrived(0, 9)
    tally.ended("503", 3, 12)
    tally.abandon()
    assert tally.stall == pytest.approx(3)


def test_nobody_there_is_one_line() -> None:
    with pytest.raises(PerfstudyError, match=r"nothing answers at 127\.0\.0\.1:"):
        run_open_loop(load(f"http://127.0.0.1:{next(free_ports())}"))


def test_a_server_that_goes_away_is_counted() -> None:
    with serving() as (url, process):
        asked = load(url, duration=1)
        tally = asked.tally()

        async def killed() -> None:
            asyncio.get_running_loop().call_later(0.5, process.kill)
            await generate_load(asked, tally)

        asyncio.run(killed())
    assert tally.outcomes["200"] > 50
    assert tally.outcomes["refused"] + tally.outcomes["broken"] == tally.failed > 50


def test_a_server_that_never_answers_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel accepts the connections, and no process reads from them."""
    monkeypatch.setattr(client, "TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
        tally = run_open_loop(load(f"http://127.0.0.1:{silent.getsockname()[1]}", rate=50, duration=0.2, connections=3))
    assert tally.outcomes == {"timeout": 10}
    assert tally.dropped == tally.outstanding == 0


def test_requests_without_an_outcome_at_the_end_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_loop, "TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
        tally = run_open_loop(load(f"http://127.0.0.1:{silent.getsockname()[1]}", rate=50, duration=0.2, connections=3))
    assert tally.outcomes == {}
    assert tally.due == tally.dropped == 10
    assert "dropped" in tally.saturated or "generator itself" in tally.saturated


def test_histograms_are_added_not_averaged(tmp_path: Path) -> None:
    quick, slow = Tally(100, 1), Tally(100, 1)
    for tally, seconds, count in ((quick, 0.001, 99), (slow, 1.0, 1)):
        for _ in range(count):
            tally.arrived(0, 0.1)
            tally.ended("200", seconds, 0.1)
        tally.save(tmp_path / f"{seconds}.hgrm")
    whole = merge_tallies(restore_tally(path) for path in sorted(tmp_path.iterdir()))
    assert (whole.due, whole.answered, whole.rate) == (100, 100, 200)
    # The average of the two 99th percentiles would be half a second.
    assert whole.latency.quantile(99) == pytest.approx(0.001, rel=0.01)
    assert whole.latency.quantile(100) == pytest.approx(1.0, rel=0.01)


def test_what_is_saved_is_read_again(tmp_path: Path, url: str) -> None:
    tally = run_open_loop(load(url))
    tally.save(tmp_path / "one.hgrm")
    assert restore_tally(tmp_path / "one.hgrm").summary() == tally.summary()


@pytest.mark.parametrize("text", ["", "{}", '{"rate": 1, "duration": 1}', "[1]", "\x00"])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "other").write_text(text)
    with pytest.raises(UsageError, match="is not what `perfstudy load --save` writes"):
        restore_tally(tmp_path / "other")
    with pytest.raises(UsageError, match="cannot be read"):
        restore_tally(tmp_path / "nowhere")


def test_the_search_closes_in_on_the_capacity() -> None:
    """A service that serves 40 requests a second and no more; the steps themselves are those of a model."""

    def model(asked: Load) -> Tally:
        tally = asked.tally()
        tally.arrived(0, 0)
        tally.ended("200", 0.01 if asked.rate <= 40 else 0.5, 0.1)
        return tally

    for start in (1, 39, 40, 41, 5000):
        steps: list[float] = []
        asked = load("http://127.0.0.1:1", rate=start)
        found = find_capacity(asked, Limit.parse("p99=50ms"), lambda step: steps.append(step.rate), model)  # noqa: B023
        assert found is not None
        assert 40 / 1.05 <= found <= 40
        assert steps[0] == start


def test_a_limit_that_nothing_keeps(url: str) -> None:
    assert find_capacity(load(url, "/busy", rate=2, duration=0.5), Limit.parse("p99=50ms"), lambda step: None) is None


@pytest.mark.parametrize("text", ["", "50ms", "p99", "p99=50", "p0=1s", "p100=1s", "p99=0ms", "p99=-1s"])
def test_a_limit_that_cannot_be_read(text: str) -> None:
    with pytest.raises(UsageError, match="it has the form p99=50ms"):
        Limit.parse(text)


@pytest.mark.parametrize("name", ["rate", "duration", "connections"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_numbers_that_make_no_load(name: str, value: float) -> None:
    with pytest.raises(UsageError, match=f"the {name} is"):
        load("http://127.0.0.1:1", **{name: value})


@pytest.mark.parametrize("bad", ["127.0.0.1:80", "https://127.0.0.1", "http://", "http://127.0.0.1:x", ""])
def test_urls_that_cannot_be_asked(bad: str) -> None:
    with pytest.raises(UsageError, match="it has the form http://HOST:PORT"):
        parse_target(bad)


@pytest.mark.parametrize("bad", ["api", "/a b", "/a\r\nX: y", "/ü"])
def test_paths_and_tokens_that_cannot_be_sent(bad: str) -> None:
    with pytest.raises(UsageError, match="cannot be requested"):
        parse_target("http://127.0.0.1:1", bad)
    with pytest.raises(UsageError, match="no bearer token"):
        parse_target("http://127.0.0.1:1", "/", "a\r\nb")


def test_a_load_begins_when_it_is_told_to(url: str) -> None:
    at = time.time() + 0.3
    tally = run_open_loop(Load(target=parse_target(url, "/"), rate=100, duration=0.1, arrivals="constant", at=at))
    assert time.time() > at
    assert tally.answered == tally.due
    assert read_tally(tally.stored()).summary() == tally.summary()
