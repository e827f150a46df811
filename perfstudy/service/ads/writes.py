"""The writes: one program changed, or all programs of a tenant brought up to date."""

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from perfstudy.seams import Write, Writing
from perfstudy.service.ads import serializers
from perfstudy.service.ads.bodies import Sync
from perfstudy.service.ads.fields import SYNCED
from perfstudy.service.ads.listing import BASELINE
from perfstudy.service.ads.models import Business, ProgramRegistry
from perfstudy.service.problems import Problem

BATCH = 500
"""Programs that a sync commits at a time: what was committed stays, however the sync ends."""

KEY = ["username", "program_id"]
COLUMNS = [*(f.column for f in SYNCED if f.column not in KEY), "business", "updated_at"]


def update(writing: Writing, tenant: str, program_id: str, changes: dict[str, Any]) -> dict[str, Any]:
    """Set *changes*, by column, in the tenant's program, and return it as the listing shows it.

    Raises:
        Problem: 404, where the tenant has no such program.
    """
    mine = ProgramRegistry.objects.filter(username=tenant, program_id=program_id)
    if "\0" in program_id or not mine.exists():
        raise Problem(HTTPStatus.NOT_FOUND, f"There is no program {program_id!r}.")
    with writing(Write(tenant, "update")), transaction.atomic():
        mine.update(**changes, updated_at=timezone.now())
    return serializers.program(BASELINE, mine.select_related("business").get())


def sync(writing: Writing, tenant: str, wanted: Sync) -> dict[str, Any]:
    """Insert or update the programs of *wanted*; where it is complete, delete the tenant's others.

    Repeating any part of a sync changes nothing more, so a client that lost the answer sends it again.

    Raises:
        Problem: 400, for a line that is no program, with how many programs were accepted before it.
    """
    accepted, deleted, broken = 0, None, None
    with writing(Write(tenant, "sync")):
        try:
            for batch in _batches(wanted.programs):
                _upsert(tenant, batch)
                accepted += len(batch)
        except Problem as problem:
            # The batches before it are committed, so the tenant's data changed and the block must end as it should.
            broken = problem
        else:
            if wanted.complete:
                others = ProgramRegistry.objects.filter(username=tenant, updated_at__lt=wanted.started)
                deleted, _ = others.delete()
    if broken:
        broken.members |= {"sync": wanted.token, "accepted": accepted}
        raise broken
    return {"sync": wanted.token, "accepted": accepted, "deleted": deleted}


def _batches(programs: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    source = iter(programs)
    while batch := list(islice(source, BATCH)):
        yield batch


def _upsert(tenant: str, batch: list[dict[str, Any]]) -> None:
    businesses = Business.objects.in_bulk({row["yelp_business_id"] for row in batch}, field_name="yelp_business_id")
    # One statement cannot change a row twice: of two lines about one program, the later one counts.
    programs = {
        row["program_id"]: ProgramRegistry(
            username=tenant, business=businesses.get(row["yelp_business_id"]), updated_at=timezone.now(), **row
        )
        for row in batch
    }
    ProgramRegistry.objects.bulk_create(
        programs.values(), update_conflicts=True, unique_fields=KEY, update_fields=COLUMNS
    )
