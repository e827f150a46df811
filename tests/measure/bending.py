"""A service that is wrong on purpose, in one answer."""

from dataclasses import replace

import pytest

from perfstudy.listing.gate import identify_exactly
from perfstudy.listing.lab import Lab


def bend_an_answer(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the twentieth answer that the gate compares differ by a space."""
    calls: list[int] = []

    def bent(status: int, body: bytes) -> str:
        calls.append(status)
        return identify_exactly(status, body if len(calls) != 20 else body + b" ")

    monkeypatch.setattr(lab, "service", replace(lab.service, exact=bent))
