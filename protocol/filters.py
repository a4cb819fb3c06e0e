"""Filters: which events and which values a subscriber gets. Pure functions of bytes and values.

A filter is a set of devices, or None for everything. An event passes when one of the devices it concerns, before or
after, is in the set; the events of link, licence and conditions always pass. A value of a snapshot passes by the same
rule over what it names, so that filtered snapshot + filtered stream = filtered state.
"""

from model.view import Call, Snapshot
from protocol.codec import SnapshotPart, devices_concerned
from protocol.frame import HEADER, HEADER_BYTES

Filter = frozenset[str] | None


def passes(frame: bytes, wanted: Filter) -> bool:
    """Whether an event's frame passes, by its bytes alone."""
    if wanted is None:
        return True
    kind: int = HEADER.unpack_from(frame)[1]
    concerned = devices_concerned(kind, frame, HEADER_BYTES)
    return concerned is None or not wanted.isdisjoint(concerned)


def call_passes(call: Call, wanted: Filter) -> bool:
    """Whether a call is part of the filtered state: a wanted device or trunk is in it now."""
    if wanted is None:
        return True
    return any(party.device in wanted or party.trunk in wanted for party in call.connections)


def filtered(snapshot: Snapshot, wanted: Filter) -> Snapshot:
    """The part of a snapshot that a subscriber with this filter holds."""
    if wanted is None:
        return snapshot
    return Snapshot(
        number=snapshot.number,
        link=snapshot.link,
        licence=snapshot.licence,
        devices=tuple(device for device in snapshot.devices if device.number in wanted),
        calls=tuple(call for call in snapshot.calls if call_passes(call, wanted)),
        conditions=snapshot.conditions,
    )


def parts_of(snapshot: Snapshot) -> tuple[SnapshotPart, ...]:
    """The values a snapshot is sent as, one frame each, in this order."""
    return (snapshot.link, snapshot.licence, *snapshot.conditions, *snapshot.devices, *snapshot.calls)
