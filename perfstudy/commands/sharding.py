"""``--shard``: measure some blocks of a run, and export them for the merge."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from perfstudy.commands import failing, joining, output
from perfstudy.errors import UsageError
from perfstudy.model.shard import WHOLE, Shard, parse_shard, read_shard

if TYPE_CHECKING:
    from perfstudy.model.study import Study
    from perfstudy.results import Store

JSON = ".json"


def choose_shard(text: str | None, study: "Study", resume: str | None, ending: failing.Ending) -> Shard:
    """Return the shard of *study* that ``--shard`` names, or the whole.

    Raises:
        UsageError: it is none, or is given with what needs every block.
    """
    if text is None:
        return WHOLE
    shard = parse_shard(text, study.blocks)
    if resume is not None:
        raise UsageError(f"--shard is {text!r}, and the run to resume has its blocks already: leave out --shard")
    if study.until:
        raise UsageError(f"--shard is {text!r}, and --until looks at all blocks: leave out one of them")
    if ending != failing.Ending():
        raise UsageError(
            f"--shard is {text!r}, which gives no verdict: leave verdicts and summary to `perfstudy merge`"
        )
    return shard


def check_export(file: Path | None, shard: Shard) -> None:
    """Refuse to export what is no shard.

    Raises:
        UsageError: ``--export`` is given for a whole run.
    """
    if file is not None and shard == WHOLE:
        raise UsageError(f"--export is {str(file)!r}, and belongs to --shard: `perfstudy results` exports a whole run")


def conclude(store: "Store", run: str, file: Path | None = None) -> None:
    """Export the shard that *run* measured, and say what else its run needs.

    Raises:
        PerfstudyError: the export cannot be written.
    """
    from perfstudy.results import export

    found = store.run(run)
    shard = read_shard(found.notes)
    missing = {cell.block for cell in store.missing(run)}
    mine = [block for block in range(found.blocks) if shard.holds(block) and block not in missing]
    target = file or _choose_place(store, run)
    format = "json" if target.suffix == JSON else "parquet"
    output.say(f"shard {shard} measured {len(mine)} of {found.blocks} blocks: {joining.name_blocks(mine) or 'none'}")
    others = f"the other {shard.of - 1} shard{'s' * (shard.of != 2)}"
    left = found.blocks - len(mine)
    output.say(f"missing: {left} block{'s' * (left != 1)}; `perfstudy merge` joins this part with {others}")
    output.say(f"part: {export.export(store, run, format, target)}")


def _choose_place(store: "Store", run: str) -> Path:
    """Return the file for the export of *run*.

    It is beside the store, or in the home folder where the store is no file.
    """
    from perfstudy import paths

    folder = Path(store.where).parent if Path(store.where).is_file() else paths.home()
    return folder / f"{run}{'.parquet' if find_spec('pyarrow') else JSON}"
