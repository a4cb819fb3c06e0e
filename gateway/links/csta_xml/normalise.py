"""CSTA events and snapshot answers as the call model's reports: names, states and causes, nothing decided.

Devices get their port.cfg number where the switch's id is one of ours; a ConnectionID's device part stays the key it
is. Pure.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from gateway.links.csta_xml.messages import (
    CallEvent,
    CallEventKind,
    ConnectionID,
    DeviceRef,
    DeviceRefKind,
    DoNotDisturbEvent,
    ForwardingEvent,
    LocalConnectionState,
    ServiceStateEvent,
    ServiceStateKind,
    SimpleCallState,
    SnapshotCallInfo,
    SnapshotDeviceInfo,
)
from gateway.links.csta_xml.messages.causes import EventCause
from gateway.portcfg import Port
from model.causes import CAUSE_BY_TEXT, Cause
from model.ids import NO_DEVICE, ConnectionKey, DeviceNumber, Microseconds, SwitchCallId, SwitchConnection
from model.reports import (
    CallReport,
    DeviceFlag,
    DeviceReport,
    Happening,
    PartySnapshot,
    Rekeying,
    Report,
    TransferReport,
)
from model.states import ConnectionState, PortKind

_NO_HAPPENING = (CallEventKind.TRANSFERRED, CallEventKind.CONFERENCED)
_HAPPENING = {kind: Happening[kind.name] for kind in CallEventKind if kind not in _NO_HAPPENING}
_STATE = {state: ConnectionState[state.name] for state in LocalConnectionState}
_SIMPLE = {
    SimpleCallState.CALL_NULL: ConnectionState.NULL,
    SimpleCallState.CALL_PENDING: ConnectionState.INITIATED,
    SimpleCallState.CALL_ORIGINATED: ConnectionState.CONNECTED,
    SimpleCallState.CALL_DELIVERED: ConnectionState.CONNECTED,
    SimpleCallState.CALL_DELIVERED_HELD: ConnectionState.HOLD,
    SimpleCallState.CALL_RECEIVED: ConnectionState.ALERTING,
    SimpleCallState.CALL_ESTABLISHED: ConnectionState.CONNECTED,
    SimpleCallState.CALL_ESTABLISHED_HELD: ConnectionState.HOLD,
    SimpleCallState.CALL_RECEIVED_ON_HOLD: ConnectionState.ALERTING,
    SimpleCallState.CALL_ESTABLISHED_ON_HOLD: ConnectionState.CONNECTED,
    SimpleCallState.CALL_QUEUED: ConnectionState.CONNECTED,
    SimpleCallState.CALL_QUEUED_HELD: ConnectionState.HOLD,
    SimpleCallState.CALL_FAILED: ConnectionState.CONNECTED,
    SimpleCallState.CALL_FAILED_HELD: ConnectionState.HOLD,
    SimpleCallState.CALL_BLOCKED: ConnectionState.FAIL,
}
"""The snapshot device's own half of the compound states (ECMA-269 6.1.5.2, Table 6-21)."""

NUMBER_CHARACTERS_MAX = 128
"""Of a number or name of a device: four times what ECMA-323 asks for; a longer one is cut, it is only shown."""
ID_CHARACTERS_MAX = 256
"""Of a call's id or a connection's device part: the longest seen have 32. An id that is cut would be another id."""
CALLS_COUNTED_MAX = 0xFFFF_FFFF
"""What an event can carry."""

_DIALLING_NUMBER = re.compile(r"N?<(\+?[0-9*#]+)>")
_SUBJECT_MAY_BE_ANOTHER = (CallEventKind.CONNECTION_CLEARED, CallEventKind.FAILED)
"""releasingDevice and failingDevice need not be the device of the connection (ECMA-269 17.2.4, 17.2.9)."""


