"""The few doors by which everything comes in that changes what a gateway publishes, and the clock read behind them.

What stands behind the doors is deterministic: the same things, in the same order, with the same readings of the clock,
give the same events. So a capture notes what passes here, and a replay hands it in again. Pure; opens nothing.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import TypeVar

from runtime.clock import Clock

T = TypeVar("T")


class Door(IntEnum):
    """What comes in, and what it brings. The numbers stand in captures: a number is never used twice."""

    # of the gateway (gateway.works)
    BEGUN = 1
    """The process begins: it has no link yet."""
    SITE = 2
    """port.cfg or the licence changed: (ports or None, licence)."""
    TICK = 3
    """A second is over."""
    LINK_STARTED = 4
    LINK_WAITS = 5
    """The settings say that nobody starts the link but an operator: (reason)."""
    LINK_STOPPED = 6
    """The link is no more: (reason)."""
    REQUEST = 7
    """A client asks: (session, number, command)."""
    EPOCH = 8
    """Numbers begin anew: (epoch)."""
    # of a link
    CONNECTING = 16
    """The link tries to open a connection."""
    NOT_CONNECTED = 17
    """It could not: (reason)."""
    SESSION = 18
    """A connection opens; a session for it: (its secret prefix), where the session has one."""
    CONNECTED = 19
    """The connection is open."""
    RECEIVED = 20
    """Bytes came: (bytes)."""
    DUE = 21
    """A moment came for which the session waited."""
    LATER = 22
    """The turn of the loop after one in which something was asked of the session."""
    UNREAD = 23
    """The switch does not read what we write: (bytes that wait)."""
    GOODBYE = 24
    """The link is being stopped and says so to the switch."""
    BROKEN = 25
    """The connection is gone: (error in words, empty when the switch closed it)."""
    OVER = 26
    """The link has learnt that its connection is gone: (state, reason), where the link says what to tell."""
    STOPPED = 27
    """The link is stopped."""


class Intake:
    """Lets everything in, one after the other, and notes nothing. ``clock`` is the one to be read behind the doors."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def take(self, door: Door, act: Callable[[], T], brought: tuple[object, ...] = ()) -> T:
        """Let something in: ``act`` takes it. What comes in while another is being taken is a consequence of that."""
        return act()

    def sent(self, outgoing: bytes) -> None:
        """These bytes went to the switch."""
