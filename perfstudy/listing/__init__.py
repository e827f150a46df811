"""The study of the source report, under the names that its notebooks import.

Service, optimizations, data set, claims, scenarios and studies; each is loaded when it is first used.
"""

from typing import TYPE_CHECKING

from perfstudy import make_facade

if TYPE_CHECKING:
    from perfstudy.listing import targets
    from perfstudy.listing.claims import CLAIMS
    from perfstudy.listing.compiling import arms
    from perfstudy.listing.optimizations import ALL
    from perfstudy.listing.studies import declare
    from perfstudy.listing.variant import BASELINE, Variant, parse, variants
    from perfstudy.listing.workbench import explore, overview
    from perfstudy.listing.workbench.bench import Bench
    from perfstudy.listing.workbench.declarations import declaration
    from perfstudy.listing.workbench.magics import load_ipython_extension

_FACADE = {
    "ALL": "perfstudy.listing.optimizations",
    "BASELINE": "perfstudy.listing.variant",
    "Bench": "perfstudy.listing.workbench.bench",
    "CLAIMS": "perfstudy.listing.claims",
    "Variant": "perfstudy.listing.variant",
    "arms": "perfstudy.listing.compiling",
    "declaration": "perfstudy.listing.workbench.declarations",
    "declare": "perfstudy.listing.studies",
    "explore": "perfstudy.listing.workbench.explore:",
    "load_ipython_extension": "perfstudy.listing.workbench.magics",
    "overview": "perfstudy.listing.workbench.overview:",
    "parse": "perfstudy.listing.variant",
    "targets": "perfstudy.listing.targets:",
    "variants": "perfstudy.listing.variant",
}
"""Where each name is, as ``make_facade`` reads it."""

__all__ = [
    "ALL",
    "BASELINE",
    "CLAIMS",
    "Bench",
    "Variant",
    "arms",
    "declaration",
    "declare",
    "explore",
    "load_ipython_extension",
    "overview",
    "parse",
    "targets",
    "variants",
]

__getattr__, __dir__ = make_facade(__name__, _FACADE, __all__)
