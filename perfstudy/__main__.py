"""The command line: ``perfstudy``, or ``python -m perfstudy``.

Only the declarations are imported here; a command imports what it needs when it runs, so that ``--help`` is fast.
"""

from perfstudy.commands import declaring, lab, load, notebooks, outcome, run, showing
from perfstudy.listing.commands import monitor, rollback, serve, verify

app = declaring.App(
    name="perfstudy",
    help="A performance study of a Django listing on real PostgreSQL and Redis, with a verdict for every claim.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # laid out by rich, the help would take twice as long to come
    context_settings={"help_option_names": ["-h", "--help"]},
)
for part in (run, showing, serve, verify, rollback, monitor, load, lab, notebooks):
    part.register(app)


def main() -> None:
    """Run the command line; errors that the reader can mend are one line, without a traceback."""
    outcome.run_app(lambda: declaring.run(app))


if __name__ == "__main__":
    main()
