"""The protocol of marks on a real server: whatever overlaps, no answer is older than an acknowledged write."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import time
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Unreachable
from redis.retry import Retry

from perfstudy.lab import processes
from perfstudy.lab.ports import free_ports
from perfstudy.listing.lab import Lab
from perfstudy.listing.versioned_cache import VERSION, VERSION_SECONDS, WRITE_LOCK_SECONDS, WRITE_LOCKED, VersionedCache

TENANT, NAMES = "t", ("page", "whole")
names = st.sampled_from(NAMES)

Make = Callable[[], VersionedCache]


@pytest.fixture(scope="module")
def redis(lab: Lab) -> Iterator[Redis]:
    with Redis.from_url(lab.redis.url, retry=Retry(NoBackoff(), 0)) as client:
        yield client


@pytest.fixture
def make(lab: Lab, redis: Redis) -> Iterator[Make]:
    """A function that gives marks under a prefix of their own."""
    below = f"{lab.key_prefix}:marks"
    yield lambda: VersionedCache(redis, f"{below}:{uuid4().hex}:", b"secret")
    lab.clear_cache(below)


class Protocol(RuleBasedStateMachine):
    """One tenant, whose data are a version number; writers and readers as slow, and as mortal, as they can be."""

    kind: type[VersionedCache] = VersionedCache
    redis: Redis
    prefix: str

    readers, informed = Bundle("readers"), Bundle("informed")
    closed, committed = Bundle("closed"), Bundle("committed")

    def __init__(self) -> None:
        super().__init__()
        self.marks = self.kind(self.redis, f"{self.prefix}:{uuid4().hex}:", b"secret")
        self.version = self.acknowledged = 0
        self.near: dict[str, tuple[str, bytes]] = {}

    @rule(target=closed)
    def begin(self) -> AbstractContextManager[None]:
        writing = self.marks.writing(TENANT)
        writing.__enter__()
        return writing

    @rule(target=committed, writing=consumes(closed))
    def commit(self, writing: Any) -> tuple[Any, int]:
        self.version += 1
        return writing, self.version

    @rule(written=consumes(committed))
    def acknowledge(self, written: tuple[Any, int]) -> None:
        writing, version = written
        writing.__exit__(None, None, None)
        self.acknowledged = max(self.acknowledged, version)

    @rule(writing=consumes(closed))
    def fail(self, writing: Any) -> None:
        assert not writing.__exit__(ValueError, ValueError(), None)

    @rule(writing=consumes(closed))
    def die(self, writing: Any) -> None:
        self.keep_alive = writing  # not closed by the collector either

    @rule(target=readers, name=names)
    def ask(self, name: str) -> tuple[str, str | None]:
        entry = self.marks.get(TENANT, name)
        assert entry.payload is None or int(entry.payload) >= self.acknowledged
        return name, entry.mark

    @rule(target=informed, reader=consumes(readers))
    def look(self, reader: tuple[str, str | None]) -> tuple[str, str | None, int]:
        return *reader, self.version

    @rule(reader=informed)
    def keep(self, reader: tuple[str, str | None, int]) -> None:
        name, mark, version = reader
        if mark is not None:
            self.marks.put(mark, name, str(version).encode(), 60)

    @rule(name=names)
    def hold(self, name: str) -> None:
        """Hold what is kept in the process too, as a near cache does."""
        entry = self.marks.get(TENANT, name)
        if entry.mark is not None and entry.payload is not None:
            self.near[name] = entry.mark, entry.payload

    @rule(name=names)
    def answer(self, name: str) -> None:
        mark, payload = self.near.get(name, (None, b""))
        assert mark is None or self.marks.mark(TENANT) != mark or int(payload) >= self.acknowledged

    @rule(which=st.sampled_from(("mark", *NAMES)))
    def lose(self, which: str) -> None:
        """Evict or expire a key; the server does the same for both."""
        self.redis.delete(self.marks._mark(TENANT) if which == "mark" else self.marks._entry(which))

    @invariant()
    def no_answer_is_older(self) -> None:
        if self.redis.exists(self.marks._mark(TENANT)):  # asking would draw one
            for name in NAMES:
                payload = self.marks.get(TENANT, name).payload
                assert payload is None or int(payload) >= self.acknowledged


class Early(VersionedCache):
    """Opens the tenant before the write is committed, and not after it."""

    def writing(self, tenant: str) -> Any:
        with super().writing(tenant):
            return nullcontext()


class Counting(VersionedCache):
    """Counts writes where a mark should be random, so that one that was lost returns."""

    @contextmanager
    def writing(self, tenant: str) -> Iterator[None]:
        yield
        self._redis.set(self._mark(tenant), _numbered(int(self._drawn(tenant)) + 1))

    def _drawn(self, tenant: str) -> bytes:
        self._redis.set(self._mark(tenant), _numbered(0), nx=True)
        return bytes(self._redis.get(self._mark(tenant)))  # type: ignore[arg-type]


def _numbered(number: int) -> bytes:
    return b"%016d" % number


def run(lab: Lab, redis: Redis, kind: type[VersionedCache], examples: int) -> None:
    machine = type("Machine", (Protocol,), {"kind": kind, "redis": redis, "prefix": f"{lab.key_prefix}:protocol"})
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=examples,
                stateful_step_count=40,
                deadline=None,
                phases=[Phase.generate],
                database=None,
                derandomize=True,  # which examples find a weaker protocol out must not be left to luck
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        lab.clear_cache(f"{lab.key_prefix}:protocol")


def test_no_read_is_older_than_an_acknowledged_write(lab: Lab, redis: Redis) -> None:
    run(lab, redis, VersionedCache, 100)


@pytest.mark.parametrize("kind", [Early, Counting])
def test_a_weaker_protocol_is_found_out(lab: Lab, redis: Redis, kind: type[VersionedCache]) -> None:
    with pytest.raises(AssertionError):
        run(lab, redis, kind, 2_000)


def test_an_entry_is_kept_under_its_mark(make: Make) -> None:
    marks = make()
    first = marks.get(TENANT, "page")
    assert first.mark is not None
    assert first.payload is None
    marks.put(first.mark, "page", b"one", 60)
    assert marks.get(TENANT, "page")[:2] == (first.mark, b"one")
    assert marks.get("another", "page").payload is None


def test_an_entry_is_due_in_the_last_part_of_its_life(
    make: Make, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = make()
    mark = marks.get(TENANT, "page").mark
    assert mark is not None
    for early, due in ((0.1, False), (2, True)):
        monkeypatch.setattr("perfstudy.listing.versioned_cache.REFRESH_FACTOR", early)
        marks.put(mark, "page", b"one", 60)
        entry = marks.get(TENANT, "page")
        assert entry[:2] == (mark, b"one")
        assert (entry.due <= time()) == due
        assert 0 < redis.pttl(marks._entry("page")) <= 60_000


def test_an_entry_ends(make: Make) -> None:
    marks = make()
    mark = marks.get(TENANT, "page").mark
    assert mark is not None
    marks.put(mark, "page", b"one", 0.001)
    assert processes.wait_until(lambda: marks.get(TENANT, "page").payload is None, 20, 0.001)


def test_while_a_tenant_is_written_nothing_is_used_or_kept(make: Make) -> None:
    marks = make()
    mark = marks.get(TENANT, "page").mark
    assert mark is not None
    marks.put(mark, "page", b"one", 60)
    with marks.writing(TENANT):
        assert marks.get(TENANT, "page") == (None, None, 0)
        assert marks.mark(TENANT) is None
        assert marks.get("another", "page").mark is not None
    after = marks.get(TENANT, "page")
    assert after.payload is None
    assert after.mark not in (None, mark)


def test_a_write_that_fails_leaves_its_tenant_closed_for_a_while(make: Make, redis: Redis) -> None:
    marks = make()

    def fails() -> None:
        redis.delete(marks._mark(TENANT))  # the block outlives the closing
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), marks.writing(TENANT):
        fails()
    assert redis.get(marks._mark(TENANT)) == WRITE_LOCKED
    assert 0 < redis.ttl(marks._mark(TENANT)) <= WRITE_LOCK_SECONDS < VERSION_SECONDS


def test_without_redis_nothing_is_written() -> None:
    marks = VersionedCache(Redis(port=next(free_ports()), retry=Retry(NoBackoff(), 0)))
    written = []
    with pytest.raises(Unreachable), marks.writing(TENANT):
        written.append(1)
    assert not written


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(data=st.data())
def test_an_entry_that_was_tampered_with_is_none(make: Make, redis: Redis, data: st.DataObject) -> None:
    marks = make()
    mark = marks.get(TENANT, "page").mark
    assert mark is not None
    marks.put(mark, "page", b'{"programs":[]}', 60)
    entry = redis.get(marks._entry("page"))
    assert isinstance(entry, bytes)
    place = data.draw(st.integers(0, len(entry) - 1))
    poisoned = data.draw(
        st.sampled_from([entry[:place], entry + b"x", entry[:place] + bytes([entry[place] ^ 1]) + entry[place + 1 :]])
        | st.binary(max_size=99)
        | st.binary(max_size=99).map(lambda tail: entry[:100] + tail)
    )
    redis.set(marks._entry("page"), poisoned)
    redis.set(marks._entry("whole"), entry)  # another's entry, whole as it is
    assert marks.get(TENANT, "page")[:2] == (mark, b'{"programs":[]}' if poisoned == entry else None)
    assert marks.get(TENANT, "whole") == (mark, None, 0)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(poison=st.binary(max_size=40).filter(lambda text: text != WRITE_LOCKED) | st.just(b"a" * 15 + b"\n"))
def test_a_mark_that_is_none_is_replaced(make: Make, redis: Redis, poison: bytes) -> None:
    marks = make()
    redis.set(marks._mark(TENANT), poison)
    mark = marks.get(TENANT, "page").mark
    assert mark is not None
    assert VERSION.fullmatch(mark.encode())
    marks.put(mark, "page", b"one", 60)
    assert marks.get(TENANT, "page").payload == b"one"


def test_a_key_of_another_type_is_replaced_too(make: Make, redis: Redis) -> None:
    marks = make()
    for key in (marks._mark(TENANT), marks._entry("page")):
        redis.rpush(key, "a list")
    mark = marks.get(TENANT, "page").mark
    assert mark is not None
    marks.put(mark, "page", b"one", 60)
    assert marks.get(TENANT, "page")[:2] == (mark, b"one")


def test_two_readers_draw_one_mark(make: Make) -> None:
    from concurrent.futures import ThreadPoolExecutor

    marks = make()
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: marks.get(TENANT, "page").mark, range(64)))) == 1


def test_a_lead_outlives_its_holder_by_its_lease_alone(make: Make) -> None:
    marks = make()
    mark = marks.get(TENANT, "page").mark
    assert mark is not None
    assert marks.lead(TENANT, mark, "page", 0.05)[0]
    assert not marks.lead(TENANT, mark, "page", 60)[0]
    assert marks.lead(TENANT, mark, "whole", 60)[0]
    assert processes.wait_until(lambda: marks.lead(TENANT, mark, "page", 60)[0] is not None, 20)


def test_whoever_keeps_an_entry_gives_its_lead_up(make: Make) -> None:
    marks = make()
    mark = marks.get(TENANT, "page").mark
    assert mark is not None
    lead, entry = marks.lead(TENANT, mark, "page", 60)
    assert lead
    assert entry == (mark, None, 0)
    marks.put(mark, "page", b"one", 60, lead)
    again, entry = marks.lead(TENANT, mark, "page", 60)
    assert again
    assert entry.payload == b"one"


def test_a_lead_that_ran_out_takes_no_other_away(make: Make) -> None:
    marks = make()
    mark = marks.get(TENANT, "page").mark
    assert mark is not None
    late, _ = marks.lead(TENANT, mark, "page", 0.001)
    assert late
    assert processes.wait_until(lambda: marks.lead(TENANT, mark, "page", 60)[0] is not None, 20)
    marks.release(late)
    assert not marks.lead(TENANT, mark, "page", 60)[0]
