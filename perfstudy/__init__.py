"""A performance study of a Django listing: optimizations, a lab, measurements and verdicts.

The names that a notebook imports. Each is loaded when it is first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_FACADE = {
    "ALL": "perfstudy.optimizations",
    "BASELINE": "perfstudy.variant",
    "CLAIMS": "perfstudy.claims",
    "Bench": "perfstudy.bench",
    "Store": "perfstudy.results",
    "Study": "perfstudy.measure.study",
    "Variant": "perfstudy.variant",
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

__all__ = ["__version__", *_FACADE]


def __getattr__(name: str) -> Any:
    if name not in _FACADE:
        raise AttributeError(f"module 'perfstudy' has no attribute {name!r}; it has {', '.join(__all__)}")
    home = _FACADE[name]
    if home == "perfstudy":
        return import_module(f"perfstudy.{name}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return list(__all__)
