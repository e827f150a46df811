"""Compare ways of running a web service, with a verdict for every claim.

The names that a study or a notebook imports. Each is loaded at its first use, so that importing the package costs
nothing; names of the source report's study are in ``perfstudy.listing``.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perfstudy import charts, findings
    from perfstudy.findings import by_order as orders
    from perfstudy.model.arm import Arm
    from perfstudy.model.claim import Claim
    from perfstudy.model.crossing import crossed
    from perfstudy.model.scenario import Scenario
    from perfstudy.model.secret import env
    from perfstudy.model.service import Cache, Service
    from perfstudy.model.study import Study
    from perfstudy.notebook.citations import number
    from perfstudy.notebook.opening import open_run
    from perfstudy.notebook.published_comparison import yours
    from perfstudy.notebook.tables import costs, judged, tabulate
    from perfstudy.results import Store
    from perfstudy.results.published import load_published as published

__version__ = "0.1.0"

_FACADE = {
    "Arm": "perfstudy.model.arm",
    "Cache": "perfstudy.model.service",
    "Claim": "perfstudy.model.claim",
    "Scenario": "perfstudy.model.scenario",
    "Service": "perfstudy.model.service",
    "Store": "perfstudy.results",
    "Study": "perfstudy.model.study",
    "charts": "perfstudy.charts:",
    "costs": "perfstudy.notebook.tables",
    "crossed": "perfstudy.model.crossing",
    "env": "perfstudy.model.secret",
    "findings": "perfstudy.findings:",
    "judged": "perfstudy.notebook.tables",
    "number": "perfstudy.notebook.citations",
    "open_run": "perfstudy.notebook.opening",
    "orders": "perfstudy.findings.by_order:",
    "published": "perfstudy.results.published:load_published",
    "tabulate": "perfstudy.notebook.tables",
    "yours": "perfstudy.notebook.published_comparison",
}
"""Where each name is, as ``make_facade`` reads it."""

__all__ = [
    "Arm",
    "Cache",
    "Claim",
    "Scenario",
    "Service",
    "Store",
    "Study",
    "__version__",
    "charts",
    "costs",
    "crossed",
    "env",
    "findings",
    "judged",
    "number",
    "open_run",
    "orders",
    "published",
    "tabulate",
    "yours",
]


def make_facade(
    package: str, places: Mapping[str, str], names: Sequence[str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return *package*'s ``__getattr__`` and ``__dir__``, exporting *names* (PEP 562).

    *places* gives the module of each, with its name there after the colon; an empty name means the module itself.
    For any other name, ``__getattr__`` raises an AttributeError that lists *names*.
    """

    def get(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}; it has {', '.join(names)}")
        home, colon, other = places[name].partition(":")
        module = import_module(home)
        return module if colon and not other else getattr(module, other or name)

    return get, lambda: list(names)


__getattr__, __dir__ = make_facade(__name__, _FACADE, __all__)
