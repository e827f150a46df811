"""Secrets: values that a study file names and never holds."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from perfstudy.errors import UsageError


@dataclass(frozen=True)
class Secret:
    """The value of an environment variable, read when it is sent and never stored."""

    name: str

    def read(self) -> str:
        """Return the value.

        Raises:
            UsageError: the variable is not set.
        """
        found = os.environ.get(self.name)
        if not found:
            raise UsageError(f"the study sends env({self.name!r}), and {self.name} is not set: export it first")
        return found

    def __str__(self) -> str:
        return f"env({self.name!r})"


def env(name: str) -> Secret:
    """Return the secret in the environment variable *name*."""
    return Secret(name)


def reveal(values: Mapping[str, "str | Secret"]) -> dict[str, str]:
    """Return *values* with the secrets in them read.

    Raises:
        UsageError: a variable is not set.
    """
    return {name: value.read() if isinstance(value, Secret) else value for name, value in values.items()}


def conceal(values: Mapping[str, "str | Secret"]) -> dict[str, str]:
    """Return *values* as they may be stored: of a secret, its name."""
    return {name: str(value) for name, value in values.items()}
