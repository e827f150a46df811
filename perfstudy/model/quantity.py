"""What can be claimed and compared: a time, a count, a size, each less the better."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from perfstudy.formatting import amount


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something measured of which less is better.

    ``least`` is the smallest value that a ratio is taken of: a count of 0 counts as 1, so that a ratio to it is a lower
    bound.
    """

    name: str
    title: str
    unit: str = ""
    least: float = 1.0

    def format(self, value: float) -> str:
        """Return *value* with its unit."""
        return amount(round(value, 9), self.unit)  # a mean of logs is no whole number any more

    @property
    def less(self) -> str:
        """What less of it is called: ``faster`` or ``less``."""
        return "faster" if self.unit == SECONDS else "less"


SECONDS, BYTES = "s", "bytes"
RESPONSE, DATABASE = "response", "database"
"""The response time, which for a page is the time until what was done is painted; and its part in the database."""

_EVERY = (
    Quantity(RESPONSE, "response time", SECONDS, 0.0),
    Quantity(DATABASE, "time in the database", SECONDS, 0.0),
    Quantity("cpu", "processor time of the page's main thread", SECONDS, 1e-6),
    Quantity("inp", "interaction to next paint", SECONDS, 0.016),
    Quantity("result", "time from the last key to its result", SECONDS, 1e-6),
    Quantity("mark", "time of a click that concerns one card", SECONDS, 1e-6),
    Quantity("blocking", "time in tasks beyond their first 50 ms", SECONDS, 1e-3),
    Quantity("requests", "requests"),
    Quantity("commits", "renderings of the page"),
    Quantity("card renders", "renderings of a card"),
    Quantity("mark renders", "renderings of a card after clicks that concern one"),
    Quantity("elements", "elements of the document"),
    Quantity("nodes", "nodes of the document"),
    Quantity("long tasks", "tasks of more than 50 ms"),
    Quantity("heap", "memory of the page's scripts", BYTES),
    Quantity("memory", "memory of the page's process", BYTES),
)
QUANTITIES: Mapping[str, Quantity] = MappingProxyType({one.name: one for one in _EVERY})
"""Every quantity by name; a page gives all of them but the database's, each where its action has it."""


def format_quantity(name: str, value: float) -> str:
    """Return a *value* of the quantity *name* with its unit; empty for nothing."""
    return "" if value != value else QUANTITIES[name].format(value)
