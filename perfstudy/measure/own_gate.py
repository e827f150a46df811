"""The gate of a service of one's own: what it requests, and what may differ."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perfstudy.drivers.http import Exchange
from perfstudy.evidence.also import read_also
from perfstudy.evidence.document_differences import drop_paths, leave_out
from perfstudy.evidence.documents import choose_identity
from perfstudy.evidence.json_paths import check_paths
from perfstudy.evidence.own_differences import OwnDifferences, compare_answers, find_own_differences
from perfstudy.evidence.reference_answers import check_reference
from perfstudy.model.study import Study

DRAWS = 3
"""Requests of each scenario with words."""
SHOWN = 3
"""Differing answers that are shown of an excluded arm."""


class OwnGate:
    """What every arm must answer alike, as far as the reference agrees with itself."""

    def __init__(self, study: Study) -> None:
        """Read what *study* compares.

        Raises:
            UsageError: the identity, a path to ignore or the file of further requests is unsound.
        """
        self._study = study
        check_paths(study.ignore, study.identity)
        self.identity = leave_out(choose_identity(study.identity), study.ignore)
        self._also = read_also(study.also, Path(study.file).parent)
        self._expected: Mapping[str, str] = {}
        self._own: OwnDifferences | None = None
        self.warnings: list[str] = []

    @property
    def is_settled(self) -> bool:
        """Whether the reference's answers are known."""
        return self._own is not None

    def draw_requests(self, facts: Any, seed: int) -> list[str]:
        """Return the paths to request: those of reading scenarios, and the further ones."""
        drawn = [
            target
            for one in self._study.declared
            if one.is_plain
            for target in one.requests(facts, f"gate:{seed}", DRAWS if one.words else 1)
        ]
        return list(dict.fromkeys([*drawn, *self._also]))

    def check(self, exchanges: Mapping[str, Exchange]) -> None:
        """Check that the reference answers what is asked.

        Raises:
            PerfstudyError: it answers an error.
            UsageError: it sends a request to a login page.
        """
        self.warnings = check_reference(exchanges, may_refuse=self._also)

    def settle(self, reference: Mapping[str, str], control: Mapping[str, str]) -> None:
        """Take the *reference*'s answers, as far as its *control* answers the same.

        Raises:
            UsageError: the reference differs from itself in everything.
        """
        self._own = find_own_differences(reference, control)
        self._own.check()
        self._expected = reference

    @property
    def expected(self) -> dict[str, str]:
        """The reference's answers, without what its control answers otherwise."""
        assert self._own is not None
        dropped = self._own.dropped
        return {target: drop_paths(answer, dropped.get(target, ())) for target, answer in self._expected.items()}

    def find_differences(self, answers: Mapping[str, str]) -> list[str]:
        """Return a line for each answer that differs from the reference's."""
        assert self._own is not None
        return compare_answers(self._expected, answers, self._own)

    def explain(self, different: list[str]) -> str:
        """Return why an arm is excluded, with the first of its *different* answers."""
        return f"{len(different)} of {len(self._expected)} answers differ; {'; '.join(different[:SHOWN])}"

    def describe(self) -> dict[str, Any]:
        """Return what was compared and what was not, as it may be stored."""
        dropped = self._own.list_dropped() if self._own else []
        known = {"requests": len(self._expected), "ignored": list(self._study.ignore)}
        return known | {"own_differences": dropped, "warnings": self.warnings}
