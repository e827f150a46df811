"""The command line: ``perfstudy``, or ``python -m perfstudy``.

Only the declarations are imported here; a command imports what it needs when it runs, so that ``--help`` is fast.
"""

from importlib.metadata import entry_points

from perfstudy.commands import (
    declaring,
    doctor,
    init,
    lab,
    list,
    load,
    merge,
    notebooks,
    outcome,
    report,
    results,
    run,
    trying,
    verdicts,
)

GROUP = "perfstudy.commands"
"""The group of entry points of functions that add a study's commands to the command line."""

app = declaring.App(
    name="perfstudy",
    help="Compare ways of running a web service, with a verdict and an interval for every claim.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # laid out by rich, the help would take twice as long to come
    context_settings={"help_option_names": ["-h", "--help"]},
)
for part in (init, trying, run, merge, list, results, verdicts, report, doctor, load, lab, notebooks):
    part.register(app)
for entry in entry_points(group=GROUP):
    entry.load()(app)


def main() -> None:
    """Run the command line; what the reader can mend is one line."""
    outcome.run_app(lambda: declaring.run(app))


if __name__ == "__main__":
    main()
