"""What the gateway had published before this process began: brought back from the journal as the state at its end.

The checkpoint is a snapshot as any subscriber gets it, the events after it are applied as any mirror does. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gateway.journal.values import Recovered
from model.ids import Microseconds
from model.mirror import Mirror
from model.view import Snapshot
from protocol.codec import decode
from protocol.errors import Problem
from protocol.frame import Frame, FrameReader
from protocol.limits import BODY_BYTES_MAX_SERVER
from protocol.snapshots import read_snapshot


@dataclass(frozen=True, slots=True)
class History:
    """``snapshot.number`` is the one before the next event's, ``heard_us`` when the last event came. ``unreadable``:
    events of another version, or a checkpoint that is none; what they said is missing until the switch is asked."""

    snapshot: Snapshot
    heard_us: Microseconds
    unreadable: int = 0


def history(recovered: Recovered) -> History | None:
    """The state to go on from; None where the journal tells of none."""
    if recovered.checkpoint is None:
        return None
    content = recovered.checkpoint.content
    snapshot = read_snapshot(FrameReader(BODY_BYTES_MAX_SERVER).receive(content))
    if isinstance(snapshot, Problem):
        return None
    told = _after(snapshot, recovered.frames)
    return replace(told, snapshot=replace(told.snapshot, number=recovered.next_number - 1))


def _after(snapshot: Snapshot, frames: Iterable[bytes]) -> History:
    mirror = Mirror(snapshot)
    heard_us = max([snapshot.link.since_us, *(one.since_us for call in snapshot.calls for one in call.connections)])
    unreadable = 0
    reader = FrameReader(BODY_BYTES_MAX_SERVER)
    for frame in _each(reader, frames):
        event = decode(frame.kind, frame.number, frame.body)
        if isinstance(event, Problem):
            unreadable += 1
        else:
            mirror.apply(event)
            heard_us = event.received_us
    return History(mirror.snapshot(), heard_us, unreadable)


def _each(reader: FrameReader, frames: Iterable[bytes]) -> Iterable[Frame]:
    for frame in frames:
        yield from reader.receive(frame)
