"""An arm: one way of running a service, under its label in a study."""

import shlex
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, Literal

from perfstudy.errors import UsageError
from perfstudy.model.secret import Secret, conceal

Role = Literal["reference", "control", "variant", "competitor"]
"""What an arm is in its study: others are compared with the reference, which is measured again as the control.

A competitor is another application that answers the same requests; its answers may differ in their bytes.
"""

CONTROL_SUFFIX = " (control)"
"""The suffix of a control's label, for people; the role decides."""


ORIGINS = ("ref", "tree", "url")
"""The fields that say where the code of an arm comes from."""


def split_command(command: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return the parts of *command*, split as a shell would.

    Raises:
        UsageError: a quotation mark in it is not closed.
    """
    try:
        return tuple(shlex.split(command)) if isinstance(command, str) else tuple(command)
    except ValueError as error:
        raise UsageError(f"command {command!r} cannot be split: {str(error).lower()}") from None


@dataclass(frozen=True)
class Arm:
    """One way of running the service.

    The *name* says what is served, by default the label; two arms of one name, the reference and its control, differ
    in label and role. At most one of *ref*, *tree* and *url* says where the code comes from.

    Raises:
        UsageError: it has two origins, or a URL and something that only a process of ours can have.
    """

    label: str
    _: KW_ONLY
    name: str = ""
    role: Role = "variant"
    title: str = ""
    factors: tuple[str, ...] = ()
    """The switches that are on in it, in the order of the study's factors."""
    caches: bool = False
    """Whether answers may come from a cache; then cold and warm are two quantities."""
    remembers: float = 0.0
    """The seconds for which its process may still answer with a hit after its cache was emptied."""
    ref: str = ""
    """The git ref of the commit that is served, from a worktree of its own."""
    tree: str = ""
    """The working tree that is served as it is, relative to the study file."""
    url: str = ""
    """The address of a service that runs already."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Django settings that are merged into the project's own."""
    command: str | tuple[str, ...] = ()
    """The command that serves it; empty: the service's.

    It may contain ``{python}``, ``{host}``, ``{port}``, ``{home}`` and ``{scratch}``.
    """
    environment: Mapping[str, str | Secret] = field(default_factory=dict)
    """Variables that configure the service, in addition to those of every arm."""
    schema: tuple[str, ...] = ()
    """What the database is brought to; arms with the same schema share a working copy."""
    needs: frozenset[str] = frozenset()
    """Programs that must be installed on the system, because no package contains them."""
    scenarios: tuple[str, ...] = ()
    """The scenarios that it can answer; empty: all of its study."""
    gives_cursors: bool = True
    """Whether its answers name the next page, which a scenario that follows it needs."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name or self.label)
        given = [f"{name}={getattr(self, name)!r}" for name in ORIGINS if getattr(self, name)]
        if len(given) > 1:
            raise UsageError(f"arm {self.label!r} has {len(given)} origins, {' and '.join(given)}: leave one of them")
        if self.url and (self.settings or self.environment or self.command):
            raise UsageError(
                f"arm {self.label!r} runs already at {self.url}: settings, environment and command cannot change it"
            )

    @property
    def argv(self) -> tuple[str, ...]:
        """The parts of its command; none: the service's."""
        return split_command(self.command)

    @property
    def origin(self) -> tuple[str, str]:
        """The field that says where its code comes from, and its value; else empty."""
        return next(((name, getattr(self, name)) for name in ORIGINS if getattr(self, name)), ("", ""))

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
        kind, place = self.origin
        if kind:
            known |= {kind: place, "settings": dict(self.settings), "environment": conceal(self.environment)}
            known |= {"command": list(self.argv)}
        if self.is_competitor:
            known |= {"title": self.title, "command": list(self.argv), "schema": list(self.schema)}
            known |= {"scenarios": list(self.scenarios)}
            known |= {"environment": conceal(self.environment)} if self.environment else {}
        return known


def restore_competitor(declaration: Mapping[str, Any]) -> Arm:
    """Return the competitor of a stored *declaration*."""
    fields: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in declaration.items()}
    return Arm(**fields)