class Normaliser:
    """Knows the switch's names for the devices of port.cfg."""

    def __init__(self, ports: Iterable[Port]) -> None:
        self._numbers: dict[str, DeviceNumber] = {}
        self._trunks: dict[str, DeviceNumber] = {}
        self._ports: set[DeviceNumber | None] = set()
        self.learn(ports)

    def learn(self, ports: Iterable[Port]) -> None:
        """Ports served from now on; those known before stay known, since their calls may still be reported."""
        for port in ports:
            self._numbers[port.device] = port.number
            self._ports.add(port.number)
            if port.kind is PortKind.TRUNK:
                self._trunks[port.device] = port.number

    def number(self, device: str) -> DeviceNumber:
        """Whom a switch's device id stands for: a port, or the number in it (``N<+8613800001111>;…``, ``tel:``)."""
        if (known := self._numbers.get(device)) is not None:
            return known
        head = device.partition(";")[0]
        if (known := self._numbers.get(head)) is not None:
            return known
        bracketed = _DIALLING_NUMBER.match(head)
        if bracketed is None:
            return DeviceNumber(head[:NUMBER_CHARACTERS_MAX])
        return self._numbers.get(bracketed[0]) or DeviceNumber(bracketed[1])

    def report(self, event: CallEvent, monitor: DeviceNumber, now: Microseconds) -> Report | None:
        """The report of a call event; None for one without the connection that it is about, or with an id that is
        longer than any switch's."""
        if event.connection is None or not (_is_usable(event.connection) and _is_usable(event.originating_nid)):
            return None
        if event.kind in _NO_HAPPENING:
            usable = all(map(_is_usable, _connections_moved(event)))
            return self._transfer(event, monitor, now, event.connection) if usable else None
        trunk = self._trunks.get(event.connection.device_id or "")
        named = self._ref(event.calling if event.kind is CallEventKind.ORIGINATED else event.subject)
        subject, other = named, self._ref(event.target)
        if trunk is not None and event.kind is CallEventKind.FAILED and trunk == self._calling_trunk(event):
            subject = self._ref(event.calling)  # it is the caller who hears that the other failed
        elif trunk is not None and event.kind is not CallEventKind.NETWORK_REACHED:
            subject = None if named in self._ports else named
        elif event.kind in _SUBJECT_MAY_BE_ANOTHER:
            subject = self._numbers.get(event.connection.device_id or "")
        if event.kind in _SUBJECT_MAY_BE_ANOTHER and named != subject:
            other = named
        return CallReport(
            _HAPPENING[event.kind],
            monitor,
            connection(event.connection),
            now,
            subject=subject,
            calling=self._ref(event.calling),
            called=self._ref(event.called),
            last_redirection=self._ref(event.last_redirection),
            trunk=trunk if event.kind is not CallEventKind.NETWORK_REACHED else None,
            other=other,
            calling_connection=None if event.originating_nid is None else connection(event.originating_nid),
            calling_trunk=self._calling_trunk(event),
            cause=cause(event.cause),
            local_state=None if event.local_state is None else _STATE[event.local_state],
            happened_us=None if event.security is None else happened_us(event),
            number_queued=None if event.number_queued is None else _counted(event.number_queued),
            calls_in_front=None if event.calls_in_front is None else _counted(event.calls_in_front),
            digits=None if event.digits is None else event.digits[:NUMBER_CHARACTERS_MAX],
        )

    def device_report(
        self, event: ServiceStateEvent | DoNotDisturbEvent | ForwardingEvent, monitor: DeviceNumber, now: Microseconds
    ) -> DeviceReport:
        """The report of a device event; without a device it is about the monitored one."""
        device = self._ref(event.device) or monitor
        if isinstance(event, ServiceStateEvent):
            out = event.kind is ServiceStateKind.OUT_OF_SERVICE
            flag = DeviceFlag.OUT_OF_SERVICE if out else DeviceFlag.BACK_IN_SERVICE
            return DeviceReport(flag, device, now, cause=cause(event.cause))
        if isinstance(event, DoNotDisturbEvent):
            on = event.do_not_disturb_on
            return DeviceReport(DeviceFlag.DO_NOT_DISTURB_ON if on else DeviceFlag.DO_NOT_DISTURB_OFF, device, now)
        if event.forward_status and event.forward_to:
            return DeviceReport(DeviceFlag.FORWARDING_ON, device, now, self.number(event.forward_to))
        return DeviceReport(DeviceFlag.FORWARDING_OFF, device, now)

    def parties(self, rows: Iterable[SnapshotCallInfo]) -> tuple[PartySnapshot, ...]:
        """The parties of a SnapshotCall answer."""
        return tuple(self.party(row) for row in rows if _is_usable(row.call_identifier))

    def party(self, row: SnapshotCallInfo) -> PartySnapshot:
        """One party of a SnapshotCall answer; a state left out counts as connected (ECMA-269 16.1.1)."""
        key = None if row.call_identifier is None else row.call_identifier.device_id
        trunk = self._trunks.get(key or "")
        device = self._ref(row.device_on_call)
        if trunk is not None and device == trunk:
            device = None
        state = ConnectionState.CONNECTED if row.local_connection_info is None else _STATE[row.local_connection_info]
        return PartySnapshot(device, None if key is None else ConnectionKey(key), state, trunk)

    def calls_of_device(
        self, rows: Iterable[SnapshotDeviceInfo]
    ) -> tuple[tuple[SwitchConnection, ConnectionState], ...]:
        """The connections of a SnapshotDevice answer, each with the device's own state."""
        return tuple(
            (connection(row.connection_identifier), own_state(row))
            for row in rows
            if row.connection_identifier is not None and _is_usable(row.connection_identifier)
        )

    def called(self, ref: DeviceRef | None) -> DeviceNumber | None:
        """A calling or called device of a snapshot."""
        return self._ref(ref)

    def _transfer(
        self, event: CallEvent, monitor: DeviceNumber, now: Microseconds, primary: ConnectionID
    ) -> TransferReport:
        rows = tuple(
            Rekeying(
                connection(row.new_connection),
                None if row.old_connection is None else connection(row.old_connection),
                self._endpoint(row.endpoint, row.new_connection),
                self._trunks.get(row.new_connection.device_id or ""),
            )
            for row in event.connections
            if row.new_connection is not None
        )
        secondary = event.secondary_old_call
        return TransferReport(
            event.kind is CallEventKind.CONFERENCED,
            monitor,
            connection(primary),
            None if secondary is None else connection(secondary),
            self._ref(event.subject),
            self._ref(event.target),
            rows,
            now,
            cause(event.cause),
            happened_us(event),
        )

    def _endpoint(self, ref: DeviceRef | None, new: ConnectionID) -> DeviceNumber | None:
        """Whom a row of a connection list stands for; a trunk's own name says nothing of the party behind it."""
        device = self._ref(ref)
        trunk = self._trunks.get(new.device_id or "")
        if device is None and trunk is None:
            return self._numbers.get(new.device_id or "")
        return device if device != trunk else None

    def _calling_trunk(self, event: CallEvent) -> DeviceNumber | None:
        ref = event.associated_calling
        if ref is not None and ref.number is not None and (trunk := self._trunks.get(ref.number)) is not None:
            return trunk
        nid = event.originating_nid
        return None if nid is None else self._trunks.get(nid.device_id or "")

    def _ref(self, ref: DeviceRef | None) -> DeviceNumber | None:
        if ref is None:
            return None
        number = ref.number
        if number is not None:
            return self._numbers.get(number) or self.number(number)
        return NO_DEVICE if ref.kind is DeviceRefKind.RESTRICTED else None


