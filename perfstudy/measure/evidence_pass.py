"""The evidence pass: what one request of each scenario does, seen in a process that is never timed."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from perfstudy import paths
from perfstudy.drivers.http import Exchange
from perfstudy.evidence import counters, equivalence, plans
from perfstudy.evidence.statements import Statement, count_statements, read_statements
from perfstudy.lab import Database, Lab
from perfstudy.lab.access import unlink_keys
from perfstudy.listing.variants import Variant
from perfstudy.measure.scenario import Asker, Scenario, decode_answer, follow_links
from perfstudy.model.competitor import Competitor


@dataclass(frozen=True, slots=True)
class RequestEvidence:
    """What one request of a scenario did: counts, phases in milliseconds, and a plan for each kind of statement."""

    scenario: str
    temperature: str
    evidence: dict[str, Any]
    plans: dict[str, plans.Plan]
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class ArmEvidence:
    """What a variant does at a scale: a witness for each scenario, and the identities of its answers."""

    witnessed: list[RequestEvidence]
    answers: dict[str, str]


def collect_evidence(
    lab: Lab, database: Database, variant: Variant | Competitor, scenarios: Iterable[Scenario], gate: list[str]
) -> ArmEvidence:
    """Serve *variant* once, and return what its requests do and how it answers those of the *gate*.

    The answers of a variant are told apart by their bytes, those of a rival by what they say. What a scenario asks,
    the gate does not ask again: a whole tenant's answer can take longer than all others together. Answers are kept in
    a Redis of its own, because its counters count what every client of a server reads.
    """
    identity = equivalence.content_identity if isinstance(variant, Competitor) else equivalence.exact_identity
    log = paths.scratch() / f"statements-{uuid4().hex}.jsonl"
    prefix = f"{lab.key_prefix}:{uuid4().hex[:8]}"
    redis = lab.own_redis()
    try:
        with (
            lab.serve(variant, database, statement_log=log, key_prefix=prefix, redis=redis) as service,
            redis.client() as cache,
            service.client(database.facts.tenant) as client,
        ):
            drawn = {shape: shape.requests(database.facts, "evidence", 1) for shape in scenarios}
            asked = {target for shape, targets in drawn.items() if is_plain(shape) for target in targets}
            rest = [target for target in gate if target not in asked]
            # First, so that what is witnessed is not a process's first request.
            answers = equivalence.collect_fingerprints(client, rest, twice=variant.caches, identity=identity)
            found: list[RequestEvidence] = []
            for scenario, targets in drawn.items():
                (target,) = follow_links(client, scenario, targets)
                unlink_keys(cache, prefix)
                asker = Asker(client, scenario)
                found.append(_observe(cache, database, asker, scenario, target, "cold", log))
                if variant.caches and scenario.name != "noop":
                    found.append(_observe(cache, database, asker, scenario, target, "warm", log))
                if scenario.holds or scenario.coding:
                    answers[f"{target} ({scenario.name})"] = identity(
                        *decode_answer(client, target, found[-1].exchange)
                    )
            unlink_keys(cache, prefix)
    finally:
        log.unlink(missing_ok=True)
    bare = {shape.name for shape in drawn if is_plain(shape)}
    for target in asked.intersection(gate):
        seen = [one.exchange for one in found if one.evidence["target"] == target and one.scenario in bare]
        answers[target] = equivalence.agree(seen, identity)
    return ArmEvidence(found, answers)


def is_plain(shape: Scenario) -> bool:
    """Whether what *shape* asks is what the gate would ask: no cursor, no header of its own."""
    return not (shape.follows or shape.holds or shape.coding)


def inspect_request(lab: Lab, database: Database, variant: Variant, scenario: Scenario) -> list[RequestEvidence]:
    """Serve *variant* once, and return what one request of *scenario* does, cold and, with a cache, warm."""
    return collect_evidence(lab, database, variant, [scenario], []).witnessed


def _observe(
    cache: Any, database: Database, client: Asker, scenario: Scenario, target: str, temperature: str, log: Path
) -> RequestEvidence:
    request = f"evidence-{uuid4().hex}"
    with counters.count_window(cache) as window:
        exchange = client.get(target, **{"X-Request-Id": request})
    sent = read_statements(log, request) if log.exists() else []
    explained = _explain_statements(database.url, sent)
    times = count_statements(sent)
    evidence = {
        "target": target,
        "statements": times,
        "statement_count": len(sent),
        "rows_removed": sum(plans.rows_removed(plan) * times[sql] for sql, plan in explained.items()),
        "buffers_hit": sum(plans.buffers(plan)["hit"] * times[sql] for sql, plan in explained.items()),
        "buffers_read": sum(plans.buffers(plan)["read"] * times[sql] for sql, plan in explained.items()),
        "planning_ms": sum(plan["Planning Time"] * times[sql] for sql, plan in explained.items()),
        "execution_ms": sum(plan["Execution Time"] * times[sql] for sql, plan in explained.items()),
        "phases_ms": exchange.server_timing,
        "bytes": len(exchange.body),
        **_cache(exchange, window),
    }
    return RequestEvidence(scenario.name, temperature, evidence, explained, exchange)


def _explain_statements(url: str, sent: list[Statement]) -> dict[str, plans.Plan]:
    """Return a plan for each kind of reading statement, from the first one of its kind."""
    first: dict[str, str] = {}
    for statement in sent:
        if statement.sql.lstrip().upper().startswith(("SELECT", "WITH")):
            first.setdefault(statement.normalised, statement.sql)
    return {kind: plans.explain(url, sql) for kind, sql in first.items()}


def _cache(exchange: Exchange, window: counters.Window) -> dict[str, Any]:
    """Return what the service and the cache server say; an answer may take several keys, of which none may miss."""
    said = exchange.cache
    agrees = {
        "HIT": window.hits > 0 and not window.misses,
        "MISS": window.misses > 0,
        None: not window.hits and not window.misses,
    }
    return {
        "cache": said,
        "cache_server_hits": window.hits,
        "cache_server_misses": window.misses,
        "cache_agrees": agrees[said],
    }
