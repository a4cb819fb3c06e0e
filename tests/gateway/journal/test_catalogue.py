"""Reading across segments: every number is an event, in a hole, or not held."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.journal import Frames, Hole, JournalLimits, NotHeld
from gateway.journal.catalogue import Catalogue
from gateway.journal.limits import LOOK_THROUGH_BYTES, PIECE_BYTES, Fsync
from gateway.journal.segment import Segment
from gateway.journal.segment_header import SegmentHeader
from tests.gateway.journal.stage import (
    EPOCH,
    MANY_BYTES,
    NOW_US,
    SMALL,
    begun,
    crashed,
    frame,
    kept_up,
    number_of,
    opened,
    publish,
    segments_in,
    told,
)


def nothing(name: str, at: int, length: int) -> bytes:
    raise FileNotFoundError(2, "No such file or directory", name)


def test_segments_are_in_order_of_epoch_and_number_and_one_replaces_its_like() -> None:
    catalogue = Catalogue(nothing, epoch=2)
    for epoch, first in ((2, 5), (1, 9), (2, 1), (1, 1), (2, 5)):
        catalogue.add(Segment(SegmentHeader(epoch, first, NOW_US, 0), 1_000))
    assert [(each.header.epoch, each.first) for each in catalogue.segments] == [(1, 1), (1, 9), (2, 1), (2, 5)]
    assert [each.first for each in catalogue.of_epoch()] == [1, 5]
    assert catalogue.first_held() == 1
    catalogue.remove(catalogue.segments[2])
    assert catalogue.first_held() == 5
    assert Catalogue(nothing, epoch=3).first_held() is None


def test_a_reader_gets_everything_at_its_own_size_of_pieces(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    kept_up(journal, 500)
    assert len(segments_in(tmp_path)) > 5
    for bytes_max in (1, 100, 1_000, MANY_BYTES):
        assert told(journal, bytes_max=bytes_max) == list(range(1, 501))
    assert told(journal, after=321) == list(range(322, 501))
    answer = journal.read(321, 1)
    assert answer == Frames([frame(322)], 322)
    assert journal.read(500, 1) == Frames([], 500)
    assert journal.read(700, 1) == Frames([], 700)
    journal.close(NOW_US)


def test_after_a_restart_the_same_is_read_without_an_index(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    kept_up(journal, 500)
    with crashed(tmp_path) as folder:
        again = opened(folder).journal
        assert told(again, after=250) == list(range(251, 501))
        assert told(again) == list(range(1, 501))
        again.close(NOW_US)
    journal.close(NOW_US)


def test_one_call_looks_through_a_bounded_part_of_a_segment_without_an_index(tmp_path: Path) -> None:
    limits = JournalLimits(fsync=Fsync.NEVER, segment_bytes=1 << 40, room_bytes=1)
    journal = begun(tmp_path, limits)
    big = bytes(200_000)
    for number in range(1, 101):
        journal.append(number, frame(number, big))
    journal.commit(NOW_US)
    assert journal.begin_segment(b"", NOW_US)
    publish(journal)
    journal.close(NOW_US)
    journal = opened(tmp_path, limits).journal
    calls = 0
    after = 95
    while not (answer := journal.read(after, 1)).frames:  # type: ignore[union-attr]
        assert answer == Frames([], 95)
        calls += 1
    assert calls >= 100 * len(big) // (LOOK_THROUGH_BYTES + PIECE_BYTES) - 1
    assert isinstance(answer, Frames)
    assert number_of(answer.frames[0]) == 96
    journal.close(NOW_US)


def test_a_hole_within_a_segment_and_one_between_two_are_told(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    kept_up(journal, 300)
    journal.close(NOW_US)
    second, third, fourth = segments_in(tmp_path)[1:4]
    harmed = bytearray(second.read_bytes())
    harmed[200] ^= 1
    second.write_bytes(harmed)
    third.unlink()
    journal = opened(tmp_path).journal
    heard = told(journal)
    holes = [each for each in heard if isinstance(each, Hole)]
    first, following = (int(path.stem.partition("-")[2]) for path in (third, fourth))
    assert len(holes) == 2
    assert holes[0].first == holes[0].last
    assert holes[1] == Hole(first, following - 1)
    assert told(journal, after=first + 3)[0] == Hole(first + 4, following - 1)
    (said,) = journal.take_problems()
    assert said.render().startswith(f"{second.name} is damaged at byte ")
    assert journal.take_problems() == []
    journal.close(NOW_US)


def test_a_file_that_goes_missing_meanwhile_is_a_hole_and_is_said(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    kept_up(journal, 300)
    journal.close(NOW_US)
    journal = opened(tmp_path).journal
    second, third = segments_in(tmp_path)[1:3]
    first, following = (int(path.stem.partition("-")[2]) for path in (second, third))
    second.unlink()
    assert journal.read(first, 1) == Hole(first + 1, following - 1)
    assert [said.render() for said in journal.take_problems()] == [
        f"{second.name} cannot be read: there is no such file"
    ]
    journal.close(NOW_US)


def test_what_is_older_than_everything_is_not_held(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    kept_up(journal, 300)
    journal.close(NOW_US)
    oldest, second = segments_in(tmp_path)[:2]
    oldest.unlink()
    journal = opened(tmp_path).journal
    first = int(second.stem.partition("-")[2])
    assert journal.read(0, 1) == NotHeld(first)
    assert journal.read(first - 2, 1) == NotHeld(first)
    assert journal.first == first
    assert told(journal)[:2] == [NotHeld(first), first]
    journal.close(NOW_US)


def test_nothing_of_another_epoch_is_read(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    publish(journal, 5)
    journal.begin_epoch(EPOCH + 1, NOW_US)
    assert (journal.last, journal.next_number, journal.first) == (0, 1, 1)
    journal.begin_segment(b"", NOW_US)
    publish(journal, 2)
    assert told(journal) == [1, 2]
    assert len(segments_in(tmp_path)) == 2
    journal.close(NOW_US)


def test_resumes_of_many_hold_few_files_open(tmp_path: Path) -> None:
    journal = begun(tmp_path, JournalLimits(fsync=Fsync.NEVER, segment_bytes=100, room_bytes=1))
    kept_up(journal, 200)
    assert len(segments_in(tmp_path)) > 50
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    assert told(journal) == list(range(1, 201))
    assert len(list(Path("/proc/self/fd").iterdir())) <= descriptors + 16
    journal.close(NOW_US)


@pytest.mark.parametrize("after", [0, 40, 79])
def test_reading_between_the_turns_of_the_writer_is_only_what_is_committed(tmp_path: Path, after: int) -> None:
    journal = begun(tmp_path)
    reached = 0
    for number in range(1, 121):
        journal.append(number, frame(number))
        assert journal.read(number - 1, MANY_BYTES) == Frames([], number - 1)
        if number % 3 == 0:
            journal.commit(NOW_US)
            if journal.needs_segment:
                journal.begin_segment(b"state", NOW_US)
            answer = journal.read(max(after, reached), 200)
            assert isinstance(answer, Frames)
            reached = answer.last
            assert reached <= max(number, after)
    assert told(journal, after) == list(range(after + 1, 121))
    journal.close(NOW_US)


def test_many_readers_at_their_own_speed_while_it_is_written_and_trimmed(tmp_path: Path) -> None:
    chance = random.Random(7)
    journal = begun(tmp_path, replace(SMALL, keep_bytes=12_000, hard_bytes=50_000))
    readers = dict.fromkeys(range(40), 0)
    not_held = 0
    for _ in range(300):
        kept_up(journal, chance.randint(1, 8))
        if chance.random() < 0.1:
            journal.retain(NOW_US)
        for reader in chance.sample(range(40), 10):
            after = readers[reader]
            answer = journal.read(after, chance.choice((1, 100, 5_000)))
            if isinstance(answer, NotHeld):
                not_held += 1
                assert answer.first == journal.first > after + 1
                readers[reader] = answer.first - 1
            else:
                assert isinstance(answer, Frames)
                assert answer.frames == [frame(number) for number in range(after + 1, answer.last + 1)]
                assert answer.frames or after == journal.last
                readers[reader] = answer.last
    assert not_held, "nobody was overtaken: the test shows nothing"
    assert max(readers.values()) > 500
    journal.close(NOW_US)


def test_damage_is_found_before_anybody_reads_there(tmp_path: Path) -> None:
    """Some bytes at a time, the newest segment first; told once, by file and offset."""
    journal = begun(tmp_path)
    kept_up(journal, 500)
    journal.close(NOW_US)
    second, third, *_ = segments_in(tmp_path)
    for path in (second, third):
        content = bytearray(path.read_bytes())
        content[-100] ^= 1
        path.write_bytes(content)
    journal = opened(tmp_path).journal
    assert journal.take_problems() == [], "the start looks at the newest alone"
    told: list[str] = []
    for _ in segments_in(tmp_path):
        journal._catalogue.look_on(1)
        told += [problem.render() for problem in journal.take_problems()]
    assert [one.partition(" is damaged at byte ")[0] for one in told] == [third.name, second.name]
    for one, path in zip(told, (third, second), strict=True):
        at = int(one.partition("byte ")[2].partition(":")[0])
        assert at <= path.stat().st_size - 100 < at + len(frame(1)) + 9
    journal.look_on()
    assert journal.take_problems() == []
    journal.close(NOW_US)


def test_what_is_gone_or_cannot_be_read_is_said_once_and_left_alone(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    kept_up(journal, 500)
    journal.close(NOW_US)
    journal = opened(tmp_path).journal
    gone = segments_in(tmp_path)[2]
    gone.unlink()
    journal.look_on()
    assert [one.render() for one in journal.take_problems()] == [f"{gone.name} cannot be read: there is no such file"]
    journal.look_on()
    assert journal.take_problems() == []
    journal.close(NOW_US)
    journal = opened(tmp_path, replace(SMALL, keep_bytes=1)).journal
    journal._catalogue.look_on(1)
    assert journal.retain(NOW_US).deleted
    journal.look_on()
    assert journal.take_problems() == [], "what retention has deleted is nobody's trouble"
    journal.close(NOW_US)
