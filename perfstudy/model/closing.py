"""Objects that are opened in ``with`` and closed at the end of the block."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Closing(ABC):
    """An object whose ``close`` ends it, however the block was left."""

    @abstractmethod
    def close(self) -> None:
        """End it; further calls do nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
