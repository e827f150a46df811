"""Findings: planted effects come out of the store as the verdicts that they deserve."""

import sys
from collections import Counter
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from types import FrameType

import numpy as np
import pandas as pd
import pytest

from perfstudy import findings
from perfstudy.analysis.bootstrap import effect_interval
from perfstudy.commands.report import write_report
from perfstudy.commands.verdicts import print_verdicts
from perfstudy.listing.claims import CLAIMS, REPORT_CLAIMS
from perfstudy.listing.compiling import arms
from perfstudy.listing.optimizations import ORIGINAL
from perfstudy.listing.studies import STUDIES, declare
from perfstudy.listing.variant import BASELINE, Variant, parse
from perfstudy.measure.schedule import draw_schedule
from perfstudy.model.study import Study
from perfstudy.results import CellResult, Run, Store, publish
from perfstudy.results.published import load_published

PLANTED = {"index": 4.0, "related": 2.0, "values": 1.25, "connections": 1.0, "gunicorn": 0.8, "cache": 8.0}
"""By what factor each optimization is faster in the planted data; the cache's only when warm."""


def seconds(variant: Variant, temperature: str) -> float:
    """Return the planted median response time."""
    factors = [PLANTED[o.name] for o in variant if o.name != "cache" or temperature == "warm"]
    return 1.0 / float(np.prod(factors))


def planted(store: Store, study: Study, noise: float = 0.01, unit: float = 1.0, waiting: int = 0) -> Run:
    """Return a run of *study* with the planted effects, a level for each block, and *noise*.

    The baseline takes about *unit* seconds, and so many requests of each cell wait 40 ms longer.
    """
    random = np.random.default_rng(3)
    cells = draw_schedule(study, 1)
    run = store.plan(study.name, study.declaration(), 1, study.blocks, cells, {"cpus": 2}, {})
    levels = np.exp(random.normal(0, 0.3, study.blocks))
    for cell in cells:
        middle = unit * seconds(parse(cell.variant), cell.temperature) * levels[cell.block]
        times = middle * np.exp(random.normal(0, noise) + random.normal(0, noise, study.requests))
        times[:waiting] += 0.04
        result = CellResult(
            latencies=(times * 1e9).astype(np.int64),
            first_ns=None,
            setup_seconds=0.0,
            started_at=datetime.now(UTC),
            warmups=1,
            server_timing={"connect": 0.0, "db": middle * 500, "serialize": 0.0, "total": middle * 900},
            bytes=1,
            errors=0,
        )
        store.append(run, cell, result)
    store.finish(run, {})
    return store.run(run)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return an empty store."""
    return Store.open(tmp_path_factory.mktemp("findings") / "store.sqlite")


@pytest.fixture(scope="module")
def ladder(store: Store) -> Run:
    """Return a ladder of twelve blocks with the planted effects."""
    return planted(store, STUDIES["ladder"].narrow(blocks=12, scenarios=("page",)))


@pytest.fixture(scope="module")
def factorial(store: Store) -> Run:
    """Return a full factorial of ten blocks with the planted effects."""
    return planted(store, STUDIES["factorial"].narrow(blocks=10, requests=5))


VERDICTS = {
    "index-queries": "supported",
    "index-response": "exceeded",
    "rows-response": "exceeded",
    "values-instances": "fell short",
    "connections-response": "supported",
    "gunicorn-response": "refuted",
    "cache-hit": "supported",
    "cache-warm-cold": "fell short",
    "together-response": "supported",
    "together-cold": "supported",
    "together-warm": "supported",
}


def test_no_comparison_is_computed_twice(ladder: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done: Counter[tuple[bytes, bytes]] = Counter()

    def note_call(frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and frame.f_code is effect_interval.__code__:
            mine, theirs = frame.f_locals["variant"], frame.f_locals["reference"]
            done[b"".join(map(bytes, mine)), b"".join(map(bytes, theirs))] += 1

    sys.setprofile(note_call)
    try:
        found = findings.find(ladder)
        print_verdicts(found)
        write_report(found, tmp_path / "report.html")
        print_verdicts(found)
    finally:
        sys.setprofile(None)
    capsys.readouterr()
    assert len(done) > 10
    assert set(done.values()) == {1}


def test_every_claim_gets_the_verdict_that_was_planted(ladder: Run) -> None:
    frame = findings.verdicts(ladder)
    found = dict(zip(frame["claim"], frame["verdict"], strict=True))
    assert VERDICTS.keys() == {claim.id for claim in REPORT_CLAIMS}
    beyond = {claim.id: "not testable here" for claim in CLAIMS if claim not in REPORT_CLAIMS}
    assert found == VERDICTS | beyond


def test_intervals_hold_the_planted_factors(ladder: Run) -> None:
    frame = findings.comparisons(ladder)
    pages = frame[frame["scenario"] == "page"]
    for _, row in pages.iterrows():
        truth = 1 / seconds(parse(row["variant"]), row["temperature"])
        assert row["low"] * 0.98 <= truth <= row["high"] * 1.02
    control = pages[pages["label"] == "baseline (control)"].iloc[0]
    assert control["comparison"] == "equivalent"
    assert control["floor"] < 1.05


def test_the_ladder_has_a_row_for_each_step_and_two_for_the_cache(ladder: Run) -> None:
    frame = findings.ladder(ladder)
    pages = frame[frame["scenario"] == "page"]
    assert list(pages["change"]) == [
        "baseline",
        "+ index",
        "+ related+values",
        "+ connections",
        "+ gunicorn",
        "+ cache",
        "+ cache",
    ]
    assert pages.iloc[2]["speedup"] == pytest.approx(2.5, rel=0.05)


def test_shapley_values_are_the_planted_factors(factorial: Run) -> None:
    frame = findings.attribution(factorial)
    warm = frame[frame["temperature"] == "warm"].set_index("optimization")
    for name, factor in PLANTED.items():
        assert np.exp(warm.loc[name, "shapley"]) == pytest.approx(factor, rel=0.03)
        assert np.exp(warm.loc[name, "main"]) == pytest.approx(factor, rel=0.03)
    total = np.exp(warm["shapley"].sum())
    assert total == pytest.approx(float(np.prod(list(PLANTED.values()))), rel=0.05)


def test_no_interaction_is_found_where_none_was_planted(factorial: Run) -> None:
    frame = findings.interactions(factorial)
    assert len(frame) == 2 * 15
    assert frame["effect"].abs().max() < 0.02


def test_a_ladder_has_no_attribution(ladder: Run) -> None:
    assert findings.attribution(ladder).empty
    assert findings.interactions(ladder).empty


def test_few_blocks_are_indicative(store: Store) -> None:
    study = STUDIES["ladder"].narrow(blocks=3, scenarios=("page",))
    frame = findings.verdicts(planted(store, study))
    concluded = frame[~frame["verdict"].isin(["inconclusive", "not testable here"])]
    assert len(concluded)
    assert concluded["indicative"].all()


def test_an_excluded_variant_makes_its_claims_invalid(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.sqlite") as store:
        run = planted(store, STUDIES["ladder"].narrow(blocks=10, scenarios=("page",)))
        store.exclude(run.id, "index", "3 answers differ")
        frame = findings.verdicts(store.run(run.id)).set_index("claim")
        assert frame.loc["index-response", "verdict"] == "invalid"
        assert "3 answers differ" in frame.loc["index-response", "reason"]
        assert frame.loc["cache-hit", "verdict"] == "supported"


def test_runs_of_one_environment_are_pooled_and_others_are_not(store: Store, ladder: Run) -> None:
    other = planted(store, STUDIES["ladder"].narrow(blocks=10, scenarios=("page",)))
    pooled = findings.compare_runs(ladder, other, poolable=True)
    assert (pooled["pooled"].between(*np.sort(pooled[["speedup_one", "speedup_other"]].to_numpy().T, axis=0))).all()
    assert findings.compare_runs(ladder, other)["pooled"].isna().all()


def test_a_study_without_a_control_has_no_floor(store: Store) -> None:
    compared = arms([BASELINE, parse("index")], control=False)
    study = declare("own", "", compared, scenarios=("page",), blocks=10)
    frame = findings.comparisons(planted(store, study))
    assert frame["floor"].isna().all()
    assert frame[frame["label"] == "index"]["comparison"].eq("faster").all()


def test_the_factorial_has_every_subset_of_the_report_s_optimizations_and_one_control() -> None:
    names = [optimization.name for optimization in ORIGINAL]
    subsets = {frozenset(chosen) for size in range(len(names) + 1) for chosen in combinations(names, size)}
    arms = STUDIES["factorial"].arms
    assert Counter(frozenset(o.name for o in parse(arm.name)) for arm in arms) == Counter([*subsets, frozenset()])
    assert [arm.name for arm in arms if arm.label != arm.name] == [BASELINE.name]


def published(**columns: object) -> dict[str, object]:
    """Return one row of a published verdict table."""
    row = {"published": "ladder-medium", "study": "ladder", "claim": "index-response", "scenario": "page"}
    row |= {"scale": "medium", "speedup": 4.0, "low": 3.9, "high": 4.1, "verdict": "exceeded"}
    return row | columns


def beside(ladder: Run, *rows: dict[str, object]) -> dict[str, object]:
    """Return the row of the ladder's claim about the index, with what is *published* beside it."""
    frame = findings.add_published(findings.verdicts(ladder), pd.DataFrame(rows, columns=list(published())), "ladder")
    return dict(frame[frame["claim"] == "index-response"].iloc[0])


