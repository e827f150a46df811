"""End a command with exit code 3 where a verdict is one that the reader named."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from perfstudy.commands import choices
from perfstudy.errors import FailedVerdicts

if TYPE_CHECKING:
    from perfstudy.findings import Findings


def _kinds() -> list[str]:
    from perfstudy.findings.failing import KINDS

    return list(KINDS)


FailOn = Annotated[
    str | None,
    typer.Option(
        "--fail-on",
        metavar="KINDS",
        help="Exit with 3 on one of these, joined by commas: "
        "refuted, fell-short, ruled-out, slower, invalid, statements.",
        autocompletion=choices.complete(_kinds),
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 3 on an inconclusive verdict as well.")]


@dataclass(frozen=True)
class Ending:
    """What a command does at its end: the verdicts it fails on, and its summary."""

    kinds: tuple[str, ...] = ()
    strict: bool = False
    summary: Path | None = None

    def check(self, found: "Findings") -> None:
        """Check the verdicts of a run.

        Raises:
            FailedVerdicts: some of them are to fail it.
        """
        from perfstudy.findings.failing import list_failures

        lines = list_failures(found, self.kinds, strict=self.strict)
        if lines:
            raise FailedVerdicts(lines)


def read_ending(fail_on: str | None, strict: bool, summary: Path | None = None) -> Ending:
    """Return what the options ask for at the end.

    Raises:
        UsageError: no verdict has the name to fail on.
    """
    from perfstudy.findings.failing import read_kinds

    return Ending(read_kinds(fail_on) if fail_on is not None else (), strict, summary)
