"""Find what a run says, computing each part once."""

from collections.abc import Iterable
from functools import cache, cached_property

import numpy as np
import pandas as pd

from perfstudy.findings.attribution import Tables, attribute_gains, cross_factors, estimate_interactions
from perfstudy.findings.comparisons import compare_all, compare_steps
from perfstudy.findings.machines import compare_machines
from perfstudy.findings.series import Measurements, Run
from perfstudy.findings.verdicts import judge_claims
from perfstudy.model.claim import Claim
from perfstudy.results.published import load_published


class Findings(Measurements):
    """What a run says, made once and passed on to whatever shows a part of it."""

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """The verdicts on the claims of the run's own study."""
        return judge_claims(self)

    @cached_property
    def comparisons(self) -> pd.DataFrame:
        """Every label against the cold reference."""
        return compare_all(self)

    @cached_property
    def on_machines(self) -> pd.DataFrame:
        """Every variant on each machine, where several measured."""
        return compare_machines(self)

    @cached_property
    def ladder(self) -> pd.DataFrame:
        """Each step of the study's ladder against the step before it."""
        return compare_steps(self)

    @cached_property
    def tables(self) -> Tables:
        """The crossed factors at each place and temperature."""
        return tuple(cross_factors(self))

    @cached_property
    def attribution(self) -> pd.DataFrame:
        """What each factor contributes."""
        return attribute_gains(self, self.tables)

    @cached_property
    def interactions(self) -> pd.DataFrame:
        """Which factors help each other."""
        return estimate_interactions(self, self.tables)


Source = Run | Findings
"""The source of findings: a run, or the findings of one, which computes each part only once."""


def find(run: Source) -> Findings:
    """Return the findings of *run*, which may be findings already."""
    return run if isinstance(run, Findings) else Findings(run)


@cache
def find_published(name: str) -> Findings:
    """Return the findings of the published set *name*, computed once."""
    return Findings(load_published(name))


def verdicts(run: Source, claims: Iterable[Claim] | None = None) -> pd.DataFrame:
    """Return the verdicts of *run* on *claims*, by default on those of its study."""
    return find(run).verdicts if claims is None else judge_claims(find(run), claims)


def comparisons(run: Source) -> pd.DataFrame:
    """Return every label of *run* against the cold reference; see ``compare_all``."""
    return find(run).comparisons


def ladder(run: Source) -> pd.DataFrame:
    """Return each step of the ladder of *run*; see ``compare_steps``."""
    return find(run).ladder


def attribution(run: Source) -> pd.DataFrame:
    """Return what each factor of *run* contributes; see ``attribute_gains``."""
    return find(run).attribution


def interactions(run: Source) -> pd.DataFrame:
    """Return which factors of *run* help each other; see ``estimate_interactions``."""
    return find(run).interactions


def compare_runs(one: Source, other: Source, *, poolable: bool = False) -> pd.DataFrame:
    """Return the speed-ups that two runs share, with both intervals.

    ``agree`` says whether the intervals overlap; ``pooled`` is the mean of the log speed-ups weighted by blocks,
    and only there where the runs are *poolable*, having been measured in one and the same environment.
    """
    keys = ["scale", "scenario", "temperature", "label", "variant", "role", "caches"]
    frames = [frame[frame["label"] != frame["reference"]] for frame in (comparisons(one), comparisons(other))]
    both = frames[0].merge(frames[1], on=keys, suffixes=("_one", "_other"))
    both["agree"] = (both["low_one"] <= both["high_other"]) & (both["low_other"] <= both["high_one"])
    logs = np.log(both["speedup_one"]) * both["blocks_one"] + np.log(both["speedup_other"]) * both["blocks_other"]
    both["pooled"] = np.exp(logs / (both["blocks_one"] + both["blocks_other"])) if poolable else np.nan
    return both
