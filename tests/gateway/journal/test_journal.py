"""An open journal: turns of append and commit, segments, outages, epochs."""

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.journal import Begun, Committed, Fsync, Hole, Journal, NotBegun, Unwritable
from gateway.journal.limits import CHECKPOINT_BYTES_MAX, EPOCH_MAX
from gateway.journal.state import PLACES, STATE_FILE_BYTES
from tests.gateway.journal.stage import (
    EPOCH,
    NOW_US,
    OTHER_BOOT,
    SECOND_US,
    SMALL,
    begun,
    crashed,
    file_size_limit,
    frame,
    gather,
    kept_up,
    opened,
    publish,
    segments_in,
    told,
)

LARGE = b"a state that is larger than the state file" * 300
"""A checkpoint beyond `STATE_FILE_BYTES`: a limit of that size lets the state be written and no segment."""


def full() -> int:
    """A file size at which the state can still be written."""
    return STATE_FILE_BYTES


def large(tmp_path: Path) -> Journal:
    """A journal whose segment is as large as the limit of `full`."""
    journal = opened(tmp_path).journal
    assert journal.begin_segment(LARGE, NOW_US) == Begun(1)
    return journal


def test_what_is_committed_is_in_the_file_and_what_is_not_is_not(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    assert (journal.last, journal.next_number, journal.first) == (0, 1, 1)
    publish(journal, 3)
    gather(journal, 2)
    assert (journal.last, journal.next_number) == (3, 6)
    with crashed(tmp_path) as folder:
        assert opened(folder).recovered.next_number == 4
    assert journal.commit(NOW_US) == Committed(5)
    with crashed(tmp_path) as folder:
        assert opened(folder).recovered.next_number == 6
    journal.close(NOW_US)


def test_a_turn_is_one_write(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    calls = Path("/proc/self/io").read_text()
    gather(journal, 100)
    journal.commit(NOW_US)
    after = Path("/proc/self/io").read_text()
    writes = [int(text.split("syscw: ")[1].split()[0]) for text in (calls, after)]
    assert writes[1] - writes[0] <= 1 + 2  # the batch, and both copies of the state for the next block
    journal.close(NOW_US)


@pytest.mark.parametrize("number", [0, 1, 3, -1])
def test_another_number_than_the_next_one_is_our_bug(tmp_path: Path, number: int) -> None:
    journal = begun(tmp_path)
    publish(journal)
    with pytest.raises(ValueError, match="where 2 comes next"):
        journal.append(number, frame(number % 2**64))
    journal.close(NOW_US)


def test_a_frame_that_is_none_is_our_bug(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    journal.append(1, frame(2))
    with pytest.raises(ValueError, match="its frame says number 2"):
        journal.commit(NOW_US)


def test_a_segment_comes_before_the_first_commit_and_after_the_last(tmp_path: Path) -> None:
    journal = opened(tmp_path).journal
    assert journal.needs_segment
    assert journal.commit(NOW_US) == Committed(0)
    gather(journal)
    with pytest.raises(RuntimeError, match="no segment was begun"):
        journal.commit(NOW_US)
    with pytest.raises(RuntimeError, match="after a commit"):
        journal.begin_segment(b"", NOW_US)


def test_a_checkpoint_that_is_too_large_is_our_bug(tmp_path: Path) -> None:
    journal = opened(tmp_path).journal
    with pytest.raises(ValueError, match="a checkpoint of"):
        journal.begin_segment(bytes(CHECKPOINT_BYTES_MAX + 1), NOW_US)
    journal.close(NOW_US)


def test_a_segment_is_needed_by_size_and_by_age(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    publish(journal, 50)
    assert not journal.needs_segment
    publish(journal, 50)
    assert journal.needs_segment
    assert journal.begin_segment(b"", NOW_US) == Begun(101)
    later = NOW_US + (SMALL.segment_seconds + 1) * SECOND_US
    assert journal.commit(later) == Committed(100)
    assert not journal.needs_segment, "an empty one never grows old"
    publish(journal, 1, later)
    assert journal.needs_segment
    journal.close(later)


def test_a_large_checkpoint_does_not_make_every_turn_begin_a_segment(tmp_path: Path) -> None:
    journal = large(tmp_path)
    publish(journal, 100)
    assert not journal.needs_segment
    journal.close(NOW_US)


def test_a_segment_begun_twice_at_the_same_number_is_the_second(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    journal.begin_segment(b"another state", NOW_US)
    publish(journal, 2)
    assert len(segments_in(tmp_path)) == 1
    journal.close(NOW_US)
    recovered = opened(tmp_path).recovered
    assert recovered.checkpoint is not None
    assert recovered.checkpoint.content == b"another state"
    assert list(recovered.frames) == [frame(1), frame(2)]


def test_an_empty_segment_that_was_looked_into_at_the_start_is_replaced_for_readers_too(tmp_path: Path) -> None:
    begun(tmp_path).close(NOW_US)
    journal = opened(tmp_path).journal
    journal.begin_segment(b"a state of another length than before", NOW_US)
    publish(journal, 3)
    assert told(journal) == [1, 2, 3]
    journal.close(NOW_US)


def test_a_full_disk_loses_events_says_so_and_records_the_hole_when_there_is_room(tmp_path: Path) -> None:
    journal = large(tmp_path)
    publish(journal, 5)
    with file_size_limit(full()):
        gather(journal, 2)
        value = journal.commit(NOW_US)
        assert isinstance(value, Unwritable)
        assert (value.since_us, value.first, value.last, value.epoch_lost) == (NOW_US, 6, 7, False)
        assert value.reason.render() == "the file may not grow any more (ulimit -f)"
        assert journal.unwritable == value
        assert not journal.needs_segment
        assert told(journal) == [1, 2, 3, 4, 5, Hole(6, 7)]
    gather(journal, 2)
    value = journal.commit(NOW_US + SECOND_US - 1)
    assert isinstance(value, Unwritable), "tried again too soon"
    assert (value.first, value.last) == (6, 9)
    gather(journal, 1)
    assert journal.commit(NOW_US + SECOND_US) == Committed(10, Hole(6, 9))
    assert journal.unwritable is None
    assert journal.needs_segment, "the state after the hole is known to nobody else"
    assert told(journal) == [1, 2, 3, 4, 5, Hole(6, 9), 10]
    with crashed(tmp_path) as folder:
        before = opened(folder)
        assert (before.recovered.holes, before.recovered.next_number) == ((Hole(6, 9),), 11)
        assert list(before.recovered.frames) == [frame(number) for number in (1, 2, 3, 4, 5, 10)]
        assert before.journal.needs_segment
        before.journal.close(NOW_US)
    assert journal.begin_segment(b"after", NOW_US + SECOND_US) == Begun(11)
    assert not journal.needs_segment
    publish(journal, 1, NOW_US + SECOND_US)
    journal.close(NOW_US + SECOND_US)
    again = opened(tmp_path)
    assert (again.recovered.next_number, again.recovered.holes) == (12, ())
    assert told(again.journal) == [1, 2, 3, 4, 5, Hole(6, 9), 10, 11]


def test_a_commit_that_failed_leaves_nothing_in_the_file(tmp_path: Path) -> None:
    journal = large(tmp_path)
    publish(journal, 5)
    size = segments_in(tmp_path)[0].stat().st_size
    with file_size_limit(size + 60):
        gather(journal, 2)
        assert isinstance(journal.commit(NOW_US), Unwritable)
        assert segments_in(tmp_path)[0].stat().st_size == size
    journal.close(NOW_US + SECOND_US)


def test_killed_during_an_outage_no_number_is_used_again(tmp_path: Path) -> None:
    journal = large(tmp_path)
    publish(journal, 5)
    with file_size_limit(full()):
        for _ in range(4):
            gather(journal, 10)
            value = journal.commit(NOW_US)
            assert isinstance(value, Unwritable)
            assert not value.epoch_lost
    with crashed(tmp_path) as folder:
        again = opened(folder)
        assert again.recovered.reason is None
        assert again.recovered.last == 5
        assert again.recovered.next_number > 45
        assert again.recovered.holes == (Hole(6, again.recovered.next_number - 1),)
        assert again.journal.needs_segment
        assert again.journal.unwritable is None
        publish(again.journal)
        assert told(again.journal)[5:] == [*again.recovered.holes, again.recovered.next_number]
        again.journal.close(NOW_US)
        assert opened(folder).recovered.next_number == again.recovered.next_number + 1
    journal.close(NOW_US)


def test_killed_during_an_outage_damaged_and_killed_again_no_number_is_used_again(tmp_path: Path) -> None:
    journal = large(tmp_path)
    publish(journal, 5)
    with file_size_limit(full()):
        for _ in range(4):
            gather(journal, 10)
            journal.commit(NOW_US)
    with crashed(tmp_path) as folder:
        segments_in(folder)[0].write_bytes(segments_in(folder)[0].read_bytes() + b"rubbish" * 9)
        for _ in range(3):
            again = opened(folder)
            assert again.recovered.next_number > 45
            with crashed(folder) as left:
                assert opened(left).recovered.next_number > 45
            again.journal.close(NOW_US)
    journal.close(NOW_US)


def test_started_on_a_disk_that_is_still_full_the_outage_goes_on(tmp_path: Path) -> None:
    journal = large(tmp_path)
    publish(journal, 5)
    with file_size_limit(full()):
        gather(journal, 1)
        journal.commit(NOW_US)
        with crashed(tmp_path) as folder:
            again = opened(folder).journal
            value = again.unwritable
            assert isinstance(value, Unwritable)
            assert value.first == 6
            gather(again)
            assert isinstance(again.commit(NOW_US), Unwritable)
    with crashed(tmp_path) as other:
        assert opened(other).recovered.next_number > 6
    journal.close(NOW_US)


def test_closed_during_an_outage_the_hole_is_exact(tmp_path: Path) -> None:
    journal = large(tmp_path)
    publish(journal, 5)
    with file_size_limit(full()):
        gather(journal, 3)
        journal.commit(NOW_US)
        journal.close(NOW_US)
    recovered = opened(tmp_path, boot_id=OTHER_BOOT).recovered
    assert (recovered.reason, recovered.next_number, recovered.holes) == (None, 9, (Hole(6, 8),))


def test_when_not_even_the_state_can_be_written_the_epoch_is_lost(tmp_path: Path) -> None:
    journal = large(tmp_path)
    publish(journal, 5)
    with file_size_limit(0):
        gather(journal, 2)
        value = journal.commit(NOW_US)
        assert isinstance(value, Unwritable)
        assert value.epoch_lost
        assert journal.last == 5
        with pytest.raises(ValueError, match="the epoch is lost"):
            journal.append(6, frame(6))
        with pytest.raises(RuntimeError, match="not lost"):
            journal.begin_segment(b"", NOW_US)
        assert journal.commit(NOW_US + 5 * SECOND_US) == value
        assert not journal.needs_segment
        journal.begin_epoch(EPOCH + 1, NOW_US)
        assert journal.needs_segment is False, "not before a second is over"
        gather(journal, 3)
        value = journal.commit(NOW_US + 1)
        assert isinstance(value, Unwritable)
        assert (value.first, value.last, value.epoch_lost) == (1, 3, False)
        assert [said.render() for said in journal.take_problems()] == [
            "the journal's state cannot be written: the file may not grow any more (ulimit -f)"
        ]
        assert journal.take_problems() == []
        with crashed(tmp_path) as folder, file_size_limit(None):
            assert (opened(folder).recovered.epoch, opened_next(folder)) == (EPOCH, 6)
    later = NOW_US + 2 * SECOND_US
    gather(journal, 1)
    journal.commit(later)
    assert journal.needs_segment
    assert journal.begin_segment(LARGE, later) == Begun(5, Hole(1, 4))
    publish(journal, 1, later)
    assert told(journal)[-1] == 5
    journal.close(later)
    recovered = opened(tmp_path).recovered
    assert (recovered.epoch, recovered.next_number) == (EPOCH + 1, 6)


def opened_next(folder: Path) -> int:
    with crashed(folder) as copy:
        return opened(copy).recovered.next_number


def test_closed_with_a_lost_epoch_the_old_one_goes_on(tmp_path: Path) -> None:
    journal = large(tmp_path)
    publish(journal, 5)
    with file_size_limit(0):
        gather(journal, 2)
        journal.commit(NOW_US)
        value = journal.close(NOW_US)
        assert isinstance(value, Unwritable)
    assert opened(tmp_path).recovered.next_number == 6


@pytest.mark.parametrize("epoch", [EPOCH, EPOCH - 1, EPOCH_MAX + 1])
def test_an_epoch_that_is_not_greater_is_our_bug(tmp_path: Path, epoch: int) -> None:
    journal = begun(tmp_path)
    with pytest.raises(ValueError, match="epoch"):
        journal.begin_epoch(epoch, NOW_US)
    journal.close(NOW_US)


def test_a_new_epoch_drops_what_was_gathered_and_begins_at_one(tmp_path: Path) -> None:
    journal = begun(tmp_path, consumers=["cdr"])
    publish(journal, 5)
    journal.confirm("cdr", 5)
    gather(journal, 1)
    journal.begin_epoch(EPOCH + 7, NOW_US)
    assert (journal.epoch, journal.next_number, journal.last, journal.consumers["cdr"]) == (EPOCH + 7, 1, 0, 0)
    assert journal.needs_segment
    journal.begin_segment(b"new", NOW_US)
    publish(journal, 1)
    journal.close(NOW_US)
    recovered = opened(tmp_path).recovered
    assert (recovered.epoch, recovered.reason, recovered.next_number) == (EPOCH + 7, None, 2)
    assert list(recovered.frames) == [frame(1)]


def test_a_segment_that_cannot_be_begun_leaves_the_old_one_in_use(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    publish(journal, 100)
    assert journal.needs_segment
    with file_size_limit(full()):
        value = journal.begin_segment(LARGE, NOW_US)
        assert isinstance(value, NotBegun)
        assert value.reason.render()
        assert not journal.needs_segment, "tried again a second later"
        publish(journal, 5)
    assert journal.commit(NOW_US + SECOND_US) == Committed(105)
    assert journal.needs_segment
    assert journal.begin_segment(LARGE, NOW_US + SECOND_US) == Begun(106)
    assert told(journal) == list(range(1, 106))
    journal.close(NOW_US)


def test_a_first_segment_that_cannot_be_begun_is_an_outage(tmp_path: Path) -> None:
    journal = opened(tmp_path).journal
    with file_size_limit(full()):
        assert isinstance(journal.begin_segment(LARGE, NOW_US), NotBegun)
        value = journal.commit(NOW_US)
        assert isinstance(value, Unwritable)
        assert (value.first, value.last) == (1, 0), "nothing is lost yet"
        assert not journal.needs_segment
        gather(journal, 2)
        value = journal.commit(NOW_US)
        assert isinstance(value, Unwritable)
        assert (value.first, value.last, value.epoch_lost) == (1, 2, False)
        assert isinstance(journal.begin_segment(LARGE, NOW_US), NotBegun)
    assert journal.commit(NOW_US + SECOND_US) == value
    assert journal.needs_segment
    assert journal.begin_segment(LARGE, NOW_US + SECOND_US) == Begun(3, Hole(1, 2))
    publish(journal)
    assert told(journal)[-1] == 3
    journal.close(NOW_US)


@pytest.mark.parametrize("policy", list(Fsync))
def test_every_policy_says_when_it_wants_to_be_called(tmp_path: Path, policy: Fsync) -> None:
    limits = replace(SMALL, fsync=policy, fsync_interval_ms=500)
    journal = begun(tmp_path, limits)
    assert journal.sync_due_us is None
    publish(journal)
    assert journal.sync_due_us == (NOW_US + 500_000 if policy is Fsync.INTERVAL else None)
    publish(journal, 1, NOW_US + 1)
    assert journal.sync(NOW_US + 500_000) is None
    assert journal.sync_due_us is None
    kept_up(journal, 200)
    journal.close(NOW_US)
    assert told(opened(tmp_path, limits).journal) == list(range(1, 203))


def test_a_first_segment_that_can_be_begun_before_anything_was_lost_leaves_no_hole(tmp_path: Path) -> None:
    journal = opened(tmp_path).journal
    with file_size_limit(0):
        assert isinstance(journal.begin_segment(LARGE, NOW_US), NotBegun)
        value = journal.commit(NOW_US + SECOND_US)
        assert isinstance(value, Unwritable)
        assert not value.epoch_lost, "no number was used"
    assert journal.needs_segment
    assert journal.begin_segment(LARGE, NOW_US + SECOND_US) == Begun(1)
    publish(journal)
    assert journal.unwritable is None
    journal.close(NOW_US)
    assert opened(tmp_path).recovered.next_number == 2


def test_after_the_end_nothing_is_written(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    publish(journal)
    journal.close(NOW_US)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(RuntimeError, match="before the end"):
        journal.begin_segment(b"", NOW_US)
    with pytest.raises(RuntimeError, match="no segment"):
        publish(journal)
    with pytest.raises(RuntimeError, match="closed"):
        journal.begin_epoch(EPOCH + 1, NOW_US)
    with pytest.raises(RuntimeError, match="before anything"):
        journal.give_up_next(NOW_US)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_numbers_are_reserved_ahead_while_all_is_well(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    for _ in range(10):
        publish(journal, 17)
        with crashed(tmp_path) as folder:
            again = opened(folder).recovered
            assert (again.next_number, again.holes) == (journal.next_number, ())
    journal.close(NOW_US)


def test_a_state_that_cannot_be_written_is_said_and_harms_nobody_while_the_journal_works(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    with file_size_limit(PLACES[1]):
        publish(journal, 60)
        assert len(journal.take_problems()) == 1
        with crashed(tmp_path) as folder, file_size_limit(None):
            assert opened(folder).recovered.next_number == 61
    publish(journal, 1, NOW_US + SECOND_US)
    assert journal.take_problems() == []
    journal.close(NOW_US)


def test_a_number_given_up_is_a_hole_for_every_reader_and_after_a_restart(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    publish(journal, 3)
    journal.give_up_next(NOW_US)
    assert (journal.last, journal.next_number) == (4, 5)
    assert told(journal) == [1, 2, 3, Hole(4, 4)]
    publish(journal, 2)
    assert told(journal) == [1, 2, 3, Hole(4, 4), 5, 6]
    assert journal.unwritable is None
    assert journal.needs_segment, "with the state that is the truth again"
    with crashed(tmp_path) as folder:
        again = opened(folder)
        assert (again.recovered.last, again.recovered.next_number) == (6, 7)
        assert again.recovered.holes == (Hole(4, 4),)
        again.journal.close(NOW_US)
    journal.begin_segment(b"the state before", NOW_US)
    publish(journal, 1)
    assert told(journal) == [1, 2, 3, Hole(4, 4), 5, 6, 7]
    gather(journal)
    with pytest.raises(RuntimeError, match="before anything is appended"):
        journal.give_up_next(NOW_US)
    journal.close(NOW_US)


def test_a_number_is_given_up_between_two_segments(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    publish(journal, 3)
    journal.close(NOW_US)
    with segments_in(tmp_path)[0].open("ab") as file:
        file.write(b"rubbish that may have been an event")
    journal = opened(tmp_path).journal
    given_up = journal.next_number
    journal.give_up_next(NOW_US)
    journal.begin_segment(b"the state before", NOW_US)
    publish(journal, 1)
    assert told(journal) == [1, 2, 3, Hole(4, given_up), given_up + 1]
    journal.close(NOW_US)


def test_a_number_is_given_up_in_an_outage(tmp_path: Path) -> None:
    journal = large(tmp_path)
    with file_size_limit(full()):
        gather(journal)
        assert isinstance(journal.commit(NOW_US), Unwritable)
    last = journal.last
    journal.give_up_next(NOW_US)
    assert journal.commit(NOW_US + 2 * SECOND_US) == Committed(last + 1, Hole(last, last + 1))
    journal.close(NOW_US)
