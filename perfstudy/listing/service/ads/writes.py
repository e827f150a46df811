"""The writes: an update of one program, or a sync of all programs of a tenant."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from http import HTTPStatus
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from perfstudy.listing.contract import Write, Writing
from perfstudy.listing.service.ads import serializers
from perfstudy.listing.service.ads.fields import SYNCED
from perfstudy.listing.service.ads.listing import BASELINE
from perfstudy.listing.service.ads.models import Business, ProgramRegistry
from perfstudy.listing.service.ads.request_bodies import Sync
from perfstudy.listing.service.problems import Problem

BATCH = 500
"""Lines of a sync that are committed at a time; they remain if the sync fails later."""

KEY = ["username", "program_id"]
COLUMNS = [*(f.column for f in SYNCED if f.column not in KEY), "business", "updated_at"]


def update(writing: Writing, tenant: str, program_id: str, changes: dict[str, Any]) -> dict[str, Any]:
    """Set *changes*, by column, in the program; return it as the listing shows it.

    Raises:
        Problem: 404, where the tenant has no such program.
    """
    mine = ProgramRegistry.objects.filter(username=tenant, program_id=program_id)
    # Checked first, because the write invalidates all cached answers of the tenant.
    if "\0" in program_id or not mine.exists():
        raise _unknown(program_id)
    with writing(Write(tenant, "update")), transaction.atomic():
        mine.update(**changes, updated_at=timezone.now())
        changed = mine.select_related("business").first()
    if changed is None:  # a sync deleted it meanwhile
        raise _unknown(program_id)
    return serializers.program(BASELINE, changed, tenant)


def _unknown(program_id: str) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, f"There is no program {program_id!r}.")


def sync(writing: Writing, tenant: str, wanted: Sync) -> dict[str, Any]:
    """Upsert the programs of *wanted*; if it is complete, delete the tenant's others.

    Any part of a sync can be repeated without a further change, so a client that lost the answer sends it again.
    Each batch is a separate write: programs arrive as slowly as the client sends them, and a write should be short.

    Raises:
        Problem: 400, for a line that is no program, with how many programs were accepted before it.
    """
    accepted, deleted = 0, None
    try:
        for batch in _batches(wanted.programs):
            _lock_rows(wanted.started)
            with writing(Write(tenant, "batch")):
                _upsert(tenant, batch)
            accepted += len(batch)
    except Problem as problem:
        problem.members |= {"sync": wanted.token, "accepted": accepted}
        raise
    with writing(Write(tenant, "sync")):
        if wanted.complete:
            deleted, _ = ProgramRegistry.objects.filter(username=tenant, updated_at__lt=wanted.started).delete()
    return {"sync": wanted.token, "accepted": accepted, "deleted": deleted}


def _batches(programs: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    source = iter(programs)
    while batch := list(islice(source, BATCH)):
        yield batch


def _lock_rows(started: datetime) -> None:
    """Fail if this clock is behind the one that the sync started by.

    Its programs would have a time before the sync's start, and would be deleted at its end.
    """
    if timezone.now() < started:
        detail = "The sync began at a time that this server has not reached; go on with it shortly."
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "1"})


def _upsert(tenant: str, batch: list[dict[str, Any]]) -> None:
    businesses = Business.objects.in_bulk({row["yelp_business_id"] for row in batch}, field_name="yelp_business_id")
    # One statement cannot change a row twice: of two lines about one program, the later one counts.
    # In order, so that two syncs lock the rows that they share one after the other, and neither waits for the other.
    rows = sorted({row["program_id"]: row for row in batch}.items())
    programs = [
        ProgramRegistry(username=tenant, business=businesses.get(row["yelp_business_id"]), **row) for _, row in rows
    ]
    ProgramRegistry.objects.bulk_create(programs, update_conflicts=True, unique_fields=KEY, update_fields=COLUMNS)
