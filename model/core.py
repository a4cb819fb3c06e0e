"""The call model: reports in, numbered events and questions to the switch out.

Pure: time is in the reports or an argument, and the same inputs give the same numbers. Used by the gateway with one
link; a replay of the same inputs makes the same events.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Self

from model.bounds import CALLS_EXCEEDED, has_room_again, is_beyond, with_room
from model.calls import take_call_report
from model.commands import CommandKind
from model.events import ConditionEvent, LicenceEvent, LinkEvent
from model.ids import CallId, DeviceNumber, Microseconds, RequestRef, SwitchCallId
from model.reconcile import (
    forget_unknown,
    must_verify_all,
    prove_watched,
    take_call_snapshot,
    take_device_snapshot,
    take_whole_switch,
    verify_due,
)
from model.record import CallRecord, Leg
from model.rekey import take_transfer
from model.reports import (
    CallReport,
    CallSnapshot,
    DeviceFlag,
    DeviceReport,
    DeviceSnapshot,
    Report,
    TransferReport,
)
from model.restore import restore
from model.state import CALLS_MAX, VERIFY_US, ModelState, Step
from model.states import DeviceState, LinkState
from model.view import Call, Condition, Device, Licence, Link, Snapshot

_FLAGS: dict[DeviceFlag, dict[str, object]] = {
    DeviceFlag.OUT_OF_SERVICE: {"in_service": False},
    DeviceFlag.BACK_IN_SERVICE: {"in_service": True},
    DeviceFlag.DO_NOT_DISTURB_ON: {"do_not_disturb": True},
    DeviceFlag.DO_NOT_DISTURB_OFF: {"do_not_disturb": False},
    DeviceFlag.FORWARDING_OFF: {"forward_to": ""},
    DeviceFlag.MONITORED: {"monitored": True, "reason": ""},
}

_NO_CONNECTION = (LinkState.DOWN, LinkState.CONNECTING, LinkState.REFUSED)


class CallModel:
    """The owner of the truth about calls, devices, trunks and the link.

    Each method that changes something returns a ``Step``: events in number order, to be published before anything
    else is fed in, and snapshot questions for the link. ``single_appearance``: an extension is in one connected
    connection at most (CSTA); a phone whose lines are channels of their own (Asterisk) may be in several.
    """

    def __init__(
        self, epoch: int, link: Link, licence: Licence, *, single_appearance: bool = True, calls_max: int = CALLS_MAX
    ) -> None:
        """``calls_max``: calls that are held at most; further ones are not taken."""
        self._state = ModelState(epoch, link, licence, single_appearance=single_appearance, calls_max=calls_max)

    @classmethod
    def resumed(cls, epoch: int, snapshot: Snapshot, heard_us: Microseconds, *, single_appearance: bool = True) -> Self:
        """The model of a process that ended after publishing ``snapshot.number``, at about ``heard_us``: the next event
        is the one after it. Its link is as it was published: say at once how it is now."""
        model = cls(epoch, snapshot.link, snapshot.licence, single_appearance=single_appearance)
        restore(model._state, snapshot, heard_us)
        return model

    def begin_epoch(self, epoch: int) -> None:
        """Numbers begin anew; calls keep the ids that they have."""
        self._state.epoch = epoch
        self._state.number = 0

    # -- inputs --------------------------------------------------------------------------------------------------

    def report(self, report: Report) -> Step:
        """One report of the link."""
        s = self._state
        s.heard_us = report.received_us
        if is_beyond(s, report):
            self._refuse(1, report.received_us)
            return s.take_step()
        if isinstance(report, CallReport):
            take_call_report(s, report)
        elif isinstance(report, TransferReport):
            take_transfer(s, report)
        elif isinstance(report, DeviceReport):
            self._take_device_report(report)
        elif isinstance(report, CallSnapshot):
            take_call_snapshot(s, report)
        elif isinstance(report, DeviceSnapshot):
            take_device_snapshot(s, report)
        return s.take_step()

    def whole_switch(self, snapshots: Iterable[CallSnapshot], asked_us: Microseconds, now: Microseconds) -> Step:
        """An answer that names every call the switch has."""
        s = self._state
        named = list(snapshots)
        taken = with_room(s, named)
        take_whole_switch(s, taken, asked_us, now)
        if len(taken) < len(named):
            self._refuse(len(named) - len(taken), now)
        return s.take_step()

    def link_changed(self, state: LinkState, reason: str, now: Microseconds) -> Step:
        """The link's life. Nothing is cleared when it is lost: while it is not up all is *unknown* to everybody."""
        s = self._state
        if (state, reason) == (s.link.state, s.link.reason):
            return Step((), ())
        if s.link.state.is_up and not state.is_up:
            prove_watched(s)
            must_verify_all(s, now)
        if state in _NO_CONNECTION and s.link.state not in _NO_CONNECTION:
            s.start_over()
            must_verify_all(s, now)
        if state.is_up and not s.link.state.is_up:
            for record in s.calls.values():
                record.verify_us = Microseconds(now + VERIFY_US)
        s.link = Link(state, s.link.interface, reason, now)
        s.emit(LinkEvent(s.next_number(), now, s.link))
        return s.take_step()

    def licence_changed(self, licence: Licence, now: Microseconds) -> Step:
        """Seats or need changed."""
        s = self._state
        if licence == s.licence:
            return Step((), ())
        s.licence = licence
        s.emit(LicenceEvent(s.next_number(), now, licence))
        return s.take_step()

    def condition(self, code: str, subject: str, text: str | None, now: Microseconds) -> Step:
        """Trouble that lasts: why it is so, when it began or the reason changed; None when it is over."""
        self._condition(code, subject, text, now)
        return self._state.take_step()

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The trouble that lasts now."""
        return tuple(self._state.conditions.values())

    def configure(self, devices: Iterable[Device], now: Microseconds) -> Step:
        """port.cfg as read now. What the switch said of a device stays; a device no longer named is removed."""
        s = self._state
        wanted = {device.number: device for device in devices}
        for number in [number for number in s.devices.configured if number not in wanted]:
            s.set_device(s.devices.configured[number], now, removed=True)
        for device in wanted.values():
            known = s.devices.configured.get(device.number)
            s.set_device(device if known is None else with_switch_flags(device, known), now)
        return s.take_step()

    def expect(self, request: RequestRef, kind: CommandKind, device: DeviceNumber, now: Microseconds) -> None:
        """A command is about to leave: its events carry this request."""
        self._state.expectations.add(request, kind, device, now)

    def withdraw(self, request: RequestRef) -> None:
        """The switch refused that command."""
        self._state.expectations.withdraw(request)

    def tick(self, now: Microseconds) -> Step:
        """Once a second: forget tombstones, ask for calls of which too little was heard."""
        self._state.ids.prune(now)
        forget_unknown(self._state, now)
        if self._state.link.state.is_up:
            verify_due(self._state, now)
        if has_room_again(self._state):
            self._condition(CALLS_EXCEEDED, "", None, now)
        return self._state.take_step()

    def verify_calls(self, now: Microseconds) -> Step:
        """While the link comes back: ask for each call not yet compared with the switch since it was lost."""
        verify_due(self._state, now)
        return self._state.take_step()

    def _refuse(self, calls: int, now: Microseconds) -> None:
        s = self._state
        s.counts[CALLS_EXCEEDED] += calls
        self._condition(CALLS_EXCEEDED, "", f"{s.calls_max} calls are held: further ones are not taken", now)

    def _condition(self, code: str, subject: str, text: str | None, now: Microseconds) -> None:
        s = self._state
        known = s.conditions.get((code, subject))
        if text is not None and (known is None or known.text != text):
            condition = Condition(code, subject, text, now if known is None else known.since_us)
            s.conditions[code, subject] = condition
            s.emit(ConditionEvent(s.next_number(), now, condition))
        elif text is None and known is not None:
            del s.conditions[code, subject]
            s.emit(ConditionEvent(s.next_number(), now, known, over=True))

    # -- what is known -------------------------------------------------------------------------------------------

    @property
    def number(self) -> int:
        """Number of the last event."""
        return self._state.number

    @property
    def epoch(self) -> int:
        """Epoch of the stream."""
        return self._state.epoch

    @property
    def link(self) -> Link:
        """The link as last published."""
        return self._state.link

    @property
    def counts(self) -> dict[str, int]:
        """How many reports were repeats, late, doubles, deferred, mismatches since the start."""
        return dict(self._state.counts)

    def snapshot(self) -> Snapshot:
        """The whole state at exactly ``number``."""
        s = self._state
        calls = sorted((record.published() for record in s.calls.values()), key=lambda call: call.call_id)
        devices = sorted(s.devices.configured.values(), key=lambda device: device.number)
        conditions = [s.conditions[about] for about in sorted(s.conditions)]
        return Snapshot(s.number, s.link, s.licence, tuple(devices), tuple(calls), tuple(conditions))

    def device(self, number: DeviceNumber) -> Device | None:
        """A configured device."""
        return self._state.devices.configured.get(number)

    def device_state(self, number: DeviceNumber) -> DeviceState:
        """What an operator sees of a device."""
        if not self._state.link.state.is_up and number in self._state.devices.configured:
            return DeviceState.UNKNOWN
        return self._state.devices.state_now(number)

    def legs_of(self, number: DeviceNumber) -> list[Leg]:
        """A device's live connections, for finding the target of a command. Not to be changed."""
        return self._state.devices.legs_of(number)

    def call(self, call_id: CallId) -> CallRecord | None:
        """A live call. Not to be changed."""
        return self._state.calls.get(call_id)

    def call_of_switch(self, switch_id: SwitchCallId) -> Call | None:
        """The live call that has this switch id."""
        record = self._state.ids.live(switch_id)
        return None if record is None else record.published()

    def _take_device_report(self, report: DeviceReport) -> None:
        flags = _FLAGS.get(report.flag)
        if report.flag is DeviceFlag.FORWARDING_ON:
            flags = {"forward_to": report.forward_to}
        elif report.flag is DeviceFlag.NOT_MONITORED:
            flags = {"monitored": False, "reason": report.reason}
        if flags is not None:
            self._state.flag_device(report.device, report.received_us, report.cause, **flags)


def with_switch_flags(device: Device, known: Device) -> Device:
    """A device as configured now with what the switch said of it before; only a lost seat takes its monitor away."""
    return replace(
        device,
        monitored=known.monitored and device.licensed,
        in_service=known.in_service,
        do_not_disturb=known.do_not_disturb,
        forward_to=known.forward_to,
        reason=device.reason or (known.reason if known.licensed else ""),
    )
