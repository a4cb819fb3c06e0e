"""The model of a process that ended, from what it had published: the snapshot at its last number.

What a restart forgets is what a lost connection to the switch forgets anyway (who has reported what, ids of calls
that are over): new monitors tell only what happens from then on. So every call comes back unproven, under its own ids,
and is compared with the switch before it is believed.
"""

from collections.abc import Iterable

from model.ids import Microseconds
from model.record import CallRecord, Leg
from model.state import ModelState
from model.view import Call, Snapshot


def restore(s: ModelState, snapshot: Snapshot, heard_us: Microseconds) -> None:
    """Fill a new state. ``heard_us``: when the last event came, up to which all was as the snapshot says."""
    s.number = snapshot.number
    s.link, s.licence = snapshot.link, snapshot.licence
    s.conditions = {one.about: one for one in snapshot.conditions}
    s.heard_us = heard_us
    s.devices.configured = {device.number: device for device in snapshot.devices}
    _restore_calls(s, snapshot.calls, heard_us)
    for device in snapshot.devices:
        s.devices.change(device.number)


def _restore_calls(s: ModelState, calls: Iterable[Call], heard_us: Microseconds) -> None:
    for call in calls:
        record = CallRecord(
            call.call_id,
            call.conversation_id,
            call.switch_call_id,
            call.began_us,
            call.calling,
            call.called,
            call.last_redirection,
            has_caller=True,
            is_published=True,
            is_unproven=True,
            touched_us=heard_us,
            proven_us=heard_us,
        )
        for shown in call.connections:
            leg = Leg(record, shown.key, shown.device, shown.state, shown.since_us, shown.trunk)
            leg.monitored = shown.monitored
            leg.touched_us = heard_us
            record.add(leg)
            s.devices.occupy(leg)
        s.calls[call.call_id] = record
        s.ids.add(record)
