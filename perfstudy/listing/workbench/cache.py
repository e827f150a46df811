"""Notebook queries on a cache: its contents, its staleness and its hit rates."""

import json
from typing import TYPE_CHECKING

from perfstudy.errors import PerfstudyError
from perfstudy.listing import cache_contents, hit_rates
from perfstudy.listing.requests import LISTING, listing
from perfstudy.listing.variant import Variant, parse
from perfstudy.model.table import Table
from perfstudy.notebook import display

if TYPE_CHECKING:
    from perfstudy.lab import RunningService
    from perfstudy.listing.lab import Lab
    from perfstudy.listing.workbench.bench import Bench

EDITED = "Edited in a notebook"


class CacheBench:
    """The part of a bench that inspects caches; ``Bench.cache`` is one."""

    def __init__(self, bench: "Bench", lab: "Lab") -> None:
        self._bench, self._lab = bench, lab

    def asked(self, variant: str, times: int = 3) -> Table:
        """Request the first page *times* times, the cache empty before the first.

        Return a row for each answer.
        """
        service = self._fresh(variant)
        answers = [self._page(service) for _ in range(times)]
        return Table(
            [
                {
                    "request": number,
                    "status": answer.exchange.status,
                    "X-Cache": answer.exchange.cache or "-",
                    "from_cache": answer.document["from_cache"],
                    "programs": len(answer.document["programs"]),
                    "total_count": answer.document["total_count"],
                }
                for number, answer in enumerate(answers, 1)
            ]
        )

    def entries(self, variant: str) -> Table:
        """Return what one request for the first page leaves in the cache of *variant*."""
        service = self._fresh(variant)
        self._page(service)
        with self._lab.redis.client() as redis:
            return Table(cache_contents.list_entries(redis, self._lab.key_prefix))

    def edits(self, *variants: str) -> Table:
        """Change a program under each variant, and change it back.

        Return what a reader sees after each acknowledgement.
        """
        return Table([self._edit(parse(variant)) for variant in variants])

    def counted(self, variant: str, requests: int = 400) -> Table:
        """Send a fixed sequence of requests; return hits counted three ways.

        The requests are those of many tenants; the service, Redis and arithmetic each give a count.
        """
        with hit_rates.prepare_stage(self._lab, self._bench.database(variant), parse(variant)) as stage:
            return hit_rates.count_hits(stage, requests)

    def hit_rates(
        self, variant: str, *lifetimes: float, rate: float = 120.0, seconds: float = 2.0
    ) -> hit_rates.HitRates:
        """Measure and predict hit rates of *variant* for each of *lifetimes*, in seconds."""
        with hit_rates.prepare_stage(self._lab, self._bench.database(variant), parse(variant)) as stage:
            return hit_rates.measure_hit_rates(stage, lifetimes, rate=rate, seconds=seconds)

    def _fresh(self, variant: str) -> "RunningService":
        service = self._bench.serve(variant)
        self._lab.clear_cache()
        return service

    def _page(self, service: "RunningService", limit: int = 20) -> display.AnswerView:
        with service.client(self._bench.tenant) as client:
            return display.AnswerView(client.get(listing(limit=limit)))

    def _edit(self, variant: Variant) -> dict[str, object]:
        service = self._fresh(variant.name)
        program = self._page(service, 1).document["programs"][0]
        self._rename(service, program["program_id"], EDITED)
        after = self._page(service, 1)
        seen = after.document["programs"][0]["custom_name"]
        lives = self._longest()
        self._rename(service, program["program_id"], program["custom_name"])
        return {
            "variant": variant.short,
            "before": program["custom_name"],
            "acknowledged": EDITED,
            "the next read gives": seen,
            "X-Cache": after.exchange.cache or "-",
            "out of date for": f"up to {lives} s" if seen != EDITED else "no time",
        }

    def _longest(self) -> int:
        """Return the seconds for which the longest-lived answer is cached."""
        with self._lab.redis.client() as redis:
            names = redis.scan_iter(match=f"{self._lab.key_prefix}:*programs:*", count=1000)
            return max((cache_contents.read_lifetime(redis, name) for name in names), default=0)

    def _rename(self, service: "RunningService", program: str, name: str | None) -> None:
        """Give *program* the custom name *name*.

        Raises:
            PerfstudyError: the service did not take it.
        """
        with service.client(self._bench.tenant) as client:
            answer = client.send("PATCH", f"{LISTING}/{program}", json.dumps({"custom_name": name}).encode())
        if answer.status != 200:
            raise PerfstudyError(f"{service.arm.name} answered an edit with {answer.status}: {answer.body!r}")
