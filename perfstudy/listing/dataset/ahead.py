"""Work done ahead by threads, and its results in order and bounded memory."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")

CORES = os.cpu_count() or 1
WAITING = 2
"""Results that may wait to be taken, besides one for each worker: bounds the memory, and keeps the taker busy."""


def prefetch(make: Callable[[int], Result], numbers: Iterable[int], workers: int) -> Iterator[Result]:
    """Yield what *make* returns for each of *numbers*, in their order.

    That many *workers* make the next ones meanwhile. They are threads, since numpy, Arrow and SHA-256 release the
    interpreter's lock for most of the work, and so all of them share the arrays that the rows are made from.
    """
    pending: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="rows") as pool:
        try:
            for number in numbers:
                pending.append(pool.submit(make, number))
                if len(pending) > workers + WAITING:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
