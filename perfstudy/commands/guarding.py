"""Say how to go on where the work on a run ends early."""

from collections.abc import Callable

from perfstudy.commands import output
from perfstudy.errors import PerfstudyError, UsageError


def guard(work: Callable[[], object], again: Callable[[], str], lost: Callable[[], bool]) -> None:
    """Do *work*, and name the command *again* where it ends early."""
    from psycopg import Error
    from redis import RedisError

    try:
        work()
    except KeyboardInterrupt:
        output.say(f"stopped; nothing is lost: `{again()}` goes on.", error=True)
        raise
    except UsageError:
        raise
    except (PerfstudyError, Error, RedisError, OSError) as error:
        said = "the lab's supervisor has ended, and its servers with it" if lost() else str(error).strip()
        raise PerfstudyError(f"{said}; `{again()}` goes on") from error
