"""An arm: one way of running a service, under the label that it has in a study."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Role = Literal["reference", "control", "variant", "competitor"]
"""What an arm is in its study: others are compared with the reference, which is measured again as the control.

A competitor is another application that answers the same requests; its answers may differ in their bytes.
"""

CONTROL_SUFFIX = " (control)"
"""What the label of a control ends in, for people; the role says what it is."""


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One way of running the service.

    The *name* says what is served; two arms of one name, the reference and its control, differ in label and role.
    """

    label: str
    name: str
    role: Role = "variant"
    title: str = ""
    factors: tuple[str, ...] = ()
    """The switches that are on in it, in the order of the study's factors."""
    caches: bool = False
    """Whether an answer may come from a cache, so that cold and warm are two quantities."""
    command: tuple[str, ...] = ()
    """What serves it, with ``{python}``, ``{host}``, ``{port}``, ``{home}`` and ``{scratch}``; empty: the service's."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that configure the service, in addition to those of every arm."""
    schema: tuple[str, ...] = ()
    """What the database is brought to; arms with the same schema share a working copy."""
    needs: frozenset[str] = frozenset()
    """The programs that the system has to have, because no package carries them."""
    scenarios: tuple[str, ...] = ()
    """The scenarios that it can answer; empty: all of its study."""
    gives_cursors: bool = True
    """Whether its answers name the next page, which a scenario that follows it needs."""

    @property
    def is_competitor(self) -> bool:
        """Whether it is another application than the service."""
        return self.role == "competitor"

    def labelled(self, label: str, role: Role) -> "Arm":
        """Return the same arm under another *label*, in another *role*."""
        return replace(self, label=label, role=role)

    def declaration(self) -> dict[str, Any]:
        """Return the arm as plain data; what a competitor runs is part of it, a variant is named."""
        known: dict[str, Any] = {"label": self.label, "name": self.name, "role": self.role}
        known |= {"factors": list(self.factors), "caches": self.caches}
        if self.is_competitor:
            known |= {"title": self.title, "command": list(self.command), "schema": list(self.schema)}
            known |= {"scenarios": list(self.scenarios)}
        return known


def restore_competitor(declaration: Mapping[str, Any]) -> Arm:
    """Return the competitor of a stored *declaration*."""
    fields: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in declaration.items()}
    return Arm(**fields)
