"""A mirror that only replaces, and a small world that makes consistent events without the call model."""

from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from model.causes import Cause
from model.events import (
    CallEvent,
    CallEventKind,
    ConditionEvent,
    DeviceChange,
    DeviceEvent,
    Event,
    LicenceEvent,
    LinkEvent,
)
from model.ids import DeviceNumber
from model.states import ConnectionState, DeviceState, LinkState
from model.view import Call, Connection, Device, Snapshot
from protocol.filters import Filter, call_passes
from tests.protocol import samples

DEVICES = ("8001", "8002", "8003", "T001")


class Mirror:
    """What a subscriber with a filter holds: it takes a snapshot, then replaces."""

    def __init__(self, snapshot: Snapshot, wanted: Filter = None) -> None:
        self.state = snapshot
        self._wanted = wanted

    def take(self, event: Event) -> None:
        """Put the state that an event carries in place of what was there."""
        state = replace(self.state, number=event.number)
        match event:
            case CallEvent():
                calls = {call.call_id: call for call in state.calls}
                for call in event.calls:
                    calls.pop(call.call_id, None)
                    if not call.ended and call_passes(call, self._wanted):
                        calls[call.call_id] = call
                state = replace(state, calls=tuple(sorted(calls.values(), key=lambda call: call.call_id)))
            case DeviceEvent():
                devices = {device.number: device for device in state.devices}
                devices[event.device.number] = event.device
                state = replace(state, devices=tuple(devices[number] for number in sorted(devices)))
            case LinkEvent():
                state = replace(state, link=event.link)
            case LicenceEvent():
                state = replace(state, licence=event.licence)
            case ConditionEvent(condition=condition):
                conditions = {(one.code, one.subject): one for one in state.conditions}
                conditions.pop((condition.code, condition.subject), None)
                if not event.over:
                    conditions[condition.code, condition.subject] = condition
                state = replace(state, conditions=tuple(conditions[about] for about in sorted(conditions)))
        self.state = state

    def passed(self, number: int) -> None:
        """Nothing of ours happened up to a number."""
        self.state = replace(self.state, number=number)


@dataclass
class World:
    """An owner: its calls, and the events of the steps that hypothesis draws."""

    state: Snapshot = field(default_factory=lambda: samples.snapshot(0, DEVICES))
    _next_call: int = 1

    def step(self, draw: st.DataObject) -> Event:
        """One happening, whole: what it changes is changed in the owner too."""
        number = self.state.number + 1
        kinds = ["begin", "join", "leave", "leave", "transfer", "end", "device", "link", "condition"]
        what = draw.draw(st.sampled_from(kinds))
        if what == "condition":
            subject, text = draw.draw(st.sampled_from(["", "cdr"])), draw.draw(st.sampled_from(["full", "read-only"]))
            event: Event = samples.condition_event(number, subject, text, over=draw.draw(st.booleans()))
        elif what == "link":
            event = samples.link_event(number, draw.draw(st.sampled_from(LinkState)))
        elif what == "device":
            device = draw.draw(st.sampled_from(self.state.devices))
            event = self._device(number, device, draw.draw(st.booleans()))
        else:
            event = self._calls(number, self._changed(what, draw))
        mirror = Mirror(self.state)
        mirror.take(event)
        self.state = mirror.state
        return event

    def _device(self, number: int, device: Device, do_not_disturb: bool) -> DeviceEvent:
        change = DeviceChange(device.number, DeviceState.IDLE, DeviceState.IDLE)
        return DeviceEvent(number, samples.T0, replace(device, do_not_disturb=do_not_disturb), change)

    def _changed(self, what: str, draw: st.DataObject) -> list[Call]:
        """The calls a step touches, as they are after it."""
        calls = self.state.calls
        if what == "begin" or not calls:
            self._next_call += 1
            return [samples.call(self._next_call, self._party(draw))]
        call = draw.draw(st.sampled_from(calls))
        if what == "join":
            return [replace(call, connections=(*call.connections, self._party(draw)))]
        if what == "transfer":
            other = draw.draw(st.sampled_from(calls))
            if other.call_id != call.call_id:
                merged = replace(call, connections=call.connections + other.connections)
                return [merged, replace(other, connections=(), ended=True)]
        if what == "end" or len(call.connections) < 2:
            return [replace(call, connections=(), ended=True)]
        gone = draw.draw(st.integers(0, len(call.connections) - 1))
        return [replace(call, connections=call.connections[:gone] + call.connections[gone + 1 :])]

    def _party(self, draw: st.DataObject) -> Connection:
        device = draw.draw(st.sampled_from(["8001", "8002", "8003", "13800001111", ""]))
        trunk = "T001" if device in ("13800001111", "") else ""
        return samples.party(device, draw.draw(st.sampled_from(ConnectionState)), trunk)

    def _calls(self, number: int, changed: list[Call]) -> CallEvent:
        before = [call for call in self.state.calls if call.call_id in {one.call_id for one in changed}]
        named = {
            name
            for call in (*before, *changed)
            for party in call.connections
            for name in (party.device, party.trunk)
            if name
        }
        return CallEvent(
            kind=CallEventKind.ESTABLISHED,
            number=number,
            received_us=samples.T0,
            cause=Cause.NONE,
            subject=DeviceNumber(min(named, default="")),
            calls=tuple(changed),
            devices=tuple(samples.change(name) for name in sorted(named)),
        )


filters = st.none() | st.frozensets(st.sampled_from([*DEVICES, "13800001111"]), max_size=3)
