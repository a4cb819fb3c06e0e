"""The owner's state and the few moves by which it changes: begin, add, set, end, publish, ask.

Every move keeps the invariants by itself (a call without live legs is over, a device knows its legs, what changed is
published once). Which moves to make is decided in ``model.calls``, ``model.rekey`` and ``model.reconcile``.
"""

from collections import Counter
from dataclasses import replace

from model.causes import Cause
from model.devices import DeviceTable
from model.events import CallEvent, CallEventKind, DeviceChange, DeviceEvent, Event, MismatchEvent
from model.expectations import Expectations
from model.fitting import named
from model.ids import (
    NO_DEVICE,
    CallId,
    ConnectionKey,
    ConversationId,
    DeviceNumber,
    EventId,
    Microseconds,
    RequestRef,
    SwitchCallId,
)
from model.record import CallRecord, Leg
from model.reports import Happening
from model.states import ConnectionState
from model.switch_ids import SwitchIds
from model.value import value
from model.view import Condition, Device, Licence, Link

ASK_AGAIN_US = Microseconds(5_000_000)
"""A snapshot not answered by then is asked for again."""
CALLS_MAX = 200_000
"""Held at most: ten times what the largest switches carry; some 400 MB."""
VERIFY_US = Microseconds(600_000_000)
"""A call with no event for ten minutes is verified with the switch: long holds are rarer than lost endings."""
VERIFY_UNWATCHED_US = Microseconds(10_000_000)
"""A call in which no monitored device is left will not be reported again: ask every ten seconds."""
DOUBT_US = Microseconds(2_000_000)
"""How long a monitor may lag behind another before the switch is asked which of them is right."""


@value
class AskCall:
    """The model wants SnapshotCall of this call."""

    call: SwitchCallId
    key: ConnectionKey


@value
class AskDevice:
    """The model wants SnapshotDevice of this device."""

    device: DeviceNumber


Ask = AskCall | AskDevice


@value
class Step:
    """What one input made: events in number order, and questions to the switch."""

    events: tuple[Event, ...]
    asks: tuple[Ask, ...]


_NOTHING = Step((), ())


