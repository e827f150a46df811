"""The schemas of the service's bodies, built from its declarations."""

import json
from typing import Any

from perfstudy.listing.contract import PROGRAM_TYPES
from perfstudy.listing.service.ads import fields, request_bodies
from perfstudy.listing.service.ads.parameters import MAX_LIMIT, MAX_OFFSET

Schema = dict[str, Any]


def text(*, null: bool = False) -> Schema:
    """Return the schema of a text."""
    return {"type": ["string", "null"] if null else "string"}


def count(*, null: bool = False, **limits: int) -> Schema:
    """Return the schema of a whole number."""
    return {"type": ["integer", "null"] if null else "integer", **limits}


def record(properties: dict[str, Schema], *optional: str) -> Schema:
    """Return the schema of an object of exactly these *properties*."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def reference(name: str) -> Schema:
    """Return a reference to a schema of the components."""
    return {"$ref": f"#/components/schemas/{name}"}


VALUE: Schema = {
    "description": f"Any JSON without NUL in its texts; in a body {request_bodies.DEEPEST} levels deep at most.",
    "anyOf": [
        {"type": ["null", "boolean"]},
        {"type": "number", "minimum": -fields.LARGEST, "maximum": fields.LARGEST},
        {"type": "string", "pattern": fields.TEXT},
        {"type": "array", "items": {"$ref": fields.VALUE}},
        {
            "type": "object",
            "propertyNames": {"pattern": fields.TEXT},
            "additionalProperties": {"$ref": fields.VALUE},
        },
    ],
}

DAY: Schema = {"type": ["string", "null"], "format": "date"}

METRICS = record(
    {
        "budget": count(),
        "max_bid": count(null=True),
        "ad_cost": count(null=True),
        "currency": text(),
        "is_autobid": {"type": ["boolean", "null"]},
        "billed_impressions": count(),
        "billed_clicks": count(),
        "fee_period": text(null=True),
    }
) | {"description": "There where the program has a budget; money in cents."}

PROGRAM = record(
    {
        "program_id": text(),
        "program_type": {"enum": list(PROGRAM_TYPES)},
        "program_status": text(),
        "program_pause_status": text(null=True),
        "yelp_business_id": text(),
        "business_id": text() | {"description": "The same as yelp_business_id."},
        "business_name": text() | {"description": "The business's name, its id where no name is known."},
        "start_date": DAY,
        "end_date": DAY,
        "custom_name": text(null=True),
        "businesses": {"type": "array"},
        "active_features": {"type": "array"},
        "available_features": {"type": "array"},
        "program_metrics": reference("Metrics"),
    },
    "program_metrics",
)

PAGE = record(
    {
        "programs": {"type": "array", "items": reference("Program")},
        "total_count": count(minimum=0) | {"description": "How many programs match, on this page or not."},
        "offset": count(null=True, minimum=0, maximum=MAX_OFFSET) | {"description": "null where a cursor was given."},
        "limit": count(null=True, minimum=1, maximum=MAX_LIMIT) | {"description": "null where all were asked for."},
        "from_cache": {"type": "boolean"},
    }
)


def body(declared: tuple[fields.Field, ...], *, partial: bool) -> Schema:
    """Return the schema of a body of these fields; if *partial*, of at least one."""
    properties = {
        field.name: field.schema if field.required else {"anyOf": [field.schema, {"type": "null"}]}
        for field in declared
    }
    required = [field.name for field in declared if field.required and not partial]
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"minProperties": 1} if partial else {"required": required})


SYNC = record(
    {
        "sync": text() | {"description": "Go on with this sync under this token."},
        "accepted": count(minimum=0) | {"description": "How many programs are committed."},
        "deleted": count(null=True, minimum=0) | {"description": "How many others went; null while incomplete."},
    }
)

TOKEN: Schema = {"type": "string", "pattern": r"^[A-Za-z0-9_:-]+$"}
"""What a sync's token looks like; only one that was given is taken."""

EXAMPLE = {"program_id": "p1", "program_type": "CPC", "yelp_business_id": "b1", "status": "CURRENT", "budget": 1999}

LINES: dict[str, Any] = {
    "application/x-ndjson": {
        "schema": {
            "type": "string",
            "description": f"A program a line, of at most {request_bodies.LONGEST} bytes; blank lines are skipped.",
            "contentMediaType": "application/json",
            "contentSchema": reference("SyncedProgram"),
        },
        "example": json.dumps(EXAMPLE) + "\n" + json.dumps(EXAMPLE | {"program_id": "p2"}) + "\n",
    },
    # One program alone, as tools send it that know JSON and no lines of it; the body is read the same.
    "application/json": {
        "schema": reference("SyncedProgram") | {"description": "One program, without a line break in its JSON."},
        "example": EXAMPLE,
    },
}

STATE: Schema = {"enum": ["ok", "down"]}

PROBLEM: Schema = {
    "type": "object",
    "description": "A problem after RFC 9457.",
    "properties": {
        "type": text() | {"format": "uri-reference"},
        "title": text(),
        "status": count(minimum=400, maximum=599),
        "detail": text(),
        "parameter": text(null=True) | {"description": "400: the parameter; null for the query as a whole."},
        "value": text() | {"description": "400: the value it was given."},
        "allowed": text() | {"description": "400: what it takes."},
        "line": count() | {"description": "400 of a sync: the line that is no program."},
        "accepted": count() | {"description": "400 of a sync: how many programs before it are committed."},
        "sync": text() | {"description": "400 of a sync: the token to go on with."},
        "server": text() | {"description": "503: the server that does not answer."},
        "database": STATE,
        "cache": STATE,
    },
    "required": ["type", "title", "status", "detail"],
    "additionalProperties": False,
}

SCHEMAS: dict[str, Schema] = {
    "Page": PAGE,
    "Program": PROGRAM,
    "Metrics": METRICS,
    "Problem": PROBLEM,
    "Health": record({"status": {"const": "ok"}, "database": {"const": "ok"}, "cache": {"const": "ok"}}),
    "Nothing": record({}),
    "Value": VALUE,
    "Change": body(fields.CHANGEABLE, partial=True),
    "SyncedProgram": body(fields.SYNCED, partial=False),
    "Sync": SYNC,
}
