"""States of connections, devices and the link. Numbers are wire values: never reused, never renumbered."""

from enum import IntEnum


class ConnectionState(IntEnum):
    """ECMA-269 6.1.5 connection states."""

    NULL = 0
    INITIATED = 1
    ALERTING = 2
    CONNECTED = 3
    HOLD = 4
    QUEUED = 5
    FAIL = 6


class DeviceState(IntEnum):
    """What an operator sees of a device or trunk: derived from its connections and flags, never stored."""

    NOT_CONFIGURED = 0
    """A party that port.cfg does not name; it has no view of its own."""
    IDLE = 1
    OFF_HOOK = 2
    DIALLING = 3
    RINGING = 4
    TALKING = 5
    HELD = 6
    QUEUED = 7
    FAILED = 8
    OUT_OF_SERVICE = 9
    UNLICENSED = 10
    UNKNOWN = 11


class LinkState(IntEnum):
    """Life of the link to the switch. Calls and devices are known only while it is UP or DEGRADED."""

    DOWN = 0
    CONNECTING = 1
    LOGGING_IN = 2
    INITIALISING = 3
    UP = 4
    REFUSED = 5
    DEGRADED = 6

    @property
    def is_up(self) -> bool:
        return self in (LinkState.UP, LinkState.DEGRADED)


class PortKind(IntEnum):
    """Kinds of port.cfg. Only EXT needs a licence seat."""

    TRUNK = 1
    EXT = 2
    IVR = 3
    QUEUE = 4
