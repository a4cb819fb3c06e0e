"""How things come in by the doors (``gateway.doors``), and the clock that is read behind them.

What stands behind the doors is deterministic: the same things, in the same order, with the same readings of the clock,
give the same events. So a capture notes what passes here, and a replay hands it in again. Opens nothing.
"""

from collections.abc import Callable
from typing import TypeVar

from gateway.doors import Door
from runtime.clock import Clock

T = TypeVar("T")


class Intake:
    """Lets everything in, one after the other, and notes nothing. ``clock`` is the one to be read behind the doors."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def take(self, door: Door, act: Callable[[], T], brought: tuple[object, ...] = ()) -> T:
        """Let something in: ``act`` takes it. What comes in while another is being taken is a consequence of that."""
        return act()

    def sent(self, outgoing: bytes) -> None:
        """These bytes went to the switch."""
