"""A snapshot as frames: how the wire and the journal carry the whole state at one number, and how it is read again."""

from collections.abc import Iterable

from model.view import Call, Condition, Device, Licence, Link, Snapshot
from protocol.codec import SnapshotPart, decode_snapshot
from protocol.errors import Code, Problem
from protocol.filters import parts_of
from protocol.frame import Frame, pack_frame
from protocol.kinds import SNAPSHOTS, Kind, name_of
from protocol.packing import snapshot_body


def pack_snapshot(snapshot: Snapshot, index: int) -> bytes:
    """All frames of a snapshot, SNAPSHOT_END last."""
    parts = [pack_frame(kind, index, snapshot.number, body) for kind, body in map(snapshot_body, parts_of(snapshot))]
    return b"".join([*parts, pack_frame(Kind.SNAPSHOT_END, index, snapshot.number)])


def read_snapshot(frames: Iterable[Frame]) -> Snapshot | Problem:
    """The snapshot that these frames are, all of them and nothing else."""
    parts: list[SnapshotPart] = []
    for frame in frames:
        if frame.kind == Kind.SNAPSHOT_END:
            return assembled(parts, frame.number)
        part = decode_snapshot(frame.kind, frame.body)
        if isinstance(part, Problem):
            what = name_of(frame.kind) if frame.kind in SNAPSHOTS else "a snapshot"
            return Problem(Code.BAD_FRAME, f"{what}: {part.text}")
        parts.append(part)
    return Problem(Code.BAD_FRAME, "a snapshot without its end")


def assembled(parts: Iterable[SnapshotPart], number: int) -> Snapshot | Problem:
    """The values of a snapshot put together: exactly one link and one licence."""
    held = tuple(parts)
    links = [part for part in held if isinstance(part, Link)]
    licences = [part for part in held if isinstance(part, Licence)]
    if len(links) != 1 or len(licences) != 1:
        return Problem(Code.BAD_FRAME, f"a snapshot with {len(links)} links and {len(licences)} licences")
    devices = tuple(part for part in held if isinstance(part, Device))
    calls = tuple(part for part in held if isinstance(part, Call))
    conditions = tuple(part for part in held if isinstance(part, Condition))
    return Snapshot(number, links[0], licences[0], devices, calls, conditions)
