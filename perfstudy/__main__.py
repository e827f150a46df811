"""The command line: ``perfstudy``, or ``python -m perfstudy``.

Only the declarations are imported here; a command imports what it needs when it runs, so that ``--help`` is fast.
"""

import signal
import sys
from types import FrameType

import typer

from perfstudy.commands import labs, loading, monitoring, notebooks, rollback, running, serving, showing, verifying
from perfstudy.errors import PerfstudyError, UsageError

app = typer.Typer(
    name="perfstudy",
    help="A performance study of a Django listing on real PostgreSQL and Redis, with a verdict for every claim.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # laid out by rich, the help would take twice as long to come
    context_settings={"help_option_names": ["-h", "--help"]},
)
for part in (running, showing, serving, verifying, rollback, monitoring, loading, labs, notebooks):
    part.register(app)

INTERRUPTED = 130


def main() -> None:
    """Run the command line; errors that the reader can mend are one line, without a traceback."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        app()
    except UsageError as error:
        _fail(error, 2)
    except PerfstudyError as error:
        _fail(error, 1)
    except KeyboardInterrupt:
        print("stopped.", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of a pipe has seen enough, as in `perfstudy list | head`.
        sys.stderr.close()
        sys.exit(0)


def _fail(error: PerfstudyError, status: int) -> None:
    print(f"error: {error}", file=sys.stderr)
    sys.exit(status)


def _terminate(number: int, frame: FrameType | None) -> None:
    """Unwind as for Ctrl-C, so that a terminated command stops its servers too."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