@pytest.mark.parametrize(("low", "high", "standing"), [(3.9, 4.1, "within"), (4.5, 5, "below"), (2, 3, "above")])
def test_a_ratio_lies_within_below_or_above_what_was_published(
    ladder: Run, low: float, high: float, standing: str
) -> None:
    row = beside(ladder, published(low=low, high=high))
    assert (row["standing"], row["published_low"], row["published_high"]) == (standing, low, high)


def test_the_published_set_of_the_same_scale_comes_first_then_that_of_the_same_study(ladder: Run) -> None:
    sets = [
        published(published="factorial-medium", study="factorial"),
        published(),
        published(published="scale-small-to-large", study="scale", scale=ladder.scale),
        published(claim="cache-hit"),
    ]
    assert beside(ladder, *sets)["published"] == "scale-small-to-large"
    assert beside(ladder, *sets[:2])["published"] == "ladder-medium"
    assert beside(ladder, *sets[:1])["published"] == "factorial-medium"


def test_where_nothing_is_published_nothing_is_said(ladder: Run) -> None:
    assert pd.isna(beside(ladder, published(claim="cache-hit"))["standing"])
    assert pd.isna(beside(ladder)["published_low"])


def test_a_published_set_gives_the_intervals_that_its_samples_gave(ladder: Run, tmp_path: Path) -> None:
    """Only the Student interval lives on medians alone; where the bootstrap's was wider, theirs may be narrower."""
    publish.publish(ladder.store, ladder.id, tmp_path)
    ours = findings.comparisons(ladder)
    theirs = findings.comparisons(load_published(f"ladder-{ladder.scale}", tmp_path))
    assert np.allclose(ours["speedup"], theirs["speedup"], rtol=1e-6)
    assert (theirs["low"] >= ours["low"] * 0.999).all()
    assert np.allclose(ours["low"], theirs["low"], rtol=0.05)
