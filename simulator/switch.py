"""The state of the simulated switch and the few steps of which all call processing is made.

Pure: time is given by the caller (`now_us`), nothing is random, nothing is sent; events pile up in `reports` until
somebody takes them. What a service does stands in the modules named after it, which use only these steps.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from gateway.links.csta_xml.messages import (
    NOT_REQUIRED,
    CallEvent,
    CallEventKind,
    ConnectionID,
    ConnectionListItem,
    CSTAErrorCode,
    DeviceRef,
    ErrorCategory,
    EventCause,
)
from gateway.links.csta_xml.messages.elements import CstaMessage
from simulator.account import Account
from simulator.calls import Call, Leg, State, party_ref
from simulator.devices import Device, DeviceKind
from simulator.monitors import Monitors, Report
from simulator.numbering import CallIds, CallIdStyle

SECOND_US = 1_000_000
RING_SECONDS = 5.0
"""One ring, of which forwarding on no answer counts several (ECMA-269 gives no length; five seconds is common)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the switch is made of. `device_id_format` turns a number into its name on the wire."""

    extensions: tuple[str, ...] = tuple(str(number) for number in range(1000, 1100))
    trunks: int = 30
    pilots: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Distribution numbers and the extensions that each one distributes to."""
    device_id_format: str = "{number}"
    call_ids: CallIdStyle = CallIdStyle.RISING
    keep_call_id: bool = False
    """Transfer and conference keep the primary call's id instead of taking a new one."""
    monitor_limit: int | None = None
    outside_answers_seconds: float | None = 2.0
    """Outside parties answer after so long; None: they never do by themselves."""
    failed_seconds: float = 30.0
    """Busy tone is cut after so long when nobody hangs up."""
    agent_ring_seconds: float = 15.0
    """A distributed call that nobody answers goes back to its queue."""


@dataclass(frozen=True, slots=True, order=True)
class _Timer:
    due_us: int
    order: int
    act: Callable[[], object]


