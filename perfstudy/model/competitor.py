"""A rival: an application that is no variant of the service, yet is served, checked and measured like one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

COMPETITOR_PREFIX = "rival:"
"""What the name of a rival begins with, in results as in schedules; no optimization can be called so."""


@dataclass(frozen=True, kw_only=True)
class Competitor:
    """An application that answers the listing in its own way.

    It answers ``/api/programs`` for the tenant of the bearer token, and ``/api/noop`` and ``/api/health`` with 200.
    It is told where the servers are by the environment variables that the service itself is told by.
    It counts where its documents are those of the baseline; their bytes may differ.
    """

    name: str
    """``rival:`` and what it is, ``rival:wsgi-redis``."""
    title: str
    command: tuple[str, ...]
    """What serves it, with ``{python}``, ``{home}`` (the project's state), ``{host}``, ``{port}`` and ``{scratch}``."""
    caches: bool = False
    """Whether an answer may come from a cache below ``PERFSTUDY_KEY_PREFIX``: cold and warm are then measured."""
    schema: str = "baseline"
    """The variant in whose schema it is served."""
    scenarios: tuple[str, ...] = ()
    """The scenarios that it can answer; all of its study if none is named."""

    def answers(self, scenario: str) -> bool:
        """Whether *scenario* can be asked of it."""
        return not self.scenarios or scenario in self.scenarios


def is_competitor(name: str) -> bool:
    """Whether a result of this *name* is a rival's rather than a variant's."""
    return name.startswith(COMPETITOR_PREFIX)


def restore_competitor(declaration: Mapping[str, Any]) -> Competitor:
    """Return the rival of a stored *declaration*."""
    fields: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in declaration.items()}
    return Competitor(**fields)
