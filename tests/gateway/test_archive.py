"""A stream over a real journal: kept before it leaves, read again after it, and trouble told once, in words."""

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.archive import JournalArchive
from gateway.journal.journal import Journal
from gateway.journal.limits import Fsync, JournalLimits
from gateway.journal.opening import Opened, Start, open_journal
from protocol.archive import Frames, Hole
from protocol.codec import encode
from protocol.snapshots import pack_snapshot
from tests.protocol import samples
from tests.protocol.samples import established

NOW = 1_700_000_000_000_000


class Site:
    """A journal with its archive, what it said, and a clock to be moved."""

    def __init__(self, folder: Path, limits: JournalLimits) -> None:
        opened = open_journal(folder, limits, Start("boot", NOW, NOW), ("cdr",))
        assert isinstance(opened, Opened), opened
        self.recovered = opened.recovered
        self.now_us = NOW
        self.last = opened.recovered.next_number - 1
        self.said: list[tuple[str, str]] = []
        self.epochs_lost = 0
        self.conditions: dict[tuple[str, str], str] = {}
        self.devices = 2
        self.looked_us = self.disk_us = 0
        self.archive = JournalArchive(opened.journal, self.checkpoint, self, self.say, self.lasts, self.lose_epoch)
        if opened.journal.needs_segment:
            self.archive.begin_segment()

    def wall_us(self) -> int:
        return self.now_us

    def monotonic_us(self) -> int:
        """It goes on by as much as the disk takes, each time that it is looked at."""
        self.looked_us += self.disk_us
        return self.looked_us

    def checkpoint(self) -> bytes:
        return pack_snapshot(samples.snapshot(self.last, tuple(str(8001 + one) for one in range(self.devices))), 1)

    def say(self, code: str, text: str) -> None:
        self.said.append((code, text))

    def lasts(self, code: str, subject: str, text: str | None) -> None:
        if text is None:
            del self.conditions[code, subject]
        else:
            self.conditions[code, subject] = text

    def lose_epoch(self) -> None:
        self.epochs_lost += 1

    def publish(self, count: int) -> None:
        for _ in range(count):
            self.last += 1
            self.archive.append(self.last, encode(established(self.last)))
        self.archive.commit()

    @property
    def journal(self) -> Journal:
        return self.archive.journal


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """As a full disk: writing beyond fails with EFBIG."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def numbers(read: Frames | Hole | None) -> list[int]:
    assert isinstance(read, Frames)
    return [int.from_bytes(frame[8:16], "big") for frame in read.frames]


@pytest.mark.parametrize("fsync", Fsync)
def test_what_is_committed_can_be_read_by_this_process_and_the_next(tmp_path: Path, fsync: Fsync) -> None:
    site = Site(tmp_path, JournalLimits(fsync=fsync))
    site.publish(5)
    assert numbers(site.archive.read(2, 100_000)) == [3, 4, 5]
    site.archive.close()
    site.archive.commit()  # a server that stops flushes once more
    site.archive.tick()  # and a daemon that stops ticks until its tasks have ended
    after = Site(tmp_path, JournalLimits(fsync=fsync))
    assert after.recovered.next_number == 6
    assert (after.archive.first, numbers(after.archive.read(0, 100_000))) == (1, [1, 2, 3, 4, 5])
    after.archive.close()


def test_a_full_segment_is_followed_by_one_that_opens_with_the_state(tmp_path: Path) -> None:
    site = Site(tmp_path, JournalLimits(segment_bytes=2_000))
    for _ in range(40):
        site.publish(1)
    assert len(list(tmp_path.glob("*.journal"))) > 2
    site.archive.close()
    after = Site(tmp_path, JournalLimits(segment_bytes=2_000))
    assert after.recovered.checkpoint is not None
    assert after.recovered.checkpoint.number > 20
    assert after.recovered.checkpoint.content == pack_snapshot(samples.snapshot(after.recovered.checkpoint.number), 1)
    after.archive.close()


def test_a_full_disk_is_said_once_and_leaves_a_hole_that_is_told(tmp_path: Path) -> None:
    site = Site(tmp_path, JournalLimits())
    site.publish(60)
    [segment] = tmp_path.glob("*.journal")
    with files_no_larger_than(segment.stat().st_size):
        for _ in range(3):
            site.publish(1)
        assert [code for code, _ in site.said] == ["journal_unwritable"]
        assert site.conditions == {("journal_unwritable", ""): site.said[0][1]}
        assert site.epochs_lost == 0
    site.now_us += 2_000_000
    site.publish(1)
    assert site.archive.read(60, 100_000) == Hole(61, 63)
    assert numbers(site.archive.read(63, 100_000)) == [64]
    site.publish(1)
    assert [code for code, _ in site.said] == ["journal_unwritable"]
    assert site.conditions == {}
    site.archive.close()


def test_when_nothing_can_be_written_down_any_more_the_epoch_is_lost(tmp_path: Path) -> None:
    site = Site(tmp_path, JournalLimits())
    site.publish(3)
    with files_no_larger_than(1):
        site.publish(1)
        assert site.epochs_lost == 1
        site.journal.begin_epoch(NOW + 1, NOW)
        site.last = 0
    site.now_us += 2_000_000
    site.archive.commit()
    site.publish(2)
    assert numbers(site.archive.read(0, 100_000)) == [1, 2]
    site.archive.close()


def test_a_consumer_far_behind_is_said_once(tmp_path: Path) -> None:
    limits = JournalLimits(segment_bytes=1_000, keep_bytes=1_000, hard_bytes=100_000)
    site = Site(tmp_path, limits)
    while sum(os.path.getsize(one) for one in tmp_path.glob("*.journal")) < 60_000:
        site.publish(10)
    for _ in range(3):
        site.now_us += 61_000_000
        site.archive.tick()
    assert [code for code, _ in site.said] == ["consumer_behind"]
    assert site.said[0][1].startswith("cdr has taken events up to 0; ")
    assert list(site.conditions) == [("consumer_behind", "cdr")]
    site.archive.confirm("cdr", site.last)
    site.now_us += 61_000_000
    site.archive.tick()
    assert site.conditions == {}
    assert site.archive.first > 1, "nobody waits for them any more"
    site.archive.close()


def test_an_epoch_lost_at_the_end_is_said_and_begins_no_other(tmp_path: Path) -> None:
    """Nothing is sent any more: the next start goes on with what was sent."""
    site = Site(tmp_path, JournalLimits())
    site.publish(3)
    with files_no_larger_than(1):
        site.archive.append(4, encode(established(4)))
        site.archive.close()
    assert site.epochs_lost == 0
    assert [code for code, _ in site.said] == ["journal_unwritable"]
    after = Site(tmp_path, JournalLimits())
    assert (after.journal.epoch, after.recovered.next_number) == (NOW, 4)
    after.archive.close()


def test_damage_is_said_within_a_second_of_the_start_by_file_and_offset(tmp_path: Path) -> None:
    site = Site(tmp_path, JournalLimits(segment_bytes=2_000))
    for _ in range(40):
        site.publish(1)
    site.archive.close()
    second = sorted(tmp_path.glob("*.journal"))[1]
    content = bytearray(second.read_bytes())
    content[-50] ^= 1
    second.write_bytes(content)
    after = Site(tmp_path, JournalLimits(segment_bytes=2_000))
    after.archive.tick()
    after.archive.tick()
    [(code, words)] = after.said
    assert code == "journal_damaged"
    assert words.startswith(f"{second.name} is damaged at byte ")
    after.archive.close()


def test_a_new_segment_without_room_is_said_once_and_nothing_is_lost(tmp_path: Path) -> None:
    site = Site(tmp_path, JournalLimits(segment_bytes=20_000))
    [segment] = tmp_path.glob("*.journal")
    while segment.stat().st_size < 19_000:
        site.publish(1)
    site.devices = 2_000  # the next checkpoint is larger than the whole segment
    with files_no_larger_than(segment.stat().st_size + 10_000):
        for _ in range(20):
            site.now_us += 1_100_000
            site.publish(1)
            site.archive.tick()
    assert [code for code, _ in site.said] == ["journal_segment_late"]
    assert site.said[0][1].endswith("; events go on into the old segment")
    assert numbers(site.archive.read(0, 1_000_000)) == list(range(1, site.last + 1))
    site.now_us += 1_100_000
    site.publish(1)
    assert len(list(tmp_path.glob("*.journal"))) == 2
    site.archive.close()


def test_the_last_room_of_a_full_disk_is_no_end_of_the_trouble(tmp_path: Path) -> None:
    """Every second an event finds room and the next one does not: it is said once, every hole is told."""
    site = Site(tmp_path, JournalLimits())
    [segment] = tmp_path.glob("*.journal")
    while segment.stat().st_size < 19_000:
        site.publish(1)
    held = site.last
    site.devices = 2_000
    for _ in range(3):
        with files_no_larger_than(segment.stat().st_size):
            site.publish(2)
        with files_no_larger_than(segment.stat().st_size + 1_000):
            site.now_us += 1_100_000
            site.publish(1)
    assert [code for code, _ in site.said] == ["journal_unwritable", "journal_segment_late"]
    assert site.said[0][1].endswith(f"; events from {held + 1} on go out and are not kept")
    for lost in (held + 1, held + 4, held + 7):
        assert site.archive.read(lost - 1, 1_000_000) == Hole(lost, lost + 1)
    site.now_us += 1_100_000
    site.publish(1)
    with files_no_larger_than(segment.stat().st_size):
        site.publish(1)
    assert [code for code, _ in site.said][2:] == ["journal_unwritable"], "another time, after it had worked"
    site.archive.close()


def test_the_trouble_of_a_gateway_at_rest_ends_by_itself(tmp_path: Path) -> None:
    """The last room takes the hole and no segment; then there is room, and nobody calls."""
    site = Site(tmp_path, JournalLimits())
    [segment] = tmp_path.glob("*.journal")
    while segment.stat().st_size < 19_000:
        site.publish(1)
    site.devices = 2_000
    with files_no_larger_than(segment.stat().st_size):
        site.publish(1)
    with files_no_larger_than(segment.stat().st_size + 1_000):
        site.now_us += 1_100_000
        site.archive.tick()
    assert list(site.conditions) == [("journal_unwritable", "")]
    site.now_us += 1_100_000
    site.archive.tick()
    assert site.conditions == {}
    site.archive.close()


def test_a_disk_that_keeps_everybody_waiting_is_said_once_a_minute(tmp_path: Path) -> None:
    site = Site(tmp_path, JournalLimits())
    site.disk_us = 200_000
    site.publish(1)
    assert site.said == [], "as busy disks are"
    site.disk_us = 1_300_000
    for _ in range(3):
        site.publish(1)
    assert site.said == [("journal_slow", "the journal's disk took 1.3 s; everybody waited for it")]
    site.looked_us += 60_000_000
    site.now_us += 1_100_000
    site.archive.tick()
    assert [code for code, _ in site.said] == ["journal_slow"] * 2, "an fsync too"
    site.archive.close()
