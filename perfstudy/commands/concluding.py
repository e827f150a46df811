"""End a run: its verdicts, its report, its summary and its exit code."""

from typing import TYPE_CHECKING

from perfstudy.commands import failing, output

if TYPE_CHECKING:
    from perfstudy.results import Store


def conclude(store: "Store", run: str, ending: failing.Ending) -> None:
    """Show the verdicts of *run*, write its report, and do what the options ask.

    Raises:
        FailedVerdicts: some verdicts are to fail it.
    """
    from perfstudy.commands.report import write_report, write_summary
    from perfstudy.commands.verdicts import load_findings, print_verdicts

    found = load_findings(store, run)
    print_verdicts(found)
    output.say(f"report: {write_report(found)}")
    if ending.summary is not None:
        write_summary(found, ending.summary)
    ending.check(found)
