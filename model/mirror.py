"""Everybody else's copy of the truth: a snapshot, then events, each of which replaces what it names.

A mirror with a filter holds what the filter's devices concern; fed with the filtered stream it equals the owner's
filtered snapshot at every number.
"""

from model.events import CallEvent, ConditionEvent, DeviceEvent, Event, LicenceEvent, LinkEvent
from model.ids import CallId, DeviceNumber
from model.view import Call, Condition, Device, Licence, Link, Snapshot


class Mirror:
    """State rebuilt from a stream. ``devices_wanted`` None: everything."""

    def __init__(self, snapshot: Snapshot, devices_wanted: frozenset[DeviceNumber] | None = None) -> None:
        self._wanted = devices_wanted
        self.number = snapshot.number
        self.link: Link = snapshot.link
        self.licence: Licence = snapshot.licence
        self.conditions: dict[tuple[str, str], Condition] = {one.about: one for one in snapshot.conditions}
        self.devices: dict[DeviceNumber, Device] = {
            device.number: device for device in snapshot.devices if self._wants(device.number)
        }
        self.calls: dict[CallId, Call] = {call.call_id: call for call in snapshot.calls if self._concerns(call)}

    def apply(self, event: Event) -> None:
        """The next event of the stream."""
        self.number = event.number
        if isinstance(event, CallEvent):
            for call in event.calls:
                if call.ended or not self._concerns(call):
                    self.calls.pop(call.call_id, None)
                else:
                    self.calls[call.call_id] = call
        elif isinstance(event, DeviceEvent):
            if event.removed:
                self.devices.pop(event.device.number, None)
            elif self._wants(event.device.number):
                self.devices[event.device.number] = event.device
        elif isinstance(event, LinkEvent):
            self.link = event.link
        elif isinstance(event, LicenceEvent):
            self.licence = event.licence
        elif isinstance(event, ConditionEvent):
            if event.over:
                self.conditions.pop(event.condition.about, None)
            else:
                self.conditions[event.condition.about] = event.condition

    def snapshot(self) -> Snapshot:
        """The same value the owner would give."""
        calls = sorted(self.calls.values(), key=lambda call: call.call_id)
        devices = sorted(self.devices.values(), key=lambda device: device.number)
        conditions = [self.conditions[about] for about in sorted(self.conditions)]
        return Snapshot(self.number, self.link, self.licence, tuple(devices), tuple(calls), tuple(conditions))

    def _wants(self, number: DeviceNumber) -> bool:
        return self._wanted is None or number in self._wanted

    def _concerns(self, call: Call) -> bool:
        return self._wanted is None or any(
            connection.device in self._wanted or connection.trunk in self._wanted for connection in call.connections
        )
