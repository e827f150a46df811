"""What a run is about to measure: how much, for how long, and what it can tell."""

from typing import TYPE_CHECKING

from perfstudy import formatting
from perfstudy.commands import output
from perfstudy.model.shard import WHOLE, Shard

if TYPE_CHECKING:
    from perfstudy.model.study import Study
    from perfstudy.results import Store


def print_plan(store: "Store", study: "Study", within: float | None = None, shard: Shard = WHOLE) -> None:
    """Print what *study* measures, of it what *shard* holds, and how long it takes."""
    from perfstudy.measure.schedule import count

    of = ""
    if shard != WHOLE:
        of = f" of {study.blocks}"
        study = study.narrow(blocks=sum(map(shard.holds, range(study.blocks))))
    output.say(
        f"{study.title}: {len(study.arms)} {'arms' if study.is_own else 'variants'} at {', '.join(study.scales)}, "
        f"{study.blocks}{of} block{'s' * bool(of or study.blocks != 1)}, {count(study)} cells, "
        f"{_say_length(store, study, within)}",
        error=True,
    )


def _say_length(store: "Store", study: "Study", within: float | None) -> str:
    """Return how long *study* takes, and what may end it before."""
    from perfstudy.measure.forecast import recall_seconds
    from perfstudy.measure.schedule import estimate_seconds
    from perfstudy.model.progress import say_exactly, say_seconds
    from perfstudy.model.study import DECIDED, WIDTH

    known = recall_seconds(store, study)
    seconds = estimate_seconds(study, known)
    reason = {DECIDED: "everything is decided", WIDTH: f"intervals reach {study.width:.2g} to both sides"}
    early = f"; it may stop when {reason[study.until]}" if study.until else ""
    if within is not None and within < seconds:
        limit = say_exactly(within)
        return f"at most {limit}{early}; it ends with the block in which {limit} are up"
    # Before anything is measured, the requests of a service of one's own are taken for slow ones.
    rough = "at most about" if study.is_own and not known else "about"
    return f"{'at most' if study.until or within else rough} {say_seconds(seconds)} once the data are loaded{early}"


def print_prospects(store: "Store", study: "Study") -> None:
    """Print the commits of one's own service, and what its blocks can tell."""
    for arm in study.arms:
        if arm.ref and arm.role != "control":
            from perfstudy.lab.sources import find_commit

            _, sha = find_commit(arm, study)
            output.say(f"{arm.label} serves {arm.ref}, {sha[:12]}", error=True)
    last = next((run for run in store.summaries() if run.study == study.name and run.finished_at), None)
    if last is None:
        return
    from perfstudy.findings.findings import Findings
    from perfstudy.findings.resolution import find_smallest_effect

    run = store.run(last.id)
    if set(run.declaration["scenarios"]) != set(study.scenario_names):
        return
    effect = find_smallest_effect(Findings(run), study.blocks)
    if effect is not None:
        least = formatting.percent(effect - 1, 2)
        said = f"by the noise of {last.id}, {study.blocks} blocks tell a difference of about {least}"
        output.say(said, error=True)
