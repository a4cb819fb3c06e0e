"""The few doors by which everything comes in that changes what a gateway publishes. Their names only; pure."""

from enum import IntEnum


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
    CONDITION = 9
    """Trouble of the process began, changed or ended: (code, subject, reason in words or None)."""
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
