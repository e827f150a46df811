"""The gate of a service of one's own: what it requests, and what may differ."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perfstudy.evidence.also import read_also
from perfstudy.evidence.documents import (
    OwnDifferences,
    check_paths,
    check_reference,
    choose_identity,
    describe_differences,
    drop_paths,
    find_own_differences,
)
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
        self.identity = choose_identity(study.identity)
        check_paths(study.ignore)
        self._also = read_also(study.also, Path(study.file).parent)
        self._expected: dict[str, str] = {}
        self._own: OwnDifferences | None = None

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

    def settle(self, reference: Mapping[str, str], control: Mapping[str, str]) -> None:
        """Take the *reference*'s answers, as far as its *control* answers the same.

        Raises:
            UsageError: the reference answers an error, or differs from itself in everything.
        """
        check_reference(reference)
        self._own = find_own_differences(reference, control)
        self._expected = {target: self._drop(target, answer) for target, answer in reference.items()}

    def find_differences(self, answers: Mapping[str, str]) -> list[str]:
        """Return a sentence for each answer that differs from the reference's."""
        return [
            f"{target}: {describe_differences(expected, self._drop(target, answers.get(target, '')))}"
            for target, expected in self._expected.items()
            if self._drop(target, answers.get(target, "")) != expected
        ]

    def explain(self, different: list[str]) -> str:
        """Return why an arm is excluded, with the first of its *different* answers."""
        return f"{len(different)} of {len(self._expected)} answers differ; {'; '.join(different[:SHOWN])}"

    def describe(self) -> dict[str, Any]:
        """Return what was compared and what was not, as it may be stored."""
        own = self._own.paths if self._own else {}
        return {"requests": len(self._expected), "ignored": list(self._study.ignore), "own_differences": own}

    def _drop(self, target: str, answer: str) -> str:
        own = self._own.paths.get(target, ()) if self._own else ()
        return drop_paths(answer, (*self._study.ignore, *own))
