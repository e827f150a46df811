"""What a request leaves to be done once its answer is sent, so that its client does not wait for it."""

import logging
from collections.abc import Callable
from contextvars import ContextVar

logger = logging.getLogger("perfstudy.afterwards")

Action = Callable[[], None]

_left: ContextVar[list[Action] | None] = ContextVar("left", default=None)


def begin() -> list[Action]:
    """Begin a request, and return the list that will hold what it leaves."""
    left: list[Action] = []
    _left.set(left)
    return left


def leave(action: Action) -> None:
    """Leave *action* for later; outside of a request there is no later, so it is done now."""
    left = _left.get()
    if left is None:
        action()
    else:
        left.append(action)


def finish(left: list[Action]) -> None:
    """Do what was *left*; a failure is logged, for nobody is there any more to be told."""
    _left.set(None)
    for action in left:
        try:
            action()
        except Exception:
            logger.warning("what was left for after the answer failed", exc_info=True)
