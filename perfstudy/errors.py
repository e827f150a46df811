"""Errors that a person can act on: what is wrong, its value, the next step."""

import re
from collections.abc import Iterable
from difflib import get_close_matches


class PerfstudyError(Exception):
    """An error that the reader can fix; the command line prints it and exits with 1."""

    def _render_traceback_(self) -> list[str]:
        """Return the message without a traceback, for notebooks.

        IPython calls it by this name.
        """
        return [f"{type(self).__name__}: {self}"]


class UsageError(PerfstudyError):
    """Bad input; the command line prints it and exits with 2."""


class NotInstalledError(PerfstudyError):
    """A program that some variants need is missing, so they cannot be tested here."""


class FailedVerdicts(Exception):  # noqa: N818 - no error: the run went well, and its verdict is what was asked about
    """Verdicts that the reader asked to fail on; the command line exits with 3."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("; ".join(self.lines))


RENAMED = {
    **dict.fromkeys(("again", "twin"), "control"),
    **dict.fromkeys(("rival", "rivals"), "competitor"),
    **dict.fromkeys(("floor", "floors"), "lower bound"),
    **dict.fromkeys(("aim", "aims"), "target"),
    **dict.fromkeys(("testimony", "witness"), "evidence"),
}
"""Words of earlier versions, and what they are called now."""


def unknown(kind: str, value: str, choices: Iterable[str]) -> UsageError:
    """Return the error for a *value* that is none of *choices*.

    It names the nearest choices, or the new name of a renamed word.
    """
    known = list(choices)
    old = next((word for word in re.findall("[a-z]+", value) if word in RENAMED), None)
    if old is not None and kind not in ("run", "ref"):  # which people name as they like
        return UsageError(
            f"unknown {kind} {value!r}: {old!r} is called {RENAMED[old]!r} now; `perfstudy list` has the names"
        )
    near = get_close_matches(value, known, n=3, cutoff=0.4) or known[:8]
    hint = f"did you mean {' or '.join(near)}?" if near else "there is none yet."
    return UsageError(f"unknown {kind} {value!r}: {hint}")
