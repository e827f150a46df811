"""Errors that a person can act on: what is wrong, its value, the next step."""

from collections.abc import Iterable
from difflib import get_close_matches


class PerfstudyError(Exception):
    """Something that the reader of the message can mend; the command line prints it and exits with 1."""

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows, which asks for it by this name: the message without the way there."""
        return [f"{type(self).__name__}: {self}"]


class UsageError(PerfstudyError):
    """Bad input; the command line prints it and exits with 2."""


def unknown(kind: str, value: str, choices: Iterable[str]) -> UsageError:
    """Return the error for a *value* that is none of the *choices*, naming the nearest of them."""
    known = list(choices)
    near = get_close_matches(value, known, n=3, cutoff=0.4) or known[:8]
    hint = f"did you mean {' or '.join(near)}?" if near else "there is none yet."
    return UsageError(f"unknown {kind} {value!r}: {hint}")
