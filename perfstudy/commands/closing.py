"""The end of a run on one screen: claims or arms, counts, and what is open."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rich.text import Text

from perfstudy.analysis.verdict import ENOUGH_BLOCKS, UNTESTED
from perfstudy.commands import output
from perfstudy.commands.columns import STYLES, Cell, Line, claim_cell, fit_columns
from perfstudy.commands.tables import open_console
from perfstudy.findings.advice import advise_claim
from perfstudy.findings.comparisons import pick_judged
from perfstudy.findings.symbols import COMPARED, SYMBOLS
from perfstudy.model.claim import say_unmeasured
from perfstudy.model.labels import find_both_temperatures, name_arm, name_place, sort_places

if TYPE_CHECKING:
    from perfstudy.findings import Findings

MOST_LINES = 20
"""Arms of a study without claims that have a line; a screen has no more."""
MEASURED = "measured"
"""The column of all places, where each line is of one."""
MOST_OPEN = 2
"""What is open that has a line."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Closing:
    """What the last screen shows: *lines* under *heads*, and the symbol of each word."""

    heads: tuple[str, ...]
    places: tuple[str, ...]
    lines: list[Line]
    symbols: Mapping[str, str]
    words: list[str]
    """The word of each row of the run, also of places that have no column."""
    open: list[str]
    untested: int = 0
    excluded: int = 0
    most: int | None = None
    """Lines that are shown, all if None."""


def print_closing(found: "Findings") -> None:
    """Print the end of a run, fitted to the terminal."""
    closing = _close_claims(found)
    if not closing.lines:
        closing = replace(_close_arms(found), untested=closing.untested, excluded=closing.excluded)
    output.say(_title(found))
    console = open_console()
    shown = closing.lines[: closing.most]
    fitted, left_out = fit_columns(closing.heads, closing.places, shown, closing.symbols, console.width)
    for line in fitted:
        console.print(line, soft_wrap=True)
    for line in _count(closing, console.width):
        console.print(line, soft_wrap=True)
    for said in (*_list_open(closing), *_list_hidden(found, closing, left_out)):
        output.say(said)


def _title(found: "Findings") -> str:
    from perfstudy.results.remarks import STOPPED

    run: Any = found.run
    blocks = run.notes.get(STOPPED, {}).get("blocks", run.blocks)
    few = f"\nindicative only: {ENOUGH_BLOCKS} blocks make verdicts" if blocks < ENOUGH_BLOCKS else ""
    return f"Verdicts of run {run.id}, {blocks} block{'s' * (blocks != 1)}{few}"


def _close_claims(found: "Findings") -> Closing:
    """Return a line for each tested claim, with a cell for each place."""
    every: list[Row] = found.verdicts.to_dict("records")
    rows = [row for row in every if row["verdict"] != UNTESTED]
    places = _list_places(rows)
    lines = {row["claim"]: Line((row["claim"], claim_cell(row)), {}) for row in rows}
    for row in rows:
        lines[row["claim"]].cells[_place(row, places)] = Cell(row["speedup"], row["low"], row["high"], row["verdict"])
    excluded = {
        row["claim"]
        for row in every
        if row["verdict"] == UNTESTED and {row["variant"], row["reference"]} & found.run.excluded.keys()
    } - set(lines)
    blocks = int(found.run.cells["block"].nunique())
    heads, columns, listed = _fold_places(("claim", "claimed"), tuple(places.values()), list(lines.values()))
    return Closing(
        heads=heads,
        places=columns,
        lines=listed,
        symbols=SYMBOLS,
        words=[row["verdict"] for row in rows],
        open=[
            f"{row['claim']} on {_place(row, places)}: {advise_claim(row, blocks)}"
            for row in rows
            if row["verdict"] == "inconclusive"
        ],
        untested=len({row["claim"] for row in every} - set(lines) - excluded),
        excluded=len(excluded),
    )


def _fold_places(
    heads: tuple[str, ...], places: tuple[str, ...], lines: list[Line]
) -> tuple[tuple[str, ...], tuple[str, ...], list[Line]]:
    """Return heads, columns and lines: one column if each line is of one place."""
    if len(places) == 1 or any(len(line.cells) != 1 for line in lines):
        return heads, places, lines
    cells = [(line.names, *next(iter(line.cells.items()))) for line in lines]
    return (*heads, "on"), (MEASURED,), [Line((*names, place), {MEASURED: cell}) for names, place, cell in cells]


def _close_arms(found: "Findings") -> Closing:
    """Return a line for each arm, cold and warm, of a study that claims nothing."""
    from perfstudy.report.open_questions import list_open

    rows = pick_judged(found.comparisons)
    places = _list_places(rows)
    both = find_both_temperatures((row["label"], row["temperature"]) for row in rows)
    lines: dict[str, Line] = {}
    for row in rows:
        name = f"{name_arm(row['label'])}, {row['temperature']}" if row["label"] in both else name_arm(row["label"])
        cell = Cell(row["speedup"], row["low"], row["high"], row["comparison"])
        lines.setdefault(name, Line((name,), {})).cells[_place(row, places)] = cell
    return Closing(
        heads=("arm",),
        places=tuple(places.values()),
        lines=list(lines.values()),
        symbols=COMPARED,
        words=[row["comparison"] for row in rows],
        open=list_open(rows, name=name_arm),
        most=MOST_LINES,
    )


def _list_places(rows: list[Row]) -> dict[tuple[str, str], str]:
    """Return the name of each place, in order; with its scale if there are several."""
    scales, scenarios = (sort_places(row[name] for row in rows) for name in ("scale", "scenario"))
    several = len(scales) > 1
    return {
        (scale, scenario): name_place(scale, scenario, several)
        for scenario in scenarios
        for scale in scales
        if any((row["scale"], row["scenario"]) == (scale, scenario) for row in rows)
    }


def _place(row: Row, places: Mapping[tuple[str, str], str]) -> str:
    return places[row["scale"], row["scenario"]]


def _count(closing: Closing, width: int) -> list[Text]:
    """Return how many verdicts have each word, on as many lines as *width* needs."""
    counted = Counter(closing.words)
    lines = [Text() if counted else Text("nothing was judged")]
    for word in filter(counted.get, closing.symbols):
        said = Text(f"{closing.symbols[word]} {counted[word]} {word}", STYLES.get(word, ""))
        if len(lines[-1]) + len(said) + 3 > width:
            lines.append(Text())
        lines[-1].append(" · " if lines[-1] else "").append_text(said)
    return lines


def _list_open(closing: Closing) -> Iterator[str]:
    for line in closing.open[:MOST_OPEN]:
        yield f"open: {line}"
    if len(closing.open) > MOST_OPEN:
        yield f"open: {len(closing.open) - MOST_OPEN} more; the report has them"


def _list_hidden(found: "Findings", closing: Closing, left_out: tuple[str, ...]) -> Iterator[str]:
    """Yield what this screen has no room for."""
    run: Any = found.run
    if closing.excluded:
        yield f"{closing.excluded} claim{'s' * (closing.excluded != 1)} not tested: an excluded arm is a side of each"
    if closing.untested:
        yield say_unmeasured(closing.untested)
    more = len(closing.lines[closing.most :]) if closing.most else 0
    if hidden := [*left_out, *([f"{more} more arms"] if more else [])]:
        yield f"{', '.join(hidden)}: `perfstudy verdicts {run.id} --all`"
