"""A performance study of a Django listing: optimizations, a lab, measurements and verdicts.

The names that a notebook imports. Each is loaded when it is first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perfstudy import charts, findings
    from perfstudy.findings import by_order
    from perfstudy.listing import targets
    from perfstudy.listing.claims import CLAIMS
    from perfstudy.listing.optimizations import ALL
    from perfstudy.listing.variants import BASELINE, Variant, parse, variants
    from perfstudy.listing.workbench.bench import Bench
    from perfstudy.measure.study import Study, arms
    from perfstudy.notebook import overview
    from perfstudy.notebook.citations import number
    from perfstudy.notebook.declarations import declaration
    from perfstudy.notebook.magics import load_ipython_extension
    from perfstudy.notebook.published_comparison import yours
    from perfstudy.notebook.tables import costs, judged
    from perfstudy.results import Store
    from perfstudy.results.publish import load_published

__version__ = "0.1.0"

_FACADE = {
    "ALL": "perfstudy.listing.optimizations",
    "BASELINE": "perfstudy.listing.variants",
    "CLAIMS": "perfstudy.listing.claims",
    "Bench": "perfstudy.listing.workbench.bench",
    "Store": "perfstudy.results",
    "Study": "perfstudy.measure.study",
    "Variant": "perfstudy.listing.variants",
    "aims": "perfstudy",
    "arms": "perfstudy.measure.study",
    "charts": "perfstudy",
    "costs": "perfstudy.notebook.tables",
    "declaration": "perfstudy.notebook.declarations",
    "findings": "perfstudy",
    "load_ipython_extension": "perfstudy.notebook.magics",
    "judged": "perfstudy.notebook.tables",
    "number": "perfstudy.notebook.citations",
    "orders": "perfstudy",
    "overview": "perfstudy",
    "parse": "perfstudy.listing.variants",
    "published": "perfstudy.results.publish",
    "variants": "perfstudy.listing.variants",
    "yours": "perfstudy.notebook.published_comparison",
}

__all__ = [
    "ALL",
    "BASELINE",
    "CLAIMS",
    "Bench",
    "Store",
    "Study",
    "Variant",
    "__version__",
    "aims",
    "arms",
    "charts",
    "costs",
    "declaration",
    "findings",
    "judged",
    "load_ipython_extension",
    "number",
    "orders",
    "overview",
    "parse",
    "published",
    "variants",
    "yours",
]


def __getattr__(name: str) -> Any:
    if name not in _FACADE:
        raise AttributeError(f"module 'perfstudy' has no attribute {name!r}; it has {', '.join(__all__)}")
    home = _FACADE[name]
    if home == "perfstudy":
        return import_module(f"perfstudy.{name}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return list(__all__)
