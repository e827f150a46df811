"""Display things in notebooks, as text that is the same at every run."""

import json
from dataclasses import dataclass, field
from html import escape
from textwrap import shorten
from typing import Any

from perfstudy.drivers.http import Exchange
from perfstudy.evidence import plans as plan_tools
from perfstudy.evidence.plans import Plan
from perfstudy.measure.evidence_pass import RequestEvidence
from perfstudy.model.table import Table
from perfstudy.notebook.marked import CODE_STYLE, Sql, highlight


@dataclass(frozen=True, repr=False)
class TextView:
    """Text as it stands: SQL, a declaration, a list of indexes."""

    text: str
    language: str = ""
    """``sql`` or ``python`` to highlight it."""

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        if not self.language:
            return f"<pre>{escape(self.text)}</pre>"
        return f'<pre class="highlight">{highlight(self.text, self.language)}</pre>{CODE_STYLE}'


@dataclass(frozen=True, repr=False)
class NumberView:
    """A number of a published result, with the address that it was found at."""

    text: str
    address: str

    def __repr__(self) -> str:
        return f"{self.text}  ({self.address})"

    def _repr_html_(self) -> str:
        return f"<p><strong>{escape(self.text)}</strong> <small>({escape(self.address)})</small></p>"


@dataclass(frozen=True, repr=False)
class AnswerView:
    """An answer of the service, without what differs from one time to the next."""

    exchange: Exchange
    STABLE = ("content-type", "cache-control", "x-cache", "www-authenticate", "allow", "retry-after")

    @property
    def document(self) -> Any:
        """The JSON document of the body."""
        return json.loads(self.exchange.body)

    def __repr__(self) -> str:
        headers = [f"{name}: {value}" for name, value in self.exchange.headers.items() if name in self.STABLE]
        body = json.dumps(self.document, ensure_ascii=False, indent=1)
        lines = body.splitlines()
        shown = lines if len(lines) <= 40 else [*lines[:38], f"… {len(lines) - 38} lines more"]
        return "\n".join([f"HTTP {self.exchange.status}", *sorted(headers), "", *shown])

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self))}</pre>"


@dataclass(frozen=True, repr=False)
class PlanView:
    """A plan of PostgreSQL's, without its costs and times.

    ``charts.plan`` draws it with its times.
    """

    plan: Plan
    sql: str = ""

    def __repr__(self) -> str:
        return plan_tools.describe_shape(self.plan)

    def _repr_html_(self) -> str:
        title = Sql(shorten(self.sql, 300, placeholder=" …"))
        return Table(_nodes(self.plan.get("Plan", self.plan)), title)._repr_html_() + CODE_STYLE


def _nodes(node: Plan, depth: int = 0) -> list[dict[str, object]]:
    line = plan_tools.describe_shape({**node, "Plans": []})
    row: dict[str, object] = {
        "node": "\u2003" * depth + line,
        "rows": _rows(node),
        "loops": node.get("Actual Loops", ""),
        "thrown away": plan_tools.count_rows_removed({**node, "Plans": []}) or "",
    }
    return [row, *(r for child in node.get("Plans", ()) for r in _nodes(child, depth + 1))]


def _rows(node: Plan) -> str:
    """Return how many rows a node returned in a loop, or should have."""
    if "Actual Rows" not in node:
        return f"{node['Plan Rows']:,.0f} expected" if "Plan Rows" in node else ""
    if node.get("Actual Loops") == 0:
        return "never executed"
    rows = f"{node['Actual Rows']:,.2f}"
    return rows.rstrip("0").rstrip(".")


@dataclass(frozen=True, repr=False)
class RequestView:
    """What one request does: its statements with their counts, and a plan for each."""

    variant: str
    seen: RequestEvidence
    plans: list[PlanView] = field(default_factory=list)

    @property
    def statements(self) -> int:
        """How many statements the request sent."""
        return int(self.seen.evidence["statement_count"])

    @property
    def phases(self) -> dict[str, float]:
        """Milliseconds of the request by phase, as the service reports them."""
        return dict(self.seen.evidence["phases_ms"])

    def __repr__(self) -> str:
        evidence = self.seen.evidence
        cache = f", cache {evidence['cache']}" if evidence["cache"] else ""
        head = f"{self.variant}, {self.seen.scenario}: {self.statements} statements{cache}"
        return "\n".join([head, *(f"{count} x {sql}" for sql, count in evidence["statements"].items())])

    def _repr_html_(self) -> str:
        rows: list[dict[str, object]] = [
            {
                "sent": count,
                "statement": Sql(sql),
                "rows thrown away": plan_tools.count_rows_removed(self.seen.plans[sql])
                if sql in self.seen.plans
                else "",
            }
            for sql, count in self.seen.evidence["statements"].items()
        ]
        head = repr(self).splitlines()[0]
        return Table(rows, head)._repr_html_() + CODE_STYLE if rows else f"<p>{escape(head)}</p>"


def show_request(variant: str, seen: RequestEvidence) -> RequestView:
    """Return the display of *seen*, the evidence of a request of *variant*."""
    return RequestView(variant, seen, [PlanView(plan, sql) for sql, plan in seen.plans.items()])
