"""A performance study of a Django listing: optimizations, a lab, measurements and verdicts.

The names that a notebook imports. Each is loaded when it is first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perfstudy import aims, charts, findings, orders, overview
    from perfstudy.bench import Bench
    from perfstudy.claims import CLAIMS
    from perfstudy.declared import declaration
    from perfstudy.extension import load_ipython_extension
    from perfstudy.measure.study import Study, arms
    from perfstudy.numbers import number
    from perfstudy.optimizations import ALL
    from perfstudy.results import Store
    from perfstudy.results.publish import published
    from perfstudy.standing import yours
    from perfstudy.tables import costs, judged
    from perfstudy.variant import BASELINE, Variant, parse, variants

__version__ = "0.1.0"

_FACADE = {
    "ALL": "perfstudy.optimizations",
    "BASELINE": "perfstudy.variant",
    "CLAIMS": "perfstudy.claims",
    "Bench": "perfstudy.bench",
    "Store": "perfstudy.results",
    "Study": "perfstudy.measure.study",
    "Variant": "perfstudy.variant",
    "aims": "perfstudy",
    "arms": "perfstudy.measure.study",
    "charts": "perfstudy",
    "costs": "perfstudy.tables",
    "declaration": "perfstudy.declared",
    "findings": "perfstudy",
    "load_ipython_extension": "perfstudy.extension",
    "judged": "perfstudy.tables",
    "number": "perfstudy.numbers",
    "orders": "perfstudy",
    "overview": "perfstudy",
    "parse": "perfstudy.variant",
    "published": "perfstudy.results.publish",
    "variants": "perfstudy.variant",
    "yours": "perfstudy.standing",
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
