"""The study of the source report: its service, optimizations, data set, claims, scenarios and studies.

The names that its notebooks import. Each is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perfstudy.listing import targets
    from perfstudy.listing.claims import CLAIMS
    from perfstudy.listing.compiling import arms
    from perfstudy.listing.optimizations import ALL
    from perfstudy.listing.studies import declare
    from perfstudy.listing.variant import BASELINE, Variant, parse, variants
    from perfstudy.listing.workbench import overview
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
    "load_ipython_extension": "perfstudy.listing.workbench.magics",
    "overview": "perfstudy.listing.workbench.overview:",
    "parse": "perfstudy.listing.variant",
    "targets": "perfstudy.listing.targets:",
    "variants": "perfstudy.listing.variant",
}
"""Where each name is; a module of its own ends in a colon."""

__all__ = [
    "ALL",
    "BASELINE",
    "CLAIMS",
    "Bench",
    "Variant",
    "arms",
    "declaration",
    "declare",
    "load_ipython_extension",
    "overview",
    "parse",
    "targets",
    "variants",
]


def __getattr__(name: str) -> Any:
    if name not in _FACADE:
        raise AttributeError(f"module 'perfstudy.listing' has no attribute {name!r}; it has {', '.join(__all__)}")
    home = _FACADE[name]
    module = import_module(home.removesuffix(":"))
    return module if home.endswith(":") else getattr(module, name)


def __dir__() -> list[str]:
    return list(__all__)
