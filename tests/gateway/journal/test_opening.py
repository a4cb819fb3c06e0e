"""Opening what a run left, in order or not: nothing is used twice, nothing is missing without a hole."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journal import EpochReason, Frames, Fsync, Hole, NotHeld, Opened, Start, open_journal
from gateway.journal.limits import EPOCH_MAX
from tests.gateway.journal.stage import (
    BOOT,
    EPOCH,
    MANY_BYTES,
    NOW_US,
    OTHER_BOOT,
    SMALL,
    begun,
    crashed,
    frame,
    kept_up,
    opened,
    publish,
    segments_in,
    told,
)

EVENTS = 95
"""Two segments, the second begun."""


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a process that was killed left; it had sent `EVENTS` events."""
    folder = tmp_path_factory.mktemp("left") / "journal"
    journal = begun(folder)
    kept_up(journal, EVENTS)
    with crashed(folder) as copy:
        journal.close(NOW_US)
        shutil.rmtree(folder)
        shutil.copytree(copy, folder)
    assert len(segments_in(folder)) == 2
    return folder


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, closed in order."""
    folder = tmp_path_factory.mktemp("closed") / "journal"
    journal = begun(folder)
    kept_up(journal, EVENTS)
    journal.close(NOW_US)
    return folder


def tell_nothing_false(again: Opened, held: Mapping[int, bytes]) -> None:
    """Every number is told once: as the event that it was, as a hole, or as not held; and so it stays when the journal
    goes on."""
    recovered, journal = again.recovered, again.journal
    assert recovered.next_number > recovered.last
    if recovered.reason is not None:
        assert (recovered.last, recovered.next_number) == (0, 1)
        assert recovered.epoch > EPOCH or recovered.reason is EpochReason.FIRST
    else:
        assert recovered.epoch == EPOCH
    after = 0
    while after < journal.last:
        match journal.read(after, MANY_BYTES):
            case Frames(frames, last):
                assert recovered.reason is None
                assert frames == [held[number] for number in range(after + 1, last + 1)]
                assert frames
                after = last
            case Hole(first, last):
                assert first == after + 1
                after = last
            case NotHeld(first):
                assert first > after + 1
                after = first - 1
    assert after == recovered.next_number - 1
    if recovered.checkpoint is not None:
        replayed = list(recovered.frames)
        numbers = [number for number, one in held.items() if one in replayed]
        assert [held[number] for number in numbers] == replayed
        assert all(number > recovered.checkpoint.number for number in numbers)
    if journal.needs_segment:
        journal.begin_segment(b"after", NOW_US)
    publish(journal, 3)
    assert told(journal)[-3:] == list(range(recovered.next_number, recovered.next_number + 3))


HELD = {number: frame(number) for number in range(1, EVENTS + 1)}


def test_a_first_start(tmp_path: Path) -> None:
    again = opened(tmp_path / "deep" / "journal")
    recovered = again.recovered
    assert (recovered.epoch, recovered.reason) == (EPOCH, EpochReason.FIRST)
    assert (recovered.last, recovered.next_number, recovered.checkpoint) == (0, 1, None)
    assert (list(recovered.frames), recovered.holes, recovered.mended) == ([], (), ())
    tell_nothing_false(again, {})


def test_killed_it_goes_on_without_a_hole(left: Path) -> None:
    with crashed(left) as folder:
        again = opened(folder)
        recovered = again.recovered
        assert (recovered.epoch, recovered.reason, recovered.holes, recovered.mended) == (EPOCH, None, (), ())
        assert (recovered.last, recovered.next_number) == (EVENTS, EVENTS + 1)
        assert not again.journal.needs_segment
        assert recovered.checkpoint is not None
        assert list(recovered.frames) == [frame(n) for n in range(recovered.checkpoint.number + 1, EVENTS + 1)]
        assert told(again.journal) == list(range(1, EVENTS + 1))
        again.journal.close(NOW_US)


def test_frames_of_the_recovery_end_where_it_ended(left: Path) -> None:
    with crashed(left) as folder:
        again = opened(folder)
        publish(again.journal, 5)
        assert list(again.recovered.frames)[-1] == frame(EVENTS)
        again.journal.close(NOW_US)


def test_killed_again_and_again_it_goes_on(left: Path) -> None:
    folder = left
    with crashed(left) as one:
        folder = one
        for round_ in range(5):
            again = opened(folder)
            assert again.recovered.next_number == EVENTS + 1 + 7 * round_
            publish(again.journal, 7)
            with crashed(folder) as copy:
                again.journal.close(NOW_US)
                shutil.rmtree(folder)
                shutil.copytree(copy, folder)


@pytest.mark.parametrize("boot_id", [OTHER_BOOT, ""])
def test_after_a_power_cut_a_new_epoch_begins_and_the_old_state_is_still_told(left: Path, boot_id: str) -> None:
    with crashed(left) as folder:
        again = opened(folder, boot_id=boot_id, new_epoch=EPOCH + 5)
        recovered = again.recovered
        assert (recovered.epoch, recovered.reason) == (EPOCH + 5, EpochReason.POWER_LOST)
        assert (recovered.last, recovered.next_number) == (0, 1)
        assert recovered.checkpoint is not None
        assert recovered.checkpoint.epoch == EPOCH
        assert list(recovered.frames)[-1] == frame(EVENTS)
        assert again.journal.needs_segment
        tell_nothing_false(again, HELD)
        again.journal.close(NOW_US)


def test_after_a_power_cut_nothing_is_lost_that_was_fsynced(tmp_path: Path) -> None:
    limits = replace(SMALL, fsync=Fsync.ALWAYS)
    journal = begun(tmp_path, limits)
    publish(journal, 5)
    with crashed(tmp_path) as folder:
        recovered = opened(folder, boot_id=OTHER_BOOT).recovered
        assert (recovered.epoch, recovered.reason, recovered.next_number) == (EPOCH, None, 6)
    journal.close(NOW_US)


def test_closed_in_order_a_restart_of_the_machine_does_not_matter(closed: Path) -> None:
    with crashed(closed) as folder:
        recovered = opened(folder, boot_id=OTHER_BOOT).recovered
        assert (recovered.epoch, recovered.reason, recovered.next_number) == (EPOCH, None, EVENTS + 1)


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("state", EpochReason.STATE_LOST),
        ("*.journal", EpochReason.JOURNAL_LOST),
        ("*", EpochReason.FIRST),
    ],
)
def test_what_is_lost_makes_a_new_epoch(left: Path, what: str, reason: EpochReason) -> None:
    with crashed(left) as folder:
        for path in folder.glob(what):
            path.unlink()
        again = opened(folder, new_epoch=EPOCH + 5)
        assert (again.recovered.reason, again.recovered.epoch) == (reason, EPOCH + 5)
        tell_nothing_false(again, HELD)
        again.journal.close(NOW_US)


def test_a_state_that_is_damaged_twice_is_lost_and_said(left: Path) -> None:
    with crashed(left) as folder:
        (folder / "state").write_bytes(b"?")
        again = opened(folder)
        assert (again.recovered.reason, again.recovered.epoch) == (EpochReason.STATE_LOST, EPOCH + 1)
        assert "both copies" in again.recovered.mended[-1].render()
        again.journal.close(NOW_US)
        assert opened(folder).recovered.epoch == again.recovered.epoch + 1, "nothing was begun in it"


def test_an_older_state_beside_a_newer_journal_is_not_believed(left: Path, tmp_path: Path) -> None:
    with crashed(left) as folder:
        shutil.copy(folder / "state", tmp_path)
        again = opened(folder, boot_id=OTHER_BOOT)
        again.journal.begin_segment(b"", NOW_US)
        again.journal.close(NOW_US)
        shutil.copy(tmp_path / "state", folder)
        assert opened(folder).recovered.reason is EpochReason.STATE_STALE


def test_the_newest_segment_deleted_makes_a_hole(left: Path) -> None:
    with crashed(left) as folder:
        segments_in(folder)[-1].unlink()
        again = opened(folder)
        assert again.recovered.reason is None
        assert again.recovered.next_number > EVENTS
        assert again.recovered.holes == (Hole(again.recovered.last + 1, again.recovered.next_number - 1),)
        tell_nothing_false(again, HELD)
        again.journal.close(NOW_US)


def test_the_newest_segment_is_missed_though_it_was_empty_at_the_start(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    publish(journal, 5)
    journal.begin_segment(b"state", NOW_US)
    journal.close(NOW_US)
    journal = opened(tmp_path).journal
    publish(journal, 3)
    with crashed(tmp_path) as folder:
        segments_in(folder)[-1].unlink()
        recovered = opened(folder).recovered
        assert (recovered.reason, recovered.last) == (None, 5)
        assert recovered.next_number > 8
    journal.close(NOW_US)


def test_a_state_file_cut_to_its_first_copy_is_mended(left: Path) -> None:
    with crashed(left) as folder:
        (folder / "state").write_bytes((folder / "state").read_bytes()[:4096])
        again = opened(folder)
        assert again.recovered.next_number == EVENTS + 1
        assert (folder / "state").stat().st_size == 8192
        again.journal.close(NOW_US)


@pytest.mark.parametrize("epoch", [0, -1, EPOCH_MAX + 1])
def test_an_epoch_that_is_none_is_our_bug(tmp_path: Path, epoch: int) -> None:
    with pytest.raises(ValueError, match="epoch"):
        open_journal(tmp_path, SMALL, Start(BOOT, epoch, NOW_US))


def test_too_many_consumers_are_our_bug_and_the_folder_is_free_again(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at most"):
        opened(tmp_path, consumers=map(str, range(1_000)))
    opened(tmp_path).journal.close(NOW_US)


def test_cut_at_every_byte_the_rest_is_told_and_the_end_said_once(left: Path) -> None:
    whole = segments_in(left)[-1]
    for end in range(whole.stat().st_size):
        with crashed(left) as folder:
            cut = folder / whole.name
            cut.write_bytes(whole.read_bytes()[:end])
            again = opened(folder)
            recovered = again.recovered
            numbers = [each for each in told(again.journal, 0, MANY_BYTES) if isinstance(each, int)]
            assert numbers == list(range(1, recovered.last + 1))
            if recovered.holes:  # the checkpoint was hit: that is damage
                assert recovered.next_number > EVENTS
            else:
                assert recovered.next_number == recovered.last + 1
            tell_nothing_false(again, HELD)
            again.journal.close(NOW_US)
            assert opened(folder).recovered.mended == ()


def test_cut_at_every_byte_after_a_stop_in_order_no_number_is_used_again(closed: Path) -> None:
    for whole in segments_in(closed):
        for end in range(0, whole.stat().st_size, 1 if whole == segments_in(closed)[-1] else 37):
            with crashed(closed) as folder:
                (folder / whole.name).write_bytes(whole.read_bytes()[:end])
                again = opened(folder, boot_id=OTHER_BOOT)
                assert again.recovered.reason is None
                assert again.recovered.next_number == EVENTS + 1
                tell_nothing_false(again, HELD)
                again.journal.close(NOW_US)


@pytest.mark.parametrize("rubbish", [bytes(1), bytes(8), bytes(9), bytes(5_000), b"\xff" * 40, b"torn" * 700])
def test_rubbish_behind_the_end_costs_numbers_and_no_event(left: Path, rubbish: bytes) -> None:
    with crashed(left) as folder:
        newest = segments_in(folder)[-1]
        newest.write_bytes(newest.read_bytes() + rubbish)
        again = opened(folder)
        recovered = again.recovered
        assert (recovered.reason, recovered.last) == (None, EVENTS)
        assert recovered.next_number == EVENTS + 1 or recovered.holes == (Hole(EVENTS + 1, recovered.next_number - 1),)
        assert recovered.mended
        if recovered.holes:
            assert newest.read_bytes().endswith(rubbish), "it may be a good event behind a bad length: kept for support"
            assert again.journal.needs_segment
        tell_nothing_false(again, HELD)
        again.journal.close(NOW_US)


@given(st.data())
def test_any_bits_flipped_in_any_file_no_number_is_used_again_and_no_event_made_up(
    left: Path, closed: Path, data: st.DataObject
) -> None:
    folder = data.draw(st.sampled_from([left, closed]))
    with crashed(folder) as harmed:
        files = sorted(path for path in harmed.iterdir() if path.name != "lock")
        for _ in range(data.draw(st.integers(1, 3))):
            path = data.draw(st.sampled_from(files))
            content = bytearray(path.read_bytes())
            content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
            path.write_bytes(content)
        again = opened(harmed)
        assert again.recovered.next_number > EVENTS or again.recovered.epoch > EPOCH
        tell_nothing_false(again, HELD)
        again.journal.close(NOW_US)
