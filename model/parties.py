"""The parties of a call as reports name them: which leg is meant, who it stands for, who must be the caller.

Learns, decides nothing about states: that is ``model.calls``.
"""

from model.ids import NO_DEVICE, DeviceNumber
from model.record import NO_KEY, CallRecord, Leg
from model.reports import CallReport, Happening
from model.state import ModelState
from model.states import ConnectionState
from model.transitions import CALLERS_OWN


def find_leg(s: ModelState, record: CallRecord, r: CallReport) -> Leg | None:
    """The leg a report is about: by the switch's key, else the implied one that must be meant."""
    key, device = r.connection.key, r.subject
    if key and (leg := record.legs_by_key.get(key)) is not None:
        return leg
    unbound = [leg for leg in record.legs if not leg.key and leg.record is record]
    if not key:
        return record.leg_of(device) if device else None
    meant = next((leg for leg in unbound if device and device in (leg.device, leg.trunk)), None)
    if meant is None and len(unbound) == 1 and r.happening in (Happening.CONNECTION_CLEARED, Happening.HELD):
        known = s.devices.configured
        is_another = device in known and unbound[0].device in known
        meant = None if is_another else unbound[0]
    if meant is not None:
        record.bind(meant, key)
        s.touch_view(record)
    return meant


def new_leg(s: ModelState, record: CallRecord, r: CallReport) -> Leg:
    """A connection heard of for the first time. A trunk stands for the outside party behind it."""
    device = r.subject if r.subject is not None else r.other if r.happening is Happening.FAILED else None
    trunk = r.trunk or NO_DEVICE
    if r.happening is Happening.NETWORK_REACHED:
        device, trunk = outside_number(s, r), r.subject or NO_DEVICE
    leg = s.add_leg(record, r.connection.key, device or NO_DEVICE, r.received_us, trunk=trunk)
    leg.monitored = leg.monitored or r.monitor is None
    return leg


def outside_number(s: ModelState, r: CallReport) -> DeviceNumber:
    """The party behind a trunk; of a call forwarded to the outside the switch still names the extension dialled."""
    return NO_DEVICE if r.called is None or r.called in s.devices.configured else r.called


def learn(s: ModelState, record: CallRecord, r: CallReport) -> None:
    """Numbers a report adds; and the caller, who is in the call though nobody may ever report him."""
    before = (record.calling, record.called, record.last_redirection)
    if r.calling and not record.calling:
        record.calling = r.calling
    elif r.happening in CALLERS_OWN and not record.calling and r.subject:
        record.calling = r.subject
    if r.called and not record.called:
        record.called = r.called
    if r.last_redirection:
        record.last_redirection = r.last_redirection
    if before != (record.calling, record.called, record.last_redirection):
        s.touch_view(record)
    if record.has_caller or r.happening is Happening.CALL_INFORMATION:
        return
    if r.happening in CALLERS_OWN:
        record.has_caller = True
    elif r.monitor is not None or r.calling_connection is not None:
        imply_caller(s, record, r)


def imply_caller(s: ModelState, record: CallRecord, r: CallReport) -> None:
    """Somebody rings, so somebody calls. A monitored caller's own monitor will say how far it is."""
    record.has_caller = True
    key = r.calling_connection.key if r.calling_connection is not None else None
    calling = r.calling or NO_DEVICE
    known = (record.legs_by_key.get(key) if key else None) or (record.leg_of(calling) if calling else None)
    if known is not None:
        s.rename_leg(known, calling, r.calling_trunk or NO_DEVICE)
        return
    leg = s.add_leg(record, key or NO_KEY, calling, r.received_us, trunk=r.calling_trunk or NO_DEVICE)
    leg.is_implied = True
    own = leg.monitored and leg.trunk == NO_DEVICE
    s.set_leg(leg, ConnectionState.INITIATED if own else ConnectionState.CONNECTED, r.received_us)


def confirm_caller(s: ModelState, record: CallRecord, leg: Leg, r: CallReport) -> None:
    """The reporting device's own state stands in every report: enough to know that it has dialled."""
    if r.local_state is not ConnectionState.CONNECTED or r.monitor is None:
        return
    own = record.leg_of(r.monitor)
    if own is None or own is leg or own.state is not ConnectionState.INITIATED:
        return
    if own.cursors.get(r.monitor, 0) == len(own.history) and s.devices.connected_elsewhere(own) is None:
        s.set_leg(own, ConnectionState.CONNECTED, r.received_us)
