"""An arm: one way of running a service, under its label in a study."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Role = Literal["reference", "control", "variant", "competitor"]
"""What an arm is in its study: others are compared with the reference, which is measured again as the control.

A competitor is another application that answers the same requests; its answers may differ in their bytes.
"""

CONTROL_SUFFIX = " (control)"
"""The suffix of a control's label, for people; the role decides."""


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
    """Whether answers may come from a cache; then cold and warm are two quantities."""
    command: tuple[str, ...] = ()
    """The command that serves it; empty: the service's.

    It may contain ``{python}``, ``{host}``, ``{port}``, ``{home}`` and ``{scratch}``.
    """
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that configure the service, in addition to those of every arm."""
    schema: tuple[str, ...] = ()
    """What the database is brought to; arms with the same schema share a working copy."""
    needs: frozenset[str] = frozenset()
    """Programs that must be installed on the system, because no package contains them."""
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
        """Return the arm as plain data.

        A variant is given by its name, a competitor with its command.
        """
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
