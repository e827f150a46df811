"""What fails a run: each kind of verdict, with exit code 3 and a line for each."""

from pathlib import Path
from typing import Any

import pytest

from perfstudy.errors import UsageError
from perfstudy.findings import Findings
from perfstudy.findings.failing import KINDS, list_failures, read_kinds
from perfstudy.results import Store
from tests.commands.test_commands import here
from tests.report import shop


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the runs are stored."""
    return tmp_path_factory.mktemp("failing") / "store.sqlite"


@pytest.fixture(scope="module")
def runs(store: Path) -> dict[str, Findings]:
    """Return the findings of the runs by what they show."""
    claims = shop.declare()["claims"]
    back = [claims[0] | {"variant": "pool", "low": 1}]
    with Store.open(store) as opened:
        made = {
            "sound": shop.store_run(opened),
            "short": shop.store_run(opened, claims=[claims[0] | {"low": 3}]),
            "ruled": shop.store_run(opened, noise=0.1, claims=[claims[0] | {"variant": "pool"}]),
            "refuted": shop.store_run(opened, claims=back),
            "excluded": shop.store_run(opened, excluded={"prefetch": "3 of 14 answers differ"}),
            "noisy": shop.store_run(opened, noise=0.2, claims=back),
            "slower": shop.store_run(opened, names=("reference", "other", "third"), planted=(0.018, 0.04, 0.018)),
        }
        return {kind: Findings(run) for kind, run in made.items()}


FAILURES = {
    ("refuted", "refuted"): ["claim 'twice' is refuted for 'list'"],
    ("short", "fell-short"): ["claim 'twice' fell short for 'list'"],
    ("ruled", "ruled-out"): ["claim 'twice' is ruled out for 'list'"],
    ("slower", "slower"): [f"'other' is slower than 'reference' for '{name}'" for name in ("list", "search")],
    ("excluded", "invalid"): [f"'prefetch' is not comparable with 'main' for '{name}'" for name in ("list", "search")],
    ("sound", "statements"): [f"'pool' sends 63 statements, and 'main' 62 for '{name}'" for name in ("list", "search")],
}


@pytest.mark.parametrize(("run", "kind"), FAILURES)
def test_each_kind_has_a_line_for_each_verdict(run: str, kind: str, runs: dict[str, Findings]) -> None:
    lines = list_failures(runs[run], [kind])
    assert len(lines) == len(FAILURES[run, kind])
    for line, start in zip(lines, FAILURES[run, kind], strict=True):
        assert line.startswith(start)


def test_a_command_exits_with_3_and_prints_the_lines(runs: dict[str, Findings], store: Path) -> None:
    run: Any = runs["slower"].run
    done = here("verdicts", run.id, "--fail-on", "slower", store=store)
    assert done.returncode == 3
    assert done.stderr.splitlines() == [f"failed: {line}" for line in list_failures(runs["slower"], ["slower"])]


def test_a_sound_run_exits_with_0(runs: dict[str, Findings], store: Path) -> None:
    run: Any = runs["sound"].run
    done = here("verdicts", run.id, "--fail-on", "refuted,fell-short,slower,invalid", "--strict", store=store)
    assert (done.returncode, done.stderr) == (0, "")


def test_only_strict_fails_on_an_inconclusive_verdict(runs: dict[str, Findings]) -> None:
    assert list_failures(runs["noisy"], [kind for kind in KINDS if kind != "statements"]) == []
    strict = "\n".join(list_failures(runs["noisy"], [], strict=True))
    assert "'pool' against 'main' is inconclusive for 'list'" in strict
    assert "claim 'twice' is inconclusive for 'list'" in strict


def test_several_kinds_are_listed_in_one_order(runs: dict[str, Findings]) -> None:
    found = runs["slower"]
    both = list_failures(found, ("statements", "slower"))
    assert both == [*list_failures(found, ["slower"]), *list_failures(found, ["statements"])]
    assert list_failures(found, ()) == []


def test_an_unknown_kind_is_refused_with_the_nearest() -> None:
    assert read_kinds("slower, invalid") == ("slower", "invalid")
    with pytest.raises(UsageError, match="did you mean refuted"):
        read_kinds("refutd")
    with pytest.raises(UsageError, match="twice"):
        read_kinds("slower,slower")


@pytest.mark.parametrize(("kinds", "strict"), [(("slower",), False), (("invalid",), False), ((), True)])
def test_an_arm_that_was_never_measured_passes_nothing(kinds: tuple[str, ...], strict: bool, tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.sqlite") as opened:
        found = Findings(shop.store_run(opened, excluded={"broken": "it did not start"}))
    assert list_failures(found, kinds, strict=strict)[:1] == ["'broken' is excluded: it did not start"]
    assert list_failures(found, ()) == []
