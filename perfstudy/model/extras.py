"""The extras: packages that only some commands need.

Where one is missing, the message says how to install it.
"""

import re
from functools import cache
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec

from perfstudy.errors import UsageError

EVERYTHING = "dev"
"""The extra that contains the others."""

INDIRECT = {"IPython": "ipykernel", "jupyter_core": "jupyterlab"}
"""The package of an extra that brings a module of another name."""


def require(extra: str) -> None:
    """Raise a ``UsageError`` unless the packages of *extra* are installed."""
    missing = [module for module, name in _list_modules() if name == extra and find_spec(module) is None]
    if missing:
        raise describe(missing[0], extra)


def explain(error: ModuleNotFoundError) -> UsageError | None:
    """Return the error that names the extra to install, if one has the module."""
    module = (error.name or "").partition(".")[0]
    extra = dict(_list_modules()).get(INDIRECT.get(module, module))
    return describe(module, extra) if extra else None


def describe(module: str, extra: str) -> UsageError:
    """Return the error for a *module* that *extra* would install."""
    return UsageError(f"{module} is not installed: {format_install(extra)}")


def format_install(extra: str) -> str:
    """Return the command that installs *extra*."""
    return f"pip install 'perfstudy[{extra}]'"


@cache
def _list_modules() -> tuple[tuple[str, str], ...]:
    """Return each module of an extra, with the smallest extra that has it last."""
    try:
        lines = requires("perfstudy") or []
    except PackageNotFoundError:  # a checkout that is not installed, which cannot say what it needs
        lines = []
    pairs = [(re.match(r"[\w.-]+", line), re.search(r"extra == ['\"](\w+)['\"]", line)) for line in lines]
    found = [(name[0].replace("-", "_"), extra[1]) for name, extra in pairs if name and extra]
    sizes = [extra for _, extra in found]
    return tuple(sorted((pair for pair in found if pair[1] != EVERYTHING), key=lambda pair: -sizes.count(pair[1])))
