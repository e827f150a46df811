"""What a request leaves to be done once its answer is sent, so that its client does not wait for it."""

import logging
from collections.abc import Callable
from contextvars import ContextVar

logger = logging.getLogger("perfstudy.afterwards")

Action = Callable[[], None]

_deferred: ContextVar[list[Action] | None] = ContextVar("left", default=None)


def begin() -> list[Action]:
    """Begin a request, and return the list that will hold what it leaves."""
    left: list[Action] = []
    _deferred.set(left)
    return left


def defer(action: Action) -> None:
    """Leave *action* for later; outside of a request there is no later, so it is done now."""
    left = _deferred.get()
    if left is None:
        action()
    else:
        left.append(action)


def run_deferred(left: list[Action]) -> None:
    """Do what was *left*; a failure is logged, for nobody is there any more to be told."""
    _deferred.set(None)
    for action in left:
        try:
            action()
        except Exception:
            logger.warning("what was left for after the answer failed", exc_info=True)
