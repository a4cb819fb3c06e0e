"""Filters: which events and which values a subscriber gets. Pure functions of bytes and values.

A filter is a set of names of devices, agents and queues (``protocol.concerns``), or None for everything. An event
passes when one of those it concerns, before or after, is in the set; the events of link, licence and conditions always
pass. A value of a snapshot passes by the same rule over what it names, so that filtered snapshot + filtered stream =
filtered state.
"""

from model.centre import AgentSession, CentreSnapshot, IvrSession, QueueVisit
from model.centre_events import Concern, ConcernKind
from model.centre_mirror import named_by
from model.view import Call, Snapshot
from protocol.centre_codec import CentrePart
from protocol.codec import SnapshotPart
from protocol.concerns import concerned, filter_name
from protocol.frame import HEADER, HEADER_BYTES

Filter = frozenset[str] | None
AnySnapshot = Snapshot | CentreSnapshot
AnyPart = SnapshotPart | CentrePart


def passes(frame: bytes, wanted: Filter) -> bool:
    """Whether an event's frame passes, by its bytes alone."""
    if wanted is None:
        return True
    kind: int = HEADER.unpack_from(frame)[1]
    names = concerned(kind, frame, HEADER_BYTES)
    return names is None or not wanted.isdisjoint(names)


def call_passes(call: Call, wanted: Filter) -> bool:
    """Whether a call is part of the filtered state: a wanted device or trunk is in it now."""
    if wanted is None:
        return True
    return any(party.device in wanted or party.trunk in wanted for party in call.connections)


def part_passes(part: AgentSession | QueueVisit | IvrSession, wanted: Filter) -> bool:
    """Whether an agent's session, a visit or an IVR session is part of the filtered state."""
    return wanted is None or any(filter_name(name) in wanted for name in named_by(part))


def filtered_parts(snapshot: AnySnapshot, wanted: Filter) -> AnySnapshot:
    """As ``filtered`` or ``centre_filtered``, whichever it is."""
    return centre_filtered(snapshot, wanted) if isinstance(snapshot, CentreSnapshot) else filtered(snapshot, wanted)


def centre_filtered(snapshot: CentreSnapshot, wanted: Filter) -> CentreSnapshot:
    """The part of a snapshot of the CTI server or the IVR that a subscriber with this filter holds."""
    if wanted is None:
        return snapshot
    return CentreSnapshot(
        snapshot.number,
        snapshot.seen,
        tuple(one for one in snapshot.agents if part_passes(one, wanted)),
        tuple(one for one in snapshot.visits if part_passes(one, wanted)),
        tuple(one for one in snapshot.ivr_sessions if part_passes(one, wanted)),
    )


def filtered(snapshot: Snapshot, wanted: Filter) -> Snapshot:
    """The part of a gateway's snapshot that a subscriber with this filter holds."""
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


def parts_of(snapshot: AnySnapshot) -> tuple[AnyPart, ...]:
    """The values a snapshot is sent as, one frame each, in this order."""
    if isinstance(snapshot, CentreSnapshot):
        return (snapshot.seen, *snapshot.agents, *snapshot.visits, *snapshot.ivr_sessions)
    return (snapshot.link, snapshot.licence, *snapshot.conditions, *snapshot.devices, *snapshot.calls)


def names_wanted(devices: frozenset[str] | None, agents: frozenset[str], queues: frozenset[str]) -> Filter:
    """The filter of a SUBSCRIBE; with nothing named everything passes."""
    if devices is None and not agents and not queues:
        return None
    marked: list[Concern] = [(ConcernKind.AGENT, one) for one in agents]
    marked += [(ConcernKind.QUEUE, one) for one in queues]
    return (devices or frozenset()) | frozenset(map(filter_name, marked))
