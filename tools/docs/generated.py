"""Make the pages that list what is declared and published."""

from collections.abc import Iterable, Mapping, Sequence

import typer
from typer.cli import get_docs_for_click

from perfstudy import formatting, judged, published
from perfstudy.__main__ import app
from perfstudy.commands.declaring import tree
from perfstudy.listing.optimization import Optimization
from perfstudy.listing.optimizations import ALL
from perfstudy.model.catalog import list_claims
from perfstudy.model.claim import Claim
from perfstudy.model.labels import shorten
from perfstudy.model.table import Table
from perfstudy.results.published import list_published


def make_pages() -> dict[str, str]:
    """Return each generated page, in Markdown, by its file's name."""
    sets = {f"results/{name}.md": _show_set(name) for name in list_published()}
    return {
        "all-optimizations.md": _join("Every optimization as declared", map(_show_optimization, ALL)),
        "claims.md": _show_claims(),
        "commands.md": _list_commands(),
        "results.md": _join("Published results", [RESULTS, _list(sets)]),
        **sets,
    }


CLAIMS = "What the source report and the study's own optimizations claim, and every published verdict on it."
RESULTS = "Reviewed runs, kept as small text files in `data/published`; `perfstudy verdicts NAME` shows one."

MEASURED = ("scale", "scenario", "measured", "verdict", "from")


def _join(title: str, parts: Iterable[str]) -> str:
    return "\n\n".join([f"# {title}", *parts]) + "\n"


def _list(pages: Iterable[str]) -> str:
    return "```{toctree}\n" + "\n".join(page.removesuffix(".md") for page in pages) + "\n```"


def _show_optimization(one: Optimization) -> str:
    facts = {
        "seams": ", ".join(one.seams),
        "requires": ", ".join(sorted(one.requires)),
        "conflicts with": ", ".join(sorted(one.conflicts)),
        "needs the program": ", ".join(sorted(one.needs)),
        "by hand, it is taken back so": one.manual_rollback,
        "claims": ", ".join(f"[{claim.id}](claims.md#{claim.id})" for claim in one.claims),
    }
    lines = [f"- {name}: {text}" for name, text in facts.items() if text]
    return "\n\n".join([f"## {one.name}", f"**{one.title}.** {_end(one.summary)}", "\n".join(lines)])


def _end(text: str) -> str:
    """Return *text* as a sentence."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _show_claims() -> str:
    """Return every claim with the published verdicts on it."""
    claims = list_claims()
    rows = judged(*(claim.id for claim in claims)).rows
    return _join(
        "Claims", [CLAIMS, *(_show_claim(claim, [r for r in rows if r["claim"] == claim.id]) for claim in claims)]
    )


def _show_claim(claim: Claim, rows: Sequence[Mapping[str, object]]) -> str:
    of, to = shorten(claim.variant), shorten(claim.reference)
    what = f"Claimed: `{of}` over `{to}`, {claim.range}, {claim.temperature} ({claim.source})."
    found = Table(rows, columns=MEASURED).markdown() if rows else "Not judged in a published set."
    return "\n\n".join([f"## {claim.id}", f'> "{claim.quote}"', what, found])


def _show_set(name: str) -> str:
    found = published(name)
    facts = "\n".join(f"- {key}: {value}" for key, value in found.facts().items())
    verdicts = found.verdicts
    verdicts = verdicts[verdicts["verdict"] != "not testable here"] if len(verdicts) else verdicts
    rows = [
        {
            "claim": row["claim"],
            "scale": row["scale"],
            "scenario": row["scenario"],
            "speed-up": formatting.speedup_cell(row),
            "claimed": row["claimed"],
            "verdict": row["verdict"],
        }
        for row in verdicts.to_dict("records")
    ]
    return _join(name, [facts, Table(rows, "Verdicts").markdown() if rows else "No claim is judged in this set."])


def _list_commands() -> str:
    """Return the help of every command, as Typer writes it for documentation."""
    command = tree(app)
    return get_docs_for_click(obj=command, ctx=typer.Context(command), name="perfstudy", title="Commands")
