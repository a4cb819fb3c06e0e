"""Opening a journal: what the last run left is looked at, mended and made ready, or refused in words.

Wires together what looks, what decides and what goes on.
"""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.journal import files
from gateway.journal.catalogue import Catalogue
from gateway.journal.consumers import recall_consumers
from gateway.journal.findings import Findings, delete_unfinished, find_replay, find_segments
from gateway.journal.journal import Journal
from gateway.journal.limits import EPOCH_MAX, Fsync, JournalLimits
from gateway.journal.numbering import Left, Numbering, numbering
from gateway.journal.outage import Outage
from gateway.journal.refusals import locked, newer, refused
from gateway.journal.reservation import Reservation
from gateway.journal.segment import Segment
from gateway.journal.segment_header import UNFINISHED, Unusable
from gateway.journal.state import STATE_FILE_BYTES, State
from gateway.journal.state_file import STATE_NAME, StateFile, make_state, recall_state
from gateway.journal.tail import Tail
from gateway.journal.values import EpochReason, Recovered
from protocol.archive import Hole
from runtime.problems import Problem
from runtime.texts import Text, text

ROOM_NAME = "room" + UNFINISHED


@dataclass(frozen=True, slots=True)
class Opened:
    """An open journal and what was found in it. When it `needs_segment`, one is to be begun before the first commit."""

    journal: Journal
    recovered: Recovered


@dataclass(frozen=True, slots=True)
class Start:
    """What a start is given: `boot_id` is the content of /proc/sys/kernel/random/boot_id ("" when it cannot be had:
    then every stop that was not in order counts as a power cut); `new_epoch` serves if a new one begins, unless an
    older one is as great."""

    boot_id: str
    new_epoch: int
    now_us: int


def open_journal(folder: Path, limits: JournalLimits, start: Start, consumers: Iterable[str] = ()) -> Opened | Problem:
    """Open the journal in a folder, which is made if need be, or say why not.

    `consumers` are the durable consumers that the settings name. ValueError for an epoch beyond `EPOCH_MAX`, a boot id
    that is none, too many consumers.
    """
    if not 0 < start.new_epoch <= EPOCH_MAX:
        raise ValueError(f"epoch {start.new_epoch}, from 1 to {EPOCH_MAX} allowed")
    with contextlib.ExitStack() as to_close:
        try:
            files.make_folder(folder)
            lock = files.lock(folder)
            if isinstance(lock, int):
                return locked(folder, lock)
            to_close.callback(lock.close)
            opened = _open(folder, limits, start, tuple(consumers), lock, to_close)
        except OSError as error:
            return refused(Path(error.filename or folder), error)
        if isinstance(opened, Opened):
            to_close.pop_all()  # the journal closes them
        return opened


def _open(
    folder: Path,
    limits: JournalLimits,
    start: Start,
    names: tuple[str, ...],
    lock: files.Lock,
    to_close: contextlib.ExitStack,
) -> Opened | Problem:
    state = recall_state(folder)
    if state is Unusable.NEWER_VERSION:
        return newer(folder / STATE_NAME)
    reading = files.Reading(folder)
    to_close.callback(reading.close)
    found = find_segments(folder, reading)
    if isinstance(found, Problem):
        return found
    known = state if isinstance(state, State) else None
    left = _left(found, known)
    decided = numbering(left, start.boot_id.strip(), start.new_epoch)
    delete_unfinished(folder)
    if decided.reason is EpochReason.FIRST:
        files.check_room(folder, ROOM_NAME, limits.room_bytes)
    replay = find_replay(found, reading)
    places, said = recall_consumers(folder, names, decided.epoch)
    writing = _writing(folder, found, decided, to_close)
    state_file = _state_file(folder, known, _state(decided, known, left, limits, start), to_close)
    found.catalogue.epoch = decided.epoch
    journal = Journal(
        folder,
        limits,
        lock=lock,
        reading=reading,
        catalogue=found.catalogue,
        reservation=Reservation(state_file, limits.reserve_numbers),
        consumers=places,
        next_number=decided.next_number,
        tail=Tail(folder, limits.fsync, writing, "" if found.newest is None else found.newest.header.name),
        outage=None if writing is None else _outage(decided, start.now_us),
        has_hole=bool(replay.holes),
    )
    journal.commit(start.now_us)  # nothing but the hole, if there is one to be written down
    hole = () if decided.hole is None else (decided.hole,)
    mended = [*found.mended, *replay.mended, *([] if said is None else [said]), *map(_given_up, hole)]
    if state is Unusable.DAMAGED:
        mended.append(text("both copies of the journal's state are damaged"))
    recovered = Recovered(
        epoch=decided.epoch,
        reason=decided.reason,
        last=left.last if decided.reason is None else 0,
        next_number=decided.next_number,
        checkpoint=replay.checkpoint,
        frames=_frames(found.catalogue, replay.segments, left.last),
        holes=(*replay.holes, *hole),
        mended=tuple(mended),
    )
    return Opened(journal, recovered)


def _left(found: Findings, state: State | None) -> Left:
    highest = max(found.highest_epoch, 0 if state is None else state.epoch)
    newest = found.newest
    if newest is None:
        return Left(state, highest_epoch=highest)
    return Left(state, newest.header.epoch, newest.first, newest.expected - 1, found.is_damaged, highest)


def _writing(folder: Path, found: Findings, decided: Numbering, to_close: contextlib.ExitStack) -> files.Writing | None:
    """The newest segment to be written on, what a crash left of a record cut off; None when a new one is needed."""
    newest = found.newest
    if newest is None or decided.reason is not None or found.is_damaged:
        return None
    newest.cut_to_end()
    writing = files.open_writing(folder / newest.header.name, newest.size)
    to_close.callback(writing.close)
    writing.append(b"")
    writing.sync()
    return writing


def _state(decided: Numbering, known: State | None, left: Left, limits: JournalLimits, start: Start) -> State:
    """What a restart is to know from now on."""
    goes_on = decided.reason is None
    return State(
        sequence=(0 if known is None else known.sequence) + 1,
        epoch=decided.epoch,
        last=left.last if goes_on else 0,
        reserved=decided.next_number - 1 + limits.reserve_numbers,
        segment=left.segment if goes_on else 0,
        boot_id=start.boot_id.strip(),
        is_unwritable=decided.hole is not None,
        is_fsynced=limits.fsync is Fsync.ALWAYS,
    )


def _state_file(folder: Path, known: State | None, state: State, to_close: contextlib.ExitStack) -> StateFile:
    if known is None or files.size_and_time(folder / STATE_NAME)[0] != STATE_FILE_BYTES:
        state_file = make_state(folder, state)
        to_close.callback(state_file.close)
        return state_file
    state_file = StateFile(folder, known)
    to_close.callback(state_file.close)
    state_file.write(state)
    return state_file


def _outage(decided: Numbering, now_us: int) -> Outage | None:
    """The numbers given up are lost as in an outage, and are written down by the first commit."""
    if decided.hole is None:
        return None
    return Outage(_given_up(decided.hole), now_us, decided.hole.first, None)


def _given_up(hole: Hole) -> Text:
    return text("numbers {first} to {last} may have been used and are not held", first=hole.first, last=hole.last)


def _frames(catalogue: Catalogue, segments: list[Segment], last: int) -> Iterator[bytes]:
    for segment in segments:
        for number, frame in catalogue.read_all(segment):
            if number > last:
                return
            yield frame
