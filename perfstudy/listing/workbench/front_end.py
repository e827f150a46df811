"""Notebook queries on the page: its loading, its keys and its counts."""

from typing import TYPE_CHECKING

from perfstudy.drivers.browser.actions import RENDERS, Visit
from perfstudy.drivers.browser.film import film
from perfstudy.drivers.browser.find import get_browser
from perfstudy.formatting import size_in_bytes
from perfstudy.listing.page_scenarios import PAGE_SCENARIOS, TEXT
from perfstudy.listing.variant import parse
from perfstudy.measure.page import make_address
from perfstudy.model.table import Table

if TYPE_CHECKING:
    from perfstudy.listing.workbench.bench import Bench

QUANTITIES = ("requests", "elements", RENDERS)


class FrontEndBench:
    """The part of a bench that opens pages in a browser; ``Bench.front_end`` is one."""

    def __init__(self, bench: "Bench") -> None:
        self._bench = bench

    def film(self, *variants: str) -> dict[str, list[tuple[float, bytes]]]:
        """Return the frames of each page while it loads, with their seconds."""
        return {name: self._film(name) for name in variants}

    def _film(self, variant: str) -> list[tuple[float, bytes]]:
        return [(frame.seconds, frame.png) for frame in film(get_browser(), self._address(variant))]

    def keys(self, *variants: str) -> dict[str, list[tuple[float, float]]]:
        """Type into each page; return the seconds of each press and its paint."""
        return {name: self._keys(name) for name in variants}

    def _keys(self, variant: str) -> list[tuple[float, float]]:
        with self._open(variant) as visit:
            visit.do("type", TEXT)
            inputs = visit.page.read()["inputs"]
        first = inputs[0]["at"]
        return [((one["at"] - first) / 1e3, (one["painted"] - first) / 1e3) for one in inputs]

    def counts(self, *variants: str) -> Table:
        """Return what each variant's page counts: a row for each action."""
        return Table([row for name in variants for row in self._count(name)])

    def _count(self, variant: str) -> list[dict[str, object]]:
        with self._open(variant) as visit:
            found = {"open": visit.opened, **{name: visit.do(name, TEXT) for name in ("elsewhere", "type")}}
        counted = ((action, one.quantities) for action, one in found.items())
        return [
            {"variant": parse(variant).short, "action": action, **{name: round(seen[name]) for name in QUANTITIES}}
            for action, seen in counted
        ]

    def memory(self, *variants: str) -> Table:
        """Return what each variant's page holds in memory once it is open."""
        rows = []
        for name in variants:
            with self._open(name) as visit:
                seen = visit.opened.quantities
            rows.append(
                {"variant": parse(name).short, "nodes": f"{seen['nodes']:,.0f}", "heap": size_in_bytes(seen["heap"])}
            )
        return Table(rows)

    def _open(self, variant: str) -> Visit:
        return Visit(get_browser(), self._address(variant))

    def _address(self, variant: str) -> str:
        return make_address(self._bench.serve(variant), PAGE_SCENARIOS["open"], self._bench.database(variant))
