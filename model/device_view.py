"""What an operator sees of a device: one rule for the owner, for every mirror and for every screen.

Derived, never stored: from the device's flags, its connections, the calls they are in, and the link.
"""

from collections.abc import Iterable

from model.states import ConnectionState, DeviceState
from model.view import Call, Connection, Device, Link

_RANK = {
    ConnectionState.CONNECTED: 6,
    ConnectionState.ALERTING: 5,
    ConnectionState.INITIATED: 4,
    ConnectionState.FAIL: 3,
    ConnectionState.QUEUED: 2,
    ConnectionState.HOLD: 1,
    ConnectionState.NULL: 0,
}
_SHOWN = {
    ConnectionState.ALERTING: DeviceState.RINGING,
    ConnectionState.INITIATED: DeviceState.OFF_HOOK,
    ConnectionState.FAIL: DeviceState.FAILED,
    ConnectionState.QUEUED: DeviceState.QUEUED,
    ConnectionState.HOLD: DeviceState.HELD,
}
_REACHED = (ConnectionState.CONNECTED, ConnectionState.HOLD)


def device_state(device: Device, link: Link, connections: Iterable[tuple[Connection, Call]]) -> DeviceState:
    """The state to show; ``connections`` are the device's own, each with its call. UNKNOWN while the link is down."""
    if not link.state.is_up:
        return DeviceState.UNKNOWN
    return state_if_up(device, connections)


def state_if_up(device: Device, connections: Iterable[tuple[Connection, Call]]) -> DeviceState:
    """The state proven by flags and connections, whether or not the link is up now."""
    if not device.licensed:
        return DeviceState.UNLICENSED
    foremost = max(connections, key=lambda pair: _RANK[pair[0].state], default=None)
    if foremost is None:
        if not device.in_service:
            return DeviceState.OUT_OF_SERVICE
        return DeviceState.IDLE if device.monitored else DeviceState.UNKNOWN
    own, call = foremost
    if own.state is not ConnectionState.CONNECTED:
        return _SHOWN.get(own.state, DeviceState.UNKNOWN)
    others = [one for one in call.connections if one is not own]
    if any(one.state in _REACHED for one in others):
        return DeviceState.TALKING
    if others or call.calling in (own.device, own.trunk):
        return DeviceState.DIALLING
    return DeviceState.OFF_HOOK  # the other party has left, this one has not hung up
