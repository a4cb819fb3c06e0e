"""A journal through any life against a simple model: turns, segments, full and dead disks, kills, torn writes, power
cuts, damage, retention.

What must hold, whatever happens: no number is sent twice with two events; every number is read as the event that was
committed, or told to be missing; and what was committed and is neither deleted nor damaged is there.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from gateway.journal import (
    Begun,
    Committed,
    EpochReason,
    Frames,
    Fsync,
    Hole,
    Journal,
    NotHeld,
    Opened,
    Unwritable,
)
from gateway.journal.record import pack_events, pack_hole
from gateway.journal.state import STATE_FILE_BYTES
from protocol.frame import pack_frame
from tests.gateway.journal.stage import (
    EPOCH,
    MANY_BYTES,
    MEMORY,
    SECOND_US,
    SMALL,
    file_size_limit,
    number_of,
    segments_in,
    try_open,
)

EXAMPLES_DEEP = 5_000
"""Lives of up to 80 steps: four minutes on two cores that have nothing else to do."""

PADDING = bytes(STATE_FILE_BYTES)
"""In front of a checkpoint, so that a limit for files can spare the state and nothing else."""


class JournalMachine(RuleBasedStateMachine):
    """`sent` and `held` are the model: by epoch, number and frame of what left, and of what was committed; `given_up`
    are numbers that no event has."""

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(dir=MEMORY))
        self.folder = self.place / "0"
        self.boot = 1
        self.now_us = EPOCH
        self.size_limit: int | None = None
        self.sent: dict[int, dict[int, bytes]] = {}
        self.held: dict[int, dict[int, bytes]] = {}
        self.given_up: dict[int, set[int]] = {}
        self.gathered: dict[int, bytes] = {}
        self.events = 0
        self.is_damaged = False
        self.was_disk_bad = False
        self.journal: Journal

    @initialize(
        policy=st.sampled_from(list(Fsync)), segment_bytes=st.sampled_from([150, 1_000]), keeps=st.sampled_from([1, 9])
    )
    def begin(self, policy: Fsync, segment_bytes: int, keeps: int) -> None:
        self.limits = replace(
            SMALL,
            fsync=policy,
            segment_bytes=segment_bytes,
            reserve_numbers=8,
            keep_bytes=keeps * 2 * STATE_FILE_BYTES,
            hard_bytes=keeps * 4 * STATE_FILE_BYTES,
        )
        self._open(EpochReason.FIRST)

    def teardown(self) -> None:
        with contextlib.suppress(AttributeError):
            self.journal.close(self.now_us)
        shutil.rmtree(self.place)

    # -- turns ---------------------------------------------------------------------------------------------------

    @rule(count=st.integers(1, 6), size=st.sampled_from([0, 20, 200]))
    def gather(self, count: int, size: int) -> None:
        for _ in range(count):
            number = self.journal.next_number
            self.events += 1
            one = pack_frame(0x0205, 1, number, b"%d %s" % (self.events, bytes(size)))
            self.journal.append(number, one)
            self.gathered[number] = one

    @rule()
    def commit(self) -> None:
        with self._disk():
            result = self.journal.commit(self.now_us)
        self._take(result)

    @precondition(lambda self: not self.gathered and self.journal.needs_segment)
    @rule()
    def begin_segment(self) -> None:
        self._begin_segment()

    @rule(seconds=st.sampled_from([0.1, 0.9, 1, 3_601, -50]))
    def pass_time(self, seconds: float) -> None:
        self.now_us += int(seconds * SECOND_US)

    @rule()
    def sync(self) -> None:
        if self.journal.sync_due_us is not None:
            self.journal.sync(self.now_us)

    @precondition(lambda self: not self.gathered)
    @rule()
    def give_up_next(self) -> None:
        """A number is never used."""
        number = self.journal.next_number
        self.given_up.setdefault(self.journal.epoch, set()).add(number)
        self.journal.give_up_next(self.now_us)
        assert (self.journal.last, self.journal.next_number) == (number, number + 1)

    @rule()
    def look_on(self) -> None:
        self.journal.look_on()
        assert self.is_damaged or self.was_disk_bad or not self.journal.take_problems()

    @rule(behind=st.integers(0, 30))
    def retain(self, behind: int) -> None:
        self.journal.confirm("cdr", max(0, self.journal.last - behind))
        self.journal.retain(self.now_us)

    # -- what happens to it --------------------------------------------------------------------------------------

    @rule(what=st.sampled_from(["full", "tight", "dead", "room", "room"]), room=st.integers(0, 60))
    def change_disk(self, what: str, room: int) -> None:
        newest = max((path.stat().st_size for path in segments_in(self.folder)), default=0)
        sizes = {"full": STATE_FILE_BYTES, "tight": max(STATE_FILE_BYTES, newest + room), "dead": 0, "room": None}
        self.size_limit = sizes[what]
        self.was_disk_bad |= self.size_limit is not None

    @rule(torn=st.floats(0, 1), on_bad_disk=st.booleans())
    def kill(self, torn: float, on_bad_disk: bool) -> None:
        self._kill(torn, on_bad_disk)

    @rule(torn=st.floats(0, 1))
    def cut_power(self, torn: float) -> None:
        """What was written reached the disk here; the journal cannot know."""
        self.boot += 1
        self._kill(torn, on_bad_disk=False)

    @rule(at=st.floats(0, 1), bit=st.integers(0, 7), data=st.data())
    def harm(self, at: float, bit: int, data: st.DataObject) -> None:
        """A bit flips while it is down; in the state only once, which it withstands."""
        self.is_damaged = True
        self._kill(0, on_bad_disk=False, harm=(at, bit, data))

    @rule()
    def close(self) -> None:
        with self._disk():
            result = self.journal.close(self.now_us)
        self._take(result, is_closing=True)
        self.boot += 1
        self._reopen(None)

    # -- what must hold ------------------------------------------------------------------------------------------

    @rule(after=st.integers(0, 60), bytes_max=st.sampled_from([1, 200, MANY_BYTES]))
    def read(self, after: int, bytes_max: int) -> None:
        self._check_from(after, bytes_max)

    def _check_from(self, after: int, bytes_max: int) -> None:
        journal = self.journal
        held = self.held.get(journal.epoch, {})
        while after < journal.last:
            answer = journal.read(after, bytes_max)
            match answer:
                case Frames():
                    expected = [held.get(number) for number in range(after + 1, answer.last + 1)]
                    assert answer.frames == expected
                    assert answer.frames
                    after = answer.last
                case Hole():
                    assert answer.first == after + 1
                    missing = [number for number in held if answer.first <= number <= answer.last]
                    assert not missing or self.is_damaged
                    after = answer.last
                case NotHeld():
                    assert answer.first == journal.first > after + 1
                    after = answer.first - 1

    def _take(self, result: Committed | Unwritable, *, is_closing: bool = False) -> None:
        epoch = self.journal.epoch
        gathered, self.gathered = self.gathered, {}
        if isinstance(result, Unwritable) and result.epoch_lost:
            if not is_closing:
                self.now_us += 1
                with self._disk():
                    self.journal.begin_epoch(max(self.now_us, epoch + 1), self.now_us)
            return
        sent = self.sent.setdefault(epoch, {})
        assert not sent.keys() & gathered.keys()
        sent |= gathered
        held = self.held.setdefault(epoch, {})
        if isinstance(result, Unwritable):
            assert result.last == max(gathered, default=result.last)
            return
        held |= gathered
        assert result.last == max(gathered, default=result.last)
        if result.hole is not None:
            self._check_hole(result.hole)

    def _check_hole(self, hole: Hole) -> None:
        held = self.held.setdefault(self.journal.epoch, {})
        assert not [number for number in held if hole.first <= number <= hole.last]

    def _begin_segment(self) -> None:
        content = PADDING + b"%d:%d" % (self.journal.epoch, self.journal.last)
        with self._disk():
            result = self.journal.begin_segment(content, self.now_us)
        if isinstance(result, Begun):
            assert result.first == self.journal.last + 1
            if result.hole is not None:
                self._check_hole(result.hole)

    @contextlib.contextmanager
    def _disk(self) -> Iterator[None]:
        with file_size_limit(self.size_limit):
            yield

    def _kill(self, torn: float, on_bad_disk: bool, harm: tuple[float, int, st.DataObject] | None = None) -> None:
        fresh = self.place / str(int(self.folder.name) + 1)
        shutil.copytree(self.folder, fresh)
        unwritten = self.journal.unwritable
        self.journal.close(self.now_us)
        shutil.rmtree(self.folder)
        self.folder = fresh
        if self.gathered and torn and self.size_limit is None and segments_in(fresh):
            self._tear(segments_in(fresh)[-1], torn, unwritten)
        self.gathered = {}
        if harm is not None:
            self._harm(*harm)
        self._reopen(self.size_limit if on_bad_disk else None)

    def _tear(self, newest: Path, torn: float, unwritten: Unwritable | None) -> None:
        """The process died in the middle of its write, if it was one that it would have made."""
        if self.journal.unwritable is not None or not newest.name.startswith(f"{self.journal.epoch:016d}"):
            return
        first = min(self.gathered)
        hole = b""
        if unwritten is not None and unwritten.last >= unwritten.first:
            hole = pack_hole(Hole(unwritten.first, unwritten.last))
        batch = hole + pack_events(first, list(self.gathered.values()))
        with newest.open("ab") as file:
            file.write(batch[: int(torn * (len(batch) - 1))])
        # Events that were written whole and not sent count as what happened: they may be there, or not.
        written = len(hole)
        for number, one in self.gathered.items():
            written += len(pack_events(number, [one]))
            if written <= int(torn * (len(batch) - 1)):
                self.held.setdefault(self.journal.epoch, {})[number] = one

    def _harm(self, at: float, bit: int, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(sorted(each for each in self.folder.iterdir() if each.name != "lock")))
        content = bytearray(path.read_bytes())
        content[int(at * (len(content) - 1))] ^= 1 << bit
        path.write_bytes(content)

    def _reopen(self, size_limit: int | None) -> None:
        self.size_limit = size_limit
        self._open(None)

    def _open(self, expected: EpochReason | None) -> None:
        self.now_us += 10
        with self._disk():
            found = self._try()
        if not isinstance(found, Opened):
            assert self.size_limit is not None
            self.size_limit = None
            found = self._try()
        assert isinstance(found, Opened)
        self.journal = found.journal
        recovered = found.recovered
        if recovered.reason is not None:
            assert recovered.epoch > max((*self.sent, *self.held), default=0)
            assert recovered.next_number == 1
            if not self.is_damaged and not self.was_disk_bad and recovered.reason is not expected:
                assert recovered.reason in (EpochReason.POWER_LOST, EpochReason.JOURNAL_LOST)
                assert self.limits.fsync is not Fsync.ALWAYS or not self.held.get(max(self.held, default=0))
        else:
            assert recovered.next_number > max(self.sent.get(recovered.epoch, {}), default=0)
            if not self.is_damaged and not self.was_disk_bad:
                holes = {number for hole in recovered.holes for number in range(hole.first, hole.last + 1)}
                behind = range(max(self.held.get(recovered.epoch, {}), default=0) + 1, recovered.next_number)
                assert holes | set(behind) <= self.given_up.get(recovered.epoch, set())
        checkpoint = recovered.checkpoint
        if checkpoint is not None:
            assert checkpoint.content == PADDING + b"%d:%d" % (checkpoint.epoch, checkpoint.number)
            held = self.held.get(checkpoint.epoch, {})
            frames = list(recovered.frames)
            assert frames == [held[number_of(one)] for one in frames]
            missing = {number for number in held if number > checkpoint.number} - set(map(number_of, frames))
            assert not missing or self.is_damaged
        self._check_from(0, MANY_BYTES)
        if self.journal.needs_segment:
            self._begin_segment()
        if self.journal.needs_segment or self.journal.next_number == 1:
            self._begin_segment()

    def _try(self) -> object:
        return try_open(
            self.folder,
            self.limits,
            boot_id=f"boot {self.boot}",
            new_epoch=max(self.now_us, max((*self.sent, *self.held), default=0) + 1),
            now_us=self.now_us,
            consumers=["cdr"],
        )


TestJournalMachine = JournalMachine.TestCase
TestJournalMachine.settings = settings(stateful_step_count=40)


@pytest.mark.deep
@pytest.mark.timeout(1_200)
class TestJournalMachineDeep(JournalMachine.TestCase):  # type: ignore[misc, valid-type]
    """The same with many examples, and longer ones."""

    settings = settings(max_examples=EXAMPLES_DEEP, stateful_step_count=80)
