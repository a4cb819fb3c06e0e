"""What stands where a connection to the switch was while a capture is played: nothing leaves, nothing ever comes due.

Pure. It has just what a link's own connection asks of an event loop, of a transport and of a stream.
"""

from collections.abc import Callable
from typing import Any


class Wire:
    """A loop, a transport and a connection in one; each call of a link does nothing."""

    def create_future(self) -> "Wire":
        """Stands for a future that nobody waits for."""
        return self

    def done(self) -> bool:
        """Whether somebody still wants the result: nobody does."""
        return True

    def call_soon(self, callback: Callable[..., object], *arguments: object) -> "Wire":
        """What came of it stands in the capture."""
        return self

    def call_later(self, delay: float, callback: Callable[..., object], *arguments: object) -> "Wire":
        """When it came due stands in the capture."""
        return self

    def cancel(self) -> None:
        """A timer that never was."""

    def write(self, outgoing: bytes) -> None:
        """What was sent is compared by the intake."""

    def get_write_buffer_size(self) -> int:
        """That a switch did not read stands in the capture."""
        return 0

    def is_closing(self) -> bool:
        """Its end stands in the capture."""
        return False

    def abort(self) -> None:
        """Its end stands in the capture."""

    def close(self) -> None:
        """Its end stands in the capture."""

    def due_in(self, seconds: float) -> None:
        """When it came due stands in the capture."""

    def get_extra_info(self, name: str) -> Any:
        """A socket that takes every option."""
        return self

    def setsockopt(self, *option: int) -> None:
        """An option of no socket."""
