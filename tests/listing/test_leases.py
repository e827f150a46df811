"""Leases: no interleaving has a stale read, each rule is needed, and only writers of busy tenants wait."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from redis import Redis

from benchmarks.lease_search import RULES, search
from perfstudy.listing import leases
from perfstudy.listing.lab import Lab
from perfstudy.listing.leases import LeasedVersions
from perfstudy.listing.versioned_cache import LOCK, VersionedCache

TENANT = "t"
LONG = 600.0
"""Seconds of a lease that no test outlives."""


@pytest.mark.parametrize("size", [(1, 2, 2, 1), (2, 1, 2, 0)])
def test_no_interleaving_has_a_stale_read(size: tuple[int, int, int, int]) -> None:
    states, stale = search(*size)
    assert not stale
    assert states > 50_000


@pytest.mark.parametrize("rule", RULES)
def test_without_any_one_rule_a_read_is_stale(rule: str) -> None:
    assert search(1, 2, 3, 1, rule)[1]


class Waiting(VersionedCache):
    """Counts waits in place of waiting."""

    waits = 0

    def _wait_for_leases(self) -> None:
        self.waits += 1

    def stored(self) -> bytes:
        found = self._redis.get(self._version(TENANT))
        assert isinstance(found, bytes)
        return found

    def write(self) -> int:
        """Write once; how often the writer waited."""
        before = self.waits
        with self.writing(TENANT):
            assert LOCK.fullmatch(self.stored())
        return self.waits - before


@pytest.fixture
def cache(lab: Lab) -> Iterator[Waiting]:
    below = f"{lab.key_prefix}:leases"
    with Redis.from_url(lab.redis.url) as client:
        yield Waiting(client, f"{below}:{uuid4().hex}:", b"secret")
    lab.clear_cache(below)


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch, cache: Waiting) -> LeasedVersions:
    """The versions of a process to which all questions are close to each other."""
    monkeypatch.setattr(leases, "LEASE_SECONDS", LONG)
    monkeypatch.setattr(leases, "OFTEN", LONG)
    return LeasedVersions(cache)


def test_a_writer_waits_only_for_a_tenant_that_is_read_often(cache: Waiting, busy: LeasedVersions) -> None:
    assert cache.write() == 1  # nothing was stored, so a lease may have been lost with it
    assert cache.write() == 0
    assert busy.version(TENANT) == cache.stored().decode()
    assert cache.write() == 0
    assert busy.version(TENANT) == cache.stored().decode().removesuffix("+")
    assert cache.stored().endswith(b"+")
    assert cache.write() == 1


def test_a_quiet_tenant_is_not_leased(cache: Waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "OFTEN", 0.0)
    versions = LeasedVersions(cache)
    cache.write()
    for _ in range(3):
        assert versions.version(TENANT) == cache.stored().decode()
    assert cache.write() == 0


def test_a_leased_version_is_not_asked_for_again_and_ends(
    cache: Waiting, busy: LeasedVersions, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.write()
    first = [busy.version(TENANT) for _ in range(2)]
    cache.write()
    assert busy.version(TENANT) == first[0] == first[1] != cache.version(TENANT)
    monkeypatch.setattr(leases, "LEASE_SECONDS", 0.0)
    again = LeasedVersions(cache)
    for _ in range(3):
        assert again.version(TENANT) == cache.version(TENANT)
        cache.write()


def test_a_drawn_version_is_leased_from_the_start(cache: Waiting) -> None:
    assert cache.get(TENANT, "page").version == cache.version(TENANT)
    assert cache.mark(TENANT) == (cache.version(TENANT), True)
    assert cache.write() == 1


def test_a_writer_that_lost_its_lock_waits_after_the_write(cache: Waiting) -> None:
    cache.write()
    with cache.writing(TENANT):
        cache._redis.delete(cache._version(TENANT))
        drawn = cache.get(TENANT, "page").version
    assert cache.waits == 2
    assert cache.mark(TENANT)[1]
    assert cache.version(TENANT) != drawn


def test_a_writer_knows_its_lock_from_another_s(cache: Waiting) -> None:
    cache.write()
    with cache.writing(TENANT):
        with cache.writing(TENANT):
            pass
        assert cache.waits == 2  # the inner one found a lock, so it waited before its write
    assert cache.waits == 2  # the outer one found a version that nobody had leased


def test_no_more_tenants_are_remembered_than_are_allowed(
    cache: Waiting, busy: LeasedVersions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "MOST", 3)
    for number in range(9):
        busy.version(str(number))
        assert 1 <= len(busy._leases) <= 3