class ModelState:
    """Calls, devices, link, licence, conditions, and the number of the last event."""

    def __init__(
        self, epoch: int, link: Link, licence: Licence, *, single_appearance: bool, calls_max: int = CALLS_MAX
    ) -> None:
        self.epoch = epoch
        self.single_appearance = single_appearance
        self.calls_max = calls_max
        self.number = 0
        self.link = link
        self.licence = licence
        self.conditions: dict[tuple[str, str], Condition] = {}
        """Lasting trouble of the daemon, by code and subject."""
        self.devices = DeviceTable()
        self.ids = SwitchIds()
        self.calls: dict[CallId, CallRecord] = {}
        self.expectations = Expectations()
        self.counts: Counter[str] = Counter()
        self.heard_us = Microseconds(0)
        """When the switch last said anything of a call: so long nothing was otherwise than we hold it."""
        self.heard_unknown: dict[SwitchCallId, Microseconds] = {}
        """When something was last said of a call that we do not hold: an older snapshot of it is stale."""
        self._events: list[Event] = []
        self._asks: list[Ask] = []
        self._dirty: dict[CallRecord, None] = {}
        self._concerned: dict[DeviceNumber, None] = {}

    def take_step(self) -> Step:
        """Hand over what gathered since the last time."""
        if not self._events and not self._asks:
            return _NOTHING
        step = Step(tuple(self._events), tuple(self._asks))
        self._events.clear()
        self._asks.clear()
        return step

    # -- calls and legs ------------------------------------------------------------------------------------------

    def begin(
        self, switch_id: SwitchCallId, now: Microseconds, conversation: ConversationId | None = None
    ) -> CallRecord:
        """A call begins; its id is the number of the event published next."""
        call_id = CallId(EventId(self.epoch, self.number + 1))
        record = CallRecord(call_id, conversation or ConversationId(call_id), switch_id, now)
        record.touched_us = record.proven_us = now
        record.verify_us = Microseconds(now + VERIFY_US)
        self.calls[call_id] = record
        self.ids.add(record)
        self._dirty[record] = None
        return record

    def add_leg(
        self,
        record: CallRecord,
        key: ConnectionKey,
        device: DeviceNumber,
        now: Microseconds,
        *,
        trunk: DeviceNumber = NO_DEVICE,
    ) -> Leg:
        """A connection of the call, null until it is set."""
        leg = Leg(record, key, device, ConnectionState.NULL, now, trunk, touched_us=now)
        leg.monitored = self.devices.is_monitored(leg)
        record.add(leg)
        return leg

    def set_leg(self, leg: Leg, state: ConnectionState, now: Microseconds) -> None:
        """Move a leg to a state; its device and trunk follow."""
        if leg.state is state:
            return
        if state is ConnectionState.CONNECTED and self.single_appearance:
            self._leave_elsewhere(leg, now)
        if leg.state is ConnectionState.NULL:
            self.devices.occupy(leg)
            leg.record.parties_changed()
        elif state is ConnectionState.NULL:
            self.devices.vacate(leg)
            leg.record.parties_changed()
        leg.state = state
        leg.since_us = now
        leg.shown = None
        self.touch_view(leg.record)
        for number in leg.numbers():
            self._concerned[number] = None

    def _leave_elsewhere(self, leg: Leg, now: Microseconds) -> None:
        """An extension is proven connected here: what it was connected to must be on hold, or over. Ask which."""
        if (elsewhere := self.devices.connected_elsewhere(leg)) is not None:
            self.set_leg(elsewhere, ConnectionState.HOLD, now)
            elsewhere.history.append(Happening.HELD)  # its report is then a repeat
            self.ask_call(elsewhere.record, now)

    def rename_leg(self, leg: Leg, device: DeviceNumber, trunk: DeviceNumber) -> None:
        """Learn whom a leg stands for; a number once known is not unlearned."""
        device, trunk = leg.device or device, leg.trunk or trunk
        if (device, trunk) == (leg.device, leg.trunk):
            return
        alive = leg.state is not ConnectionState.NULL
        if alive:
            self.devices.vacate(leg)
        leg.device, leg.trunk = device, trunk
        leg.shown = None
        leg.monitored = leg.monitored or self.devices.is_monitored(leg)
        if alive:
            self.devices.occupy(leg)
        self.touch_view(leg.record)

    def touch_view(self, record: CallRecord) -> None:
        """The call will look different."""
        record.view = None
        self._dirty[record] = None

    def touch(self, record: CallRecord, leg: Leg | None, now: Microseconds) -> None:
        """The switch has just proved that this call, and this leg, are alive."""
        record.touched_us = record.proven_us = now
        record.negatives = 0
        if leg is not None:
            leg.touched_us = now
            leg.negatives = 0

    def end(self, record: CallRecord, now: Microseconds) -> None:
        """The call is over, with every leg left in it."""
        for leg in record.live():
            self.set_leg(leg, ConnectionState.NULL, now)
        record.ended_us = now
        self.calls.pop(record.call_id, None)
        self.ids.bury(record, now)
        self.touch_view(record)

    def verify_later(self, record: CallRecord, now: Microseconds) -> None:
        """When to ask for this call if nothing more is heard: soon, where nobody is left to report."""
        record.verify_us = Microseconds(now + (VERIFY_US if record.is_watched() else VERIFY_UNWATCHED_US))

    def forget(self, record: CallRecord) -> None:
        """Take back a call that turned out not to begin yet: nobody has seen it."""
        self.calls.pop(record.call_id, None)
        self.ids.remove(record)
        self._dirty.pop(record, None)

    def start_over(self) -> None:
        """The connection is gone and its monitors with it: new ones will tell only what happens from then on."""
        self.ids.forget_ended()
        for record in self.calls.values():
            record.start_over()

    def bury_unseen(self, switch_id: SwitchCallId, now: Microseconds) -> CallRecord:
        """A tombstone for a call that was over before anything was heard of it; nobody is told."""
        nobody = CallId(EventId(self.epoch, 0))
        record = CallRecord(nobody, ConversationId(nobody), switch_id, now, ended_us=now, is_over=True)
        self.ids.add(record)
        self.ids.bury(record, now)
        return record

    # -- what leaves ---------------------------------------------------------------------------------------------

    def ask_call(self, record: CallRecord, now: Microseconds) -> None:
        """Ask for a snapshot of this call unless one is on its way."""
        if record.asked_us is not None and now - record.asked_us < ASK_AGAIN_US:
            return
        record.asked_us = now
        live = record.live()
        watched = [leg for leg in live if leg.key and leg.monitored] or [leg for leg in live if leg.key]
        self._asks.append(AskCall(record.switch_id, watched[0].key if watched else ConnectionKey("")))

    def ask_switch_id(self, switch_id: SwitchCallId, key: ConnectionKey) -> None:
        """Ask for a call we do not know."""
        self._asks.append(AskCall(switch_id, key))

    def ask_device(self, device: DeviceNumber) -> None:
        """Ask which calls a device has."""
        self._asks.append(AskDevice(device))

    def next_number(self) -> int:
        """Number of the event about to be published."""
        self.number += 1
        return self.number

    def has_changes(self) -> bool:
        """Whether something changed that is not yet published."""
        if not self._dirty:
            return False
        return any(one.view is None and one.is_published and not one.is_over for one in self._dirty)

    def publish(
        self,
        kind: CallEventKind,
        now: Microseconds,
        subject: DeviceNumber,
        cause: Cause = Cause.NONE,
        *,
        happened_us: Microseconds | None = None,
        other: DeviceNumber | None = None,
        number_queued: int | None = None,
        calls_in_front: int | None = None,
        digits: str | None = None,
        joined: tuple[tuple[ConversationId, ConversationId], ...] = (),
        request: RequestRef | None = None,
        last_proof_us: Microseconds | None = None,
    ) -> None:
        """One event for all that changed. A call that began and ended unseen within the step is left out."""
        records = [one for one in self._dirty if one.ended_us is None or (one.is_published and not one.is_over)]
        concerned = self._concerned
        for record in records:
            record.is_published = True
            record.is_over = record.ended_us is not None
            for leg in record.live():
                for number in leg.numbers():
                    concerned[number] = None
        if subject:
            concerned[subject] = None
        numbers = [number for number in concerned if number]
        listed = named(numbers)
        changes = tuple([DeviceChange(number, *self.devices.change(number)) for number in listed])
        calls = tuple([record.published() for record in records])
        if len(listed) < len(numbers) or any(
            len(call.connections) < len(record.live()) for call, record in zip(calls, records, strict=True)
        ):
            self.counts["parties_exceeded"] += 1
        self._events.append(
            CallEvent(
                kind,
                self.next_number(),
                now,
                cause,
                subject,
                calls,
                changes,
                happened_us,
                other,
                number_queued,
                calls_in_front,
                digits,
                joined,
                request or self.expectations.claim(kind, subject, now),
                last_proof_us,
            )
        )
        self._dirty = {}
        self._concerned = {}

    def mismatch(self, now: Microseconds, device: DeviceNumber | None, switch_id: SwitchCallId, text: str) -> None:
        """Say that the switch reported what cannot be. While the link comes up that is no news."""
        self.counts["mismatch"] += 1
        if self.link.state.is_up:
            self._events.append(MismatchEvent(self.next_number(), now, device or NO_DEVICE, switch_id, text))

    def set_device(
        self, device: Device, now: Microseconds, cause: Cause = Cause.NONE, *, removed: bool = False
    ) -> None:
        """A device's flags changed, or it is new, or no longer configured."""
        if removed:
            self.devices.configured.pop(device.number, None)
        elif self.devices.configured.get(device.number) == device:
            return
        else:
            self.devices.configured[device.number] = device
        change = DeviceChange(device.number, *self.devices.change(device.number))
        self._events.append(DeviceEvent(self.next_number(), now, device, change, removed, cause))

    def flag_device(self, number: DeviceNumber, now: Microseconds, cause: Cause = Cause.NONE, **flags: object) -> None:
        """Change some flags of a configured device."""
        if (device := self.devices.configured.get(number)) is not None:
            self.set_device(replace(device, **flags), now, cause)  # type: ignore[arg-type]

    def emit(self, event: Event) -> None:
        """An event that is about neither calls nor devices."""
        self._events.append(event)
