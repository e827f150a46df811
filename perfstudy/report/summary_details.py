"""The details of a summary: noise, machine, code, gate, exclusions and claims."""

from collections.abc import Iterator, Mapping
from typing import Any

from perfstudy import formatting
from perfstudy.findings import Findings
from perfstudy.model.scenario import NOOP
from perfstudy.report import markdown
from perfstudy.report.markdown import code, escape
from perfstudy.results.remarks import GATE, SOURCES, STOPPED, compares_answers, list_statement_doubts

SHA = 12
"""Digits of a commit that are shown."""
SHOWN = 10
"""Files or paths that are named; of more, the number is given."""


def list_details(found: Findings) -> str:
    """Return the details of a run as Markdown."""
    run: Any = found.run
    lines = [
        f"Run {code(run.name)}: {_count_blocks(run)}, seed {run.seed}.",
        *_noise(found),
        *(_machines(found) if found.machines else _machine(run.environment)),
        *_sources(run.notes.get(SOURCES) or {}),
        *_gate(run),
        *(f"{code(arm)} is excluded: {escape(reason)}" for arm, reason in run.excluded.items()),
        *_claims(found),
        *(f"{escape(doubt[0].upper())}{escape(doubt[1:])}." for doubt in list_statement_doubts(run.evidence)),
    ]
    parts = ["\n".join(f"- {line}" for line in lines), _tabulate_statements(run.evidence)]
    return "\n\n".join(filter(None, parts))


def _count_blocks(run: Any) -> str:
    stopped = run.notes.get(STOPPED)
    return f"{stopped['blocks']} of {run.blocks} blocks" if stopped else f"{run.blocks} block{'s' * (run.blocks != 1)}"


def _noise(found: Findings) -> Iterator[str]:
    floors = [(place, found.floor(place)) for place in found.places if not place.is_noop]
    said = [f"{code(place.scenario)} {formatting.factor(floor.factor)}" for place, floor in floors if floor]
    if said:
        yield f"Noise floor, by which the reference differs from itself: {', '.join(said)}."
    else:
        yield "No noise floor: the reference was not measured a second time."


def _machine(identity: Mapping[str, Any]) -> Iterator[str]:
    known = {
        "cpu": identity.get("cpu"),
        "processors": identity.get("cpus"),
        "memory in GiB": identity.get("memory_gib"),
        "system": identity.get("system"),
        "container": identity.get("container"),
    }
    said = [f"{name} {escape(value)}" for name, value in known.items() if value]
    if said:
        yield f"Machine: {', '.join(said)}."


def _machines(found: Findings) -> Iterator[str]:
    for number, one in enumerate(found.machines, 1):
        yield f"Machine {number}: {escape(one.words)}; {len(one.blocks)} block{'s' * (len(one.blocks) != 1)}."


def _sources(sources: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for label, source in sources.items():
        named, sha = source.get("named"), str(source.get("sha") or "")[:SHA]
        at = f" at {code(sha)}" if sha else ""
        yield f"{code(label)} serves {source.get('origin', 'tree')} {code(named or '.')}{at}{_say_dirty(source)}."


def _say_dirty(source: Mapping[str, Any]) -> str:
    said = [
        f"{what} {_name_some(source[key])}"
        for key, what in (("changed", "with uncommitted changes in"), ("untracked", "with untracked files"))
        if source.get(key)
    ]
    return "".join(f", {words}" for words in said)


def _name_some(things: list[str]) -> str:
    more = f" and {len(things) - SHOWN} more" if len(things) > SHOWN else ""
    return f"{', '.join(map(code, things[:SHOWN]))}{more}"


def _gate(run: Any) -> Iterator[str]:
    if not compares_answers(run):
        yield "Answers were not compared."
        return
    gate = run.notes.get(GATE)
    requests = gate["requests"] if gate else max((row.get("gate_requests", 0) for row in run.evidence), default=0)
    if requests:
        yield f"Answers to {requests:,} request{'s' * (requests != 1)} were compared with the reference's."
    for key, what in (("ignored", "ignored by the study"), ("own_differences", "in which the reference differs")):
        paths = (gate or {}).get(key)
        if paths:
            yield f"Not compared, {what}: {_name_some(list(map(str, paths)))}."


def _claims(found: Findings) -> Iterator[str]:
    for row in found.verdicts.to_dict("records"):
        where = f", {code(row['scenario'])}" if row["scenario"] != NOOP else ""
        verdict = f"{row['verdict']}{' (indicative)' if row['indicative'] else ''}"
        yield f"Claim {code(row['claim'])}{where}, {escape(row['claimed'])}: {verdict}; {escape(row['reason'])}."


def _tabulate_statements(evidence: list[dict[str, Any]]) -> str:
    """Return the statements for each request, a row for each scenario and arm."""
    rows = [
        [code(row["scenario"]), f"{code(row['variant'])}, {row['temperature']}", f"{row['statement_count']:,}"]
        for row in evidence
        if row.get("statement_count") is not None and row.get("statements_known", True) and row["scenario"] != NOOP
    ]
    if not rows:
        return ""
    return markdown.table(("scenario", "arm", "statements for each request"), rows, "ttn")
