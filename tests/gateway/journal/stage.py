"""A journal to try things on: small limits, frames by number, crashes, a disk that takes no more.

A crash is a copy of the folder: what the kernel was given, and nothing of what the process still had.
"""

import contextlib
import os
import resource
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from gateway.journal import Committed, Frames, Fsync, Hole, Journal, JournalLimits, NotHeld, Opened, Start, open_journal
from protocol.frame import HEADER, pack_frame
from runtime.problems import Problem

EPOCH = 1_767_225_600_000_000
NOW_US = EPOCH + 5_000_000
SECOND_US = 1_000_000
BOOT = "0b5c1d1e-0000-4000-8000-000000000001"
OTHER_BOOT = "0b5c1d1e-0000-4000-8000-000000000002"
SMALL = JournalLimits(fsync=Fsync.NEVER, segment_bytes=4096, reserve_numbers=20, room_bytes=4096)
MANY_BYTES = 1 << 20

MEMORY = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else None
"""Where thousands of fsyncs cost nothing."""


def frame(number: int, body: bytes = b"an event of some length") -> bytes:
    """The frame of an event."""
    return pack_frame(0x0205, 1, number, body)


def number_of(one: bytes) -> int:
    """The number that a frame bears."""
    number: int = HEADER.unpack_from(one)[4]
    return number


def try_open(
    folder: Path,
    limits: JournalLimits = SMALL,
    *,
    boot_id: str = BOOT,
    new_epoch: int = EPOCH,
    now_us: int = NOW_US,
    consumers: Iterable[str] = (),
) -> Opened | Problem:
    return open_journal(folder, limits, Start(boot_id, new_epoch, now_us), consumers)


def opened(
    folder: Path,
    limits: JournalLimits = SMALL,
    *,
    boot_id: str = BOOT,
    new_epoch: int = EPOCH,
    now_us: int = NOW_US,
    consumers: Iterable[str] = (),
) -> Opened:
    """An open journal; it must not be refused."""
    found = try_open(folder, limits, boot_id=boot_id, new_epoch=new_epoch, now_us=now_us, consumers=consumers)
    assert isinstance(found, Opened), found
    return found


def begun(folder: Path, limits: JournalLimits = SMALL, *, consumers: Iterable[str] = ()) -> Journal:
    """A new journal with its first segment."""
    journal = opened(folder, limits, consumers=consumers).journal
    journal.begin_segment(b"the state before", NOW_US)
    return journal


def publish(journal: Journal, count: int = 1, now_us: int = NOW_US) -> list[bytes]:
    """Append and commit the next events; they must be committed."""
    frames = gather(journal, count)
    committed = journal.commit(now_us)
    assert isinstance(committed, Committed), committed
    return frames


def gather(journal: Journal, count: int = 1) -> list[bytes]:
    """Append the next events."""
    first = journal.next_number
    frames = [frame(number) for number in range(first, first + count)]
    for number, each in enumerate(frames, first):
        journal.append(number, each)
    return frames


def kept_up(journal: Journal, count: int, now_us: int = NOW_US) -> None:
    """Publish events one by one, with a new segment whenever one is needed."""
    for _ in range(count):
        publish(journal, 1, now_us)
        if journal.needs_segment:
            journal.begin_segment(b"the state before", now_us)


@contextlib.contextmanager
def crashed(folder: Path) -> Iterator[Path]:
    """The folder as a process that is killed now would leave it."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as elsewhere:
        with file_size_limit(None):
            copy = shutil.copytree(folder, Path(elsewhere) / "journal")
        yield copy


def segments_in(folder: Path) -> list[Path]:
    """The segment files, oldest first."""
    return sorted(folder.glob("*.journal"))


def told(journal: Journal, after: int = 0, bytes_max: int = 300) -> list[int | Hole | NotHeld]:
    """All that a reader is told after a number, frames as their numbers; what is not held is stepped over."""
    heard: list[int | Hole | NotHeld] = []
    while after < journal.last:
        answer = journal.read(after, bytes_max)
        match answer:
            case Frames():
                numbers = [number_of(one) for one in answer.frames]
                assert numbers == list(range(after + 1, answer.last + 1))
                heard += numbers
                after = answer.last
            case Hole():
                assert answer.first == after + 1
                assert answer.last >= answer.first
                heard.append(answer)
                after = answer.last
            case NotHeld():
                assert answer.first > after + 1
                heard.append(answer)
                after = answer.first - 1
    return heard


@contextlib.contextmanager
def file_size_limit(size: int | None) -> Iterator[None]:
    """No file of this process grows beyond a size meanwhile: a disk that takes no more. None: no limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard if size is None else size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
