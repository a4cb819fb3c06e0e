"""A snapshot as frames: how the wire and the journal carry the whole state at one number, and how it is read again."""

from collections.abc import Iterable

from model.centre import AgentSession, CentreSnapshot, IvrSession, QueueVisit
from model.ids import EventId
from model.view import Call, Condition, Device, Licence, Link, Snapshot
from protocol.centre_codec import decode_centre_part
from protocol.codec import decode_snapshot
from protocol.errors import Code, Problem
from protocol.filters import AnyPart, AnySnapshot, parts_of
from protocol.frame import Frame, pack_frame
from protocol.kinds import CENTRE_SNAPSHOTS, SNAPSHOTS, Kind, name_of
from protocol.packing import snapshot_body


def pack_snapshot(snapshot: AnySnapshot, index: int) -> bytes:
    """All frames of a snapshot, SNAPSHOT_END last."""
    parts = [pack_frame(kind, index, snapshot.number, body) for kind, body in map(snapshot_body, parts_of(snapshot))]
    return b"".join([*parts, pack_frame(Kind.SNAPSHOT_END, index, snapshot.number)])


def decode_part(kind: int, body: bytes) -> AnyPart | Problem:
    """The value in a snapshot frame other than SNAPSHOT_END."""
    return (decode_centre_part if kind in CENTRE_SNAPSHOTS else decode_snapshot)(kind, body)


def read_snapshot(frames: Iterable[Frame]) -> Snapshot | Problem:
    """The gateway's snapshot that these frames are, all of them and nothing else."""
    parts: list[AnyPart] = []
    for frame in frames:
        if frame.kind == Kind.SNAPSHOT_END:
            snapshot = assembled(parts, frame.number)
            if isinstance(snapshot, CentreSnapshot):
                return Problem(Code.BAD_FRAME, "a snapshot of no gateway")
            return snapshot
        part = decode_part(frame.kind, frame.body)
        if isinstance(part, Problem):
            what = name_of(frame.kind) if frame.kind in SNAPSHOTS else "a snapshot"
            return Problem(Code.BAD_FRAME, f"{what}: {part.text}")
        parts.append(part)
    return Problem(Code.BAD_FRAME, "a snapshot without its end")


def assembled(parts: Iterable[AnyPart], number: int) -> AnySnapshot | Problem:
    """The values of a snapshot put together: a gateway's has exactly one link and one licence, that of a CTI server or
    an IVR exactly one place that it has seen, and nothing of a gateway's."""
    held = tuple(parts)
    if any(isinstance(part, EventId) for part in held):
        return _centre_assembled(held, number)
    links = [part for part in held if isinstance(part, Link)]
    licences = [part for part in held if isinstance(part, Licence)]
    if len(links) != 1 or len(licences) != 1:
        return Problem(Code.BAD_FRAME, f"a snapshot with {len(links)} links and {len(licences)} licences")
    devices = tuple(part for part in held if isinstance(part, Device))
    calls = tuple(part for part in held if isinstance(part, Call))
    conditions = tuple(part for part in held if isinstance(part, Condition))
    return Snapshot(number, links[0], licences[0], devices, calls, conditions)


def _centre_assembled(held: tuple[AnyPart, ...], number: int) -> CentreSnapshot | Problem:
    seen = [part for part in held if isinstance(part, EventId)]
    agents = tuple(part for part in held if isinstance(part, AgentSession))
    visits = tuple(part for part in held if isinstance(part, QueueVisit))
    ivr_sessions = tuple(part for part in held if isinstance(part, IvrSession))
    foreign = len(held) - len(seen) - len(agents) - len(visits) - len(ivr_sessions)
    if len(seen) != 1 or foreign:
        text = f"a snapshot that has seen {len(seen)} places, with {foreign} parts of a gateway's"
        return Problem(Code.BAD_FRAME, text)
    return CentreSnapshot(number, seen[0], agents, visits, ivr_sessions)
