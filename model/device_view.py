"""What an operator sees of a device: one rule for the owner, for every mirror and for every screen.

Derived, never stored: from the device's flags, its connections, the calls they are in, and the link.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from model.ids import DeviceNumber
from model.states import ConnectionState, DeviceState
from model.view import Device, Link

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


class Party(Protocol):
    """A device's part in a call: a mirror's ``Connection``, or the owner's own leg."""

    @property
    def state(self) -> ConnectionState: ...
    @property
    def device(self) -> DeviceNumber: ...
    @property
    def trunk(self) -> DeviceNumber: ...


class Parties(Protocol):
    """A call: a mirror's ``Call``, or the owner's own record of it."""

    @property
    def calling(self) -> DeviceNumber: ...
    @property
    def connections(self) -> Sequence[Party]: ...


def device_state(device: Device, link: Link, connections: Iterable[tuple[Party, Parties]]) -> DeviceState:
    """The state to show; ``connections`` are the device's own, each with its call. UNKNOWN while the link is down."""
    if not link.state.is_up:
        return DeviceState.UNKNOWN
    return state_if_up(device, connections)


def state_if_up(device: Device, connections: Iterable[tuple[Party, Parties]]) -> DeviceState:
    """The state proven by flags and connections, whether or not the link is up now."""
    if not device.licensed:
        return DeviceState.UNLICENSED
    own, call, rank = None, None, -1
    for one, its_call in connections:
        if _RANK[one.state] > rank:
            own, call, rank = one, its_call, _RANK[one.state]
    if own is None or call is None:
        if not device.in_service:
            return DeviceState.OUT_OF_SERVICE
        return DeviceState.IDLE if device.monitored else DeviceState.UNKNOWN
    if own.state is not ConnectionState.CONNECTED:
        return _SHOWN.get(own.state, DeviceState.UNKNOWN)
    is_alone = True
    for one in call.connections:
        if one is not own:
            is_alone = False
            if one.state in _REACHED:
                return DeviceState.TALKING
    if not is_alone or call.calling in (own.device, own.trunk):
        return DeviceState.DIALLING
    return DeviceState.OFF_HOOK  # the other party has left, this one has not hung up
