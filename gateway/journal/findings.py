"""What is found in a journal's folder at the start: its segments, how the newest one ends, and from where to replay.

Looks, and puts aside what cannot be used; what follows for numbers and epoch is decided elsewhere. May raise OSError.
"""

from dataclasses import dataclass, field
from pathlib import Path

from gateway.journal import files
from gateway.journal.catalogue import Catalogue
from gateway.journal.limits import EPOCH_MAX
from gateway.journal.record import RECORD_BYTES, is_checkpoint
from gateway.journal.refusals import newer
from gateway.journal.segment import Segment
from gateway.journal.segment_header import (
    ASIDE,
    SEGMENT_HEADER_BYTES,
    UNFINISHED,
    SegmentHeader,
    Unusable,
    named_epoch,
    read_segment_header,
)
from gateway.journal.values import Checkpoint
from protocol.archive import Hole
from runtime.problems import Problem
from runtime.texts import Text, text


@dataclass(slots=True)
class Findings:
    """The segments held; `newest` of them has been looked through. `is_damaged`: behind its last event stands something
    that cannot be read. `highest_epoch`: of all files, usable or not."""

    catalogue: Catalogue
    newest: Segment | None = None
    is_damaged: bool = False
    highest_epoch: int = 0
    mended: list[Text] = field(default_factory=list)


@dataclass(slots=True)
class Replay:
    """The newest good checkpoint, the segments whose events follow it, the numbers missing in these."""

    checkpoint: Checkpoint | None = None
    segments: list[Segment] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    mended: list[Text] = field(default_factory=list)


def find_segments(folder: Path, reading: files.Reading) -> Findings | Problem:
    """Look at every segment's header, and through the newest segment."""
    found = Findings(Catalogue(reading.read))
    aside: list[str] = []
    for name in files.names(folder):
        epoch = named_epoch(name.removesuffix(ASIDE))
        if epoch is None:
            continue
        if epoch <= EPOCH_MAX:
            found.highest_epoch = max(found.highest_epoch, epoch)
        if name.endswith(ASIDE):
            continue
        header = read_segment_header(name, files.read_some(folder / name, 0, SEGMENT_HEADER_BYTES))
        if header is Unusable.NEWER_VERSION:
            return newer(folder / name)
        if isinstance(header, SegmentHeader):
            found.catalogue.add(Segment(header, files.size_and_time(folder / name)[0]))
        else:
            aside.append(name)
    for name in aside:
        _put_aside(found, folder, name)
    if found.catalogue.segments:
        found.newest = newest = found.catalogue.segments[-1]
        found.catalogue.look_through(newest)
        found.is_damaged = not newest.is_whole and not newest.is_cut_short
        if newest.is_cut_short:
            found.mended.append(_cut_short(newest))
    return found


def delete_unfinished(folder: Path) -> None:
    """Remove what a crash left of files that were being written."""
    for name in files.names(folder):
        if name.endswith(UNFINISHED):
            files.delete(folder / name)


def find_replay(found: Findings, reading: files.Reading) -> Replay:
    """From where the newest segment's epoch can be replayed; the holes are known up to the newest segment's end."""
    replay = Replay()
    newest = found.newest
    for segment in reversed(found.catalogue.segments):
        header = segment.header
        if newest is None or header.epoch != newest.header.epoch:
            break
        replay.segments.insert(0, segment)
        replay.checkpoint = read_checkpoint(reading, header)
        if replay.checkpoint is not None:
            break
        replay.mended.append(text("{file}: its checkpoint is damaged, an older one is looked for", file=header.name))
    if replay.checkpoint is None:
        replay.segments.clear()
    for segment, following in zip(replay.segments, [*replay.segments[1:], None], strict=False):
        found.catalogue.look_through(segment)
        replay.holes += segment.holes
        if following is not None and following.first > segment.expected:
            replay.holes.append(Hole(segment.expected, following.first - 1))
    return replay


def read_checkpoint(reading: files.Reading, header: SegmentHeader) -> Checkpoint | None:
    """The checkpoint of a segment; None for one that is damaged."""
    head = reading.read(header.name, SEGMENT_HEADER_BYTES, RECORD_BYTES)
    content = reading.read(header.name, SEGMENT_HEADER_BYTES + RECORD_BYTES, header.checkpoint_bytes)
    if len(content) != header.checkpoint_bytes or not is_checkpoint(head, content):
        return None
    return Checkpoint(header.epoch, header.first - 1, content)


def _put_aside(found: Findings, folder: Path, name: str) -> None:
    files.rename(folder, name, name + ASIDE)
    said = text("{file} is damaged at its beginning and was put aside as {aside}", file=name, aside=name + ASIDE)
    found.mended.append(said)


def _cut_short(segment: Segment) -> Text:
    return text(
        "{file} ended at byte {at} in {count} bytes of an event that was not written whole and not sent: cut off",
        file=segment.header.name,
        at=segment.ends_at,
        count=segment.size - segment.ends_at,
    )