def _connections_moved(event: CallEvent) -> Iterator[ConnectionID | None]:
    yield event.secondary_old_call
    for row in event.connections:
        yield row.new_connection
        yield row.old_connection


def _is_usable(written: ConnectionID | None) -> bool:
    """Whether an id can be a switch's: what a peer sends is never trusted."""
    if written is None:
        return True
    return len(written.call_id) <= ID_CHARACTERS_MAX and len(written.device_id or "") <= ID_CHARACTERS_MAX


def _counted(number: int) -> int | None:
    return number if 0 <= number <= CALLS_COUNTED_MAX else None


def connection(written: ConnectionID) -> SwitchConnection:
    """A ConnectionID as the model keeps it."""
    return SwitchConnection(SwitchCallId(written.call_id), ConnectionKey(written.device_id or ""))


def cause(written: EventCause | str | None) -> Cause:
    """The model's cause; OTHER for one that the standard does not know."""
    return Cause.NONE if written is None else CAUSE_BY_TEXT.get(written, Cause.OTHER)


def own_state(row: SnapshotDeviceInfo) -> ConnectionState:
    """The snapshot device's own state of a call; an unknown one counts as connected until its call is asked for."""
    if row.compound_state:
        return _STATE[row.compound_state[0]]
    return ConnectionState.CONNECTED if row.simple_state is None else _SIMPLE[row.simple_state]


def happened_us(event: CallEvent) -> Microseconds | None:
    """When the switch says it happened, if it says so with a time zone."""
    stamp = event.security.time_stamp if event.security is not None else None
    if stamp is None:
        return None
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return None if moment.tzinfo is None else Microseconds(int(moment.timestamp() * 1_000_000))
