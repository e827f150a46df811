"""The page beside lower bounds and peers, in one run in a browser.

``python -m benchmarks.pages --scale small`` builds the pages, runs the study and prints ratios;
``perfstudy run --study benchmarks/pages.py`` runs the same study with the pages that are built.
Two lower bounds write their rows without React: those in sight, and every row. The peers are the page itself with
another virtual list, the same cards in a table of AG Grid, and the page compiled by React Compiler in place of its
switches. All show the same programs, of the same service.
"""

from typing import Any

from benchmarks import targets
from perfstudy.commands import outcome
from perfstudy.listing import pages
from perfstudy.listing.compiling import arms, declare_page
from perfstudy.listing.page_scenarios import PAGE_SCENARIOS
from perfstudy.listing.studies import add_page, declare
from perfstudy.listing.variant import BEST

FINAL = BEST + "virtual+debounce+memo"
"""The page with what the report advises."""
EVERY = add_page(BEST)
"""The page with every switch."""
BOUND = "plain-rows-in-sight"
COMPILED = "react-compiler"
OTHERS = {
    BOUND: "the rows in sight, written without React",
    "plain-every-row": "every row, written without React",
    "react-window": "the page with react-window",
    "virtua": "the page with virtua",
    "react-virtuoso": "the page with react-virtuoso",
    "ag-grid": "the cards in a table of AG Grid",
    COMPILED: "the page without a switch, compiled by React Compiler",
}
"""The other pages, by the names of their files in ``frontend/peers``."""

STUDY = declare(
    name="pages",
    title="The page, lower bounds and peers",
    arms=(
        *arms([BEST, FINAL, EVERY]),
        *(
            declare_page(name, title, str(pages.peer_folder(name)), variant=BEST if name == COMPILED else FINAL)
            for name, title in OTHERS.items()
        ),
    ),
    scenarios=tuple(PAGE_SCENARIOS),
    ladder=(),
    claims=(),
    costs=None,
)


def build() -> None:
    """Build every other page below the home folder, from the packages of npm's lock."""
    pages.install()
    for name in OTHERS:
        pages.built_page(name)


def show(run: Any) -> None:
    """Print the tables of *run*."""
    targets.show_excluded(run)
    targets.show_ratios(run, BOUND, "cold", "time over that of the rows in sight, written without React")
    targets.show_ratios(run, BOUND, "cold", "processor time of the main thread over that of the same", "cpu")


def main() -> None:
    """Read the options, build the pages and measure them."""
    options = targets.read_options(STUDY, __doc__)
    build()
    targets.run_study(STUDY, options, show)


if __name__ == "__main__":
    outcome.run_app(main)