class Switch:
    """Devices, calls, monitors and timers of one switch. `now_us` is the time of the step being taken."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.now_us = 0
        self.monitors = Monitors(plan.monitor_limit)
        self.account = Account()
        self.calls: dict[str, Call] = {}
        self.reports: list[Report] = []
        self._call_ids = CallIds(plan.call_ids)
        self._timers: list[_Timer] = []
        self._timers_set = 0
        self.devices: dict[str, Device] = {}
        for number in plan.extensions:
            self._install(number, DeviceKind.EXTENSION)
        for index in range(1, plan.trunks + 1):
            self._install(f"T{index:03d}", DeviceKind.TRUNK)
        self._trunks = [device for device in self.devices.values() if device.kind is DeviceKind.TRUNK]
        for number, members in plan.pilots:
            pilot = self._install(number, DeviceKind.PILOT)
            pilot.members = [self.devices[member] for member in members]
        self._by_device_id = {device.device_id: device for device in self.devices.values()}

    def find(self, number: str) -> Device | None:
        """A device by its name on the wire or its plain number."""
        return self._by_device_id.get(number) or self.devices.get(number)

    @property
    def pilots(self) -> list[Device]:
        return [self.devices[number] for number, _ in self.plan.pilots]

    def shown(self, number: str) -> str:
        """How others see a number: a device's name on the wire, an outside number as dialled."""
        device = self.find(number)
        return number if device is None else device.device_id

    def free_trunk(self) -> Device | None:
        return next((trunk for trunk in self._trunks if trunk.is_free), None)

    # Calls and legs

    def begin_call(self, calling: str, called: str) -> Call:
        call = Call(self._call_ids.take(self.calls), calling, called, self.now_us)
        self.calls[call.call_id] = call
        self.account.call_began(call.call_id, calling, called, self.now_us)
        return call

    def join(self, call: Call, device: Device, state: State, shown: str = "") -> Leg:
        """A new leg of `device`; `shown` is the outside party's number on a trunk."""
        leg = Leg(call, device, state, shown or device.device_id)
        call.legs.append(leg)
        device.legs.append(leg)
        self.account.party_joined(call.call_id, device.device_id)
        return leg

    def leave(self, leg: Leg) -> None:
        """Take a leg out of its call; its monitors hear of it by the next report with `left`."""
        leg.state = State.NULL
        leg.call.legs.remove(leg)
        leg.device.legs.remove(leg)

    def end_call(self, call: Call, cause: EventCause, merged_into: str | None = None) -> None:
        """The call is over; its last leg has left or moved."""
        assert not call.legs, f"call {call.call_id} ends with legs"
        for monitor in self.monitors.on_call(call.call_id) if merged_into is None else ():
            if monitor.passes(CallEventKind.CALL_CLEARED):
                event = CallEvent(
                    CallEventKind.CALL_CLEARED, monitor.cross_ref_id, ConnectionID(call.call_id), cause=cause
                )
                self.reports.append(Report(monitor.client, monitor.cross_ref_id, event))
        if merged_into is None:
            self.monitors.call_ended(call.call_id)
        del self.calls[call.call_id]
        self.account.call_ended(call.call_id, self.now_us, merged_into)

    # Events

    def report(
        self, call: Call, kind: CallEventKind, cause: EventCause, left: Iterable[Leg] = (), **elements: Any
    ) -> None:
        """Tell all monitors of the call's devices, and of those that just `left` it (ECMA-269 15: until null)."""
        for leg in (*call.legs, *left):
            for monitor in self.monitors.on_device(leg.device):
                if monitor.passes(kind):
                    event = CallEvent(kind, monitor.cross_ref_id, local_state=leg.state, cause=cause, **elements)
                    self.reports.append(Report(monitor.client, monitor.cross_ref_id, event))
        for monitor in self.monitors.on_call(call.call_id):
            if monitor.passes(kind):
                event = CallEvent(kind, monitor.cross_ref_id, cause=cause, **elements)
                self.reports.append(Report(monitor.client, monitor.cross_ref_id, event))

    def report_device(self, device: Device, kind: object, event_for: Callable[[str], CstaMessage]) -> None:
        """Tell the device's monitors of something that is no call event."""
        for monitor in self.monitors.on_device(device):
            if monitor.passes(kind):
                self.reports.append(Report(monitor.client, monitor.cross_ref_id, event_for(monitor.cross_ref_id)))

    def parties(self, call: Call) -> dict[str, Any]:
        """The elements that most events repeat: who calls whom, who diverted it, by which trunk it came."""
        entry = call.entry_leg
        redirected = call.redirected_by
        return {
            "calling": party_ref(call.calling),
            "called": party_ref(call.called),
            "last_redirection": NOT_REQUIRED if redirected is None else DeviceRef.redirected(redirected),
            "originating_nid": None if entry is None else entry.connection,
            "associated_calling": None if entry is None else DeviceRef.of(entry.device.device_id),
        }

    def take_reports(self) -> list[Report]:
        """All events since the last time, in order."""
        taken, self.reports = self.reports, []
        return taken

    # Time

    def after(self, seconds: float, act: Callable[[], object]) -> None:
        """Call `act` once, when `seconds` have passed; it must look whether its matter still stands."""
        self._timers_set += 1
        heapq.heappush(self._timers, _Timer(self.now_us + int(seconds * SECOND_US), self._timers_set, act))

    @property
    def deadline_us(self) -> int | None:
        """When `pass_time` has something to do next."""
        return self._timers[0].due_us if self._timers else None

    def pass_time(self, now_us: int) -> None:
        """Let the timers run that are due. Time never goes back: an earlier `now_us` counts as the latest."""
        while self._timers and self._timers[0].due_us <= now_us:
            timer = heapq.heappop(self._timers)
            self.now_us = max(self.now_us, timer.due_us)
            timer.act()
        self.now_us = max(self.now_us, now_us)

    def _install(self, number: str, kind: DeviceKind) -> Device:
        outside = kind is DeviceKind.TRUNK
        device_id = number if outside else self.plan.device_id_format.format(number=number)
        if number in self.devices:
            raise ValueError(f"number {number} is given to two devices")
        self.devices[number] = Device(number, device_id, kind)
        return self.devices[number]


def wrong_state(value: str) -> CSTAErrorCode:
    """The device or connection is in a state in which this cannot be done."""
    return CSTAErrorCode(ErrorCategory.STATE_INCOMPATIBILITY, value)


def wrong_operand(value: str) -> CSTAErrorCode:
    """The request names something that does not exist or cannot be meant."""
    return CSTAErrorCode(ErrorCategory.OPERATION, value)


def out_of_service(value: str) -> CSTAErrorCode:
    return CSTAErrorCode(ErrorCategory.SYSTEM_RESOURCE_AVAILABILITY, value)


def moved(leg_before: ConnectionID, leg: Leg) -> ConnectionListItem:
    return ConnectionListItem(leg.connection, leg_before, DeviceRef.endpoint(leg.shown))
