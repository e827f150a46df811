"""End a program: an error that the reader can correct is one line."""

import errno
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

from perfstudy.commands import output
from perfstudy.errors import FailedVerdicts, PerfstudyError, UsageError
from perfstudy.model import extras

FAILED_VERDICT = 3
"""The exit code where a verdict is one that was to fail the command."""
INTERRUPTED = 130


def run_app(program: Callable[[], object]) -> None:
    """Run *program*; exit with 2 (input), 1 (failure), 3 (verdict) or 130 (stopped)."""
    signal.signal(signal.SIGTERM, _terminate)
    # A job that a shell put into the background ignores Ctrl-C, and a Ctrl-C that is sent to it is meant.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        _run_and_flush(program)
    except UsageError as error:
        _fail(error, 2)
    except PerfstudyError as error:
        _fail(error, 1)
    except ModuleNotFoundError as error:
        missing = extras.explain(error)
        if missing is None:
            raise
        _fail(missing, 2)
    except FailedVerdicts as failed:
        for line in failed.lines:
            output.say(f"failed: {line}", error=True)
        sys.exit(FAILED_VERDICT)
    except KeyboardInterrupt:
        print("stopped.", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        _drop_output()  # the reader of a pipe has seen enough, as in `perfstudy list | head`
        sys.exit(0)
    except OSError as error:
        if error.filename is None and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
            _drop_output()
            _fail(PerfstudyError(f"the output cannot be written: {error.strerror}"), 1)
        if error.filename is None:  # no matter of a file: a mistake of ours, whose traceback is wanted
            raise
        _fail(PerfstudyError(f"{str(error.filename)!r}: {error.strerror}; free it, or name another place"), 1)


def _drop_output() -> None:
    """Let what is still to be printed vanish: Python flushes once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())  # type: ignore[union-attr]


def _run_and_flush(program: Callable[[], object]) -> None:
    """Run *program* and flush what it printed.

    Raises:
        BrokenPipeError: the reader has closed it; Typer would make it exit status 1.
    """
    try:
        program()
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):
            raise end.__context__ from None
        raise
    finally:
        sys.stdout.flush()


def _fail(error: PerfstudyError, status: int) -> None:
    output.say(f"error: {error}", error=True)
    sys.exit(status)


def _terminate(number: int, frame: FrameType | None) -> None:
    """Unwind as for Ctrl-C, so that a terminated command stops its servers too."""
    raise KeyboardInterrupt
