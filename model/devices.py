"""The devices of port.cfg, the legs that occupy them, and the state an operator sees of each.

A device's state is derived from its flags and its legs at the moment it is asked for; the last derived value is kept
only to say what it was before.
"""

from model.device_view import state_if_up
from model.ids import DeviceNumber
from model.record import Leg
from model.states import ConnectionState, DeviceState, PortKind
from model.view import Device


class DeviceTable:
    """Configured devices and who occupies them."""

    def __init__(self) -> None:
        self.configured: dict[DeviceNumber, Device] = {}
        self._legs: dict[DeviceNumber, dict[Leg, None]] = {}
        self._last: dict[DeviceNumber, DeviceState] = {}

    def occupy(self, leg: Leg) -> None:
        """A leg came alive."""
        for number in leg.numbers():
            self._legs.setdefault(number, {})[leg] = None

    def vacate(self, leg: Leg) -> None:
        """A leg became null, or is about to stand for another device."""
        for number in leg.numbers():
            legs = self._legs.get(number)
            if legs is not None:
                legs.pop(leg, None)
                if not legs:
                    del self._legs[number]

    def legs_of(self, number: DeviceNumber) -> list[Leg]:
        """Live legs of a device, oldest first."""
        return list(self._legs.get(number, ()))

    def is_monitored(self, leg: Leg) -> bool:
        """Whether a monitor of its own watches this leg's device or trunk."""
        device = self.configured.get(leg.device)
        if device is None or not device.monitored:
            device = self.configured.get(leg.trunk)
        return device is not None and device.monitored

    def connected_elsewhere(self, leg: Leg) -> Leg | None:
        """Another connected leg of the same extension: two at once cannot be (one appearance)."""
        device = self.configured.get(leg.device)
        if device is None or device.kind is not PortKind.EXT:
            return None
        for other in self._legs.get(leg.device, ()):
            if other is not leg and other.state is ConnectionState.CONNECTED:
                return other
        return None

    def state_now(self, number: DeviceNumber) -> DeviceState:
        """Derive the state of a device (as if the link were up)."""
        device = self.configured.get(number)
        if device is None:
            return DeviceState.NOT_CONFIGURED
        return state_if_up(device, [(leg, leg.record) for leg in self._legs.get(number, ())])

    def change(self, number: DeviceNumber) -> tuple[DeviceState, DeviceState]:
        """State before and now; now becomes the next before."""
        after = self.state_now(number)
        if after is DeviceState.NOT_CONFIGURED:
            return self._last.pop(number, after), after
        before = self._last.get(number, DeviceState.UNKNOWN)
        self._last[number] = after
        return before, after
