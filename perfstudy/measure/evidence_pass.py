"""The evidence pass: one request of each scenario, in a process never timed."""

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

from perfstudy import paths
from perfstudy.drivers.asker import Asker, decode_answer, follow_links
from perfstudy.drivers.http import Exchange
from perfstudy.evidence import counters, equivalence, plans
from perfstudy.lab import Database, Lab
from perfstudy.measure.watching import Watcher, open_watcher
from perfstudy.model.arm import Arm
from perfstudy.model.scenario import NOOP, Scenario
from perfstudy.model.service import Identity


@dataclass(frozen=True, slots=True)
class RequestEvidence:
    """Evidence of one request: counts, phases in milliseconds, plans of statements."""

    scenario: str
    temperature: str
    evidence: dict[str, Any]
    plans: dict[str, plans.Plan]
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class ArmEvidence:
    """Evidence of an arm at a scale, and the identities of its answers."""

    requests: list[RequestEvidence]
    answers: dict[str, str]
    exchanges: dict[str, Exchange] = field(default_factory=dict)
    """The answers to the gate themselves, of a service of one's own."""


def collect_evidence(
    lab: Lab,
    database: Database,
    arm: Arm,
    scenarios: Iterable[Scenario],
    gate: list[str],
    identity: Identity | None = None,
    header: str | None = None,
) -> ArmEvidence:
    """Serve *arm* once; return its evidence and its answers to the *gate*.

    Answers are compared by their *identity*: by default the service's as exactly as it declares, those of a competitor
    by their content. *header* says HIT or MISS, by default the service's. A request that a scenario makes is not made
    again for the gate, since a whole list can take longer than all others together. Answers are cached in a separate
    Redis, because a server's counters count every client.
    """
    identity = identity or (lab.service.content if arm.is_competitor else lab.service.exact)
    header = lab.service.cache.says if header is None else header
    log = paths.scratch() / f"statements-{uuid4().hex}.jsonl"
    prefix = f"{lab.key_prefix}:{uuid4().hex[:8]}"
    exchanges: dict[str, Exchange] | None = {} if lab.is_own else None
    redis = lab.start_own_redis() if lab.has_redis else None
    logged = log if lab.service.statement_log else None
    try:
        with (
            open_watcher(lab, database, log) as watcher,
            lab.serve(arm, database, statement_log=logged, key_prefix=prefix, redis=redis) as service,
            redis.client() if redis else nullcontext() as cache,
            service.client(database.facts.tenant) as client,
        ):
            drawn = {shape: shape.requests(database.facts, "evidence", 1) for shape in scenarios}
            plain = () if lab.is_own else [shape for shape in drawn if shape.is_plain]
            asked = {target for shape in plain for target in drawn[shape]}
            rest = [target for target in gate if target not in asked]
            # First, so that no evidence is that of a process's first request.
            answers = equivalence.collect_fingerprints(client, rest, identity, twice=arm.caches, seen=exchanges)
            observe = partial(_observe, cache, watcher, header)
            clear = partial(lab.clear_for, arm, prefix, cache)
            found: list[RequestEvidence] = []
            for scenario, targets in drawn.items():
                (target,) = follow_links(client, scenario, targets)
                asker = Asker(client, scenario)
                if lab.is_own and not scenario.changes_data:
                    asker.get(target)
                if arm.caches:
                    clear()
                found.append(observe(asker, scenario, target, "cold"))
                if arm.caches and scenario.name != NOOP:
                    found.append(observe(asker, scenario, target, "warm"))
                if not scenario.is_plain and not scenario.follows_next:
                    answers[f"{target} ({scenario.name})"] = identity(
                        *decode_answer(client, target, found[-1].exchange)
                    )
            if arm.caches:
                clear()
    finally:
        log.unlink(missing_ok=True)
    bare = {shape.name for shape in plain}
    for target in asked.intersection(gate):
        seen = [one.exchange for one in found if one.evidence["target"] == target and one.scenario in bare]
        answers[target] = equivalence.find_common_identity(seen, identity)
    if exchanges is not None:
        exchanges |= {f"{one.evidence['target']} ({one.scenario})": one.exchange for one in found}
    return ArmEvidence(found, answers, exchanges or {})


def inspect_request(lab: Lab, database: Database, arm: Arm, scenario: Scenario) -> list[RequestEvidence]:
    """Serve *arm* once; return what one request of *scenario* does.

    It is made cold and, with a cache, warm.
    """
    return collect_evidence(lab, database, arm, [scenario], []).requests


def _observe(
    cache: Any,
    watcher: Watcher,
    header: str,
    client: Asker,
    scenario: Scenario,
    target: str,
    temperature: str,
) -> RequestEvidence:
    request = f"evidence-{uuid4().hex}"
    counting = counters.count_window(cache) if cache else nullcontext(counters.Window())
    with watcher.watch(request) as work, counting as window:
        exchange = client.get(target, **{"X-Request-Id": request})
    evidence = {
        "target": target,
        "phases_ms": exchange.server_timing,
        "bytes": len(exchange.body),
        **work.evidence(),
        **_describe_cache(exchange.headers.get(header.lower()), window),
    }
    return RequestEvidence(scenario.name, temperature, evidence, work.plans, exchange)


def _describe_cache(said: str | None, window: counters.Window) -> dict[str, Any]:
    """Return the header's cache status, the server's counts, and whether they agree.

    An answer may read several keys; a hit has no miss among them. A hit that asked the server nothing, such as one by
    a lease, is None: the counts can neither confirm nor deny it.
    """
    agrees = {
        "HIT": not window.misses if window.hits or window.misses else None,
        "MISS": window.misses > 0,
        None: not window.hits and not window.misses,
    }
    return {
        "cache": said,
        "cache_server_hits": window.hits,
        "cache_server_misses": window.misses,
        "cache_agrees": agrees[said],
    }
