"""How a stream begins: anew, or on from where the last process ended."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.config import JournalSettings
from gateway.journal.files import Reading
from gateway.journal.findings import Findings, find_segments
from gateway.journal.journal import Journal
from gateway.journal.limits import OPEN_READERS_MAX, JournalLimits
from gateway.journal.opening import Opened, Start, open_journal
from gateway.journal.segment_header import SEGMENT_HEADER_BYTES
from gateway.journal.state import STATE_FILE_BYTES
from gateway.journal.values import Checkpoint, Unwritable
from gateway.resuming import begin, bring_back
from model.core import CallModel
from model.ids import DeviceNumber, Microseconds
from model.states import LinkState, PortKind
from model.view import Device, Licence, Link
from protocol.archive import Hole
from protocol.codec import encode
from protocol.snapshots import pack_snapshot
from runtime.clock import HandClock
from runtime.tasks import StartRefused
from tests.gateway.journal.stage import file_size_limit, frame, segments_in

NOW = 1_700_000_000_000_000
LINK = Link(LinkState.DOWN, "csta-xml standard pbx:8800", "starting", Microseconds(NOW))
LICENCE = Licence("evaluation", "", 32, 1, "")
CLOCK = HandClock(wall=NOW)


def started(folder: Path | None) -> tuple[CallModel, Journal | None]:
    beginning = begin(JournalSettings(folder=folder), LINK, LICENCE, CLOCK, single_appearance=True)
    journal = beginning.journal
    if journal is not None and journal.needs_segment:
        journal.begin_segment(pack_snapshot(beginning.model.snapshot(), 1), NOW)
    return beginning.model, journal


def publish_something(model: CallModel, journal: Journal, name: str = "Reception") -> None:
    device = Device(DeviceNumber("8001"), PortKind.EXT, name, "")
    for step in (model.configure([device], Microseconds(NOW)), model.link_changed(LinkState.UP, "", Microseconds(NOW))):
        for event in step.events:
            journal.append(event.number, encode(event))
    journal.commit(NOW)
    if journal.needs_segment:
        journal.begin_segment(pack_snapshot(model.snapshot(), 1), NOW)


def test_without_a_folder_each_start_is_a_new_epoch() -> None:
    model, journal = started(None)
    assert journal is None
    assert (model.epoch, model.number) == (NOW, 0)


def test_the_next_process_goes_on_in_the_same_epoch_with_the_next_number(tmp_path: Path) -> None:
    model, journal = started(tmp_path)
    assert journal is not None
    publish_something(model, journal)
    journal.close(NOW)
    resumed, again = started(tmp_path)
    assert again is not None
    assert (resumed.epoch, resumed.number) == (model.epoch, model.number)
    assert resumed.snapshot().devices == model.snapshot().devices
    assert resumed.link.state is LinkState.UP, "as it was published: the daemon says at once how it is now"
    again.close(NOW)


def test_another_switch_in_the_settings_is_the_one_that_is_shown(tmp_path: Path) -> None:
    model, journal = started(tmp_path)
    assert journal is not None
    publish_something(model, journal)
    journal.close(NOW)
    link = Link(LinkState.DOWN, "asterisk standard pbx:5038", "starting", Microseconds(NOW))
    beginning = begin(JournalSettings(folder=tmp_path), link, LICENCE, CLOCK, single_appearance=False)
    assert beginning.model.link.interface == "asterisk standard pbx:5038"
    assert beginning.journal is not None
    beginning.journal.close(NOW)


def test_a_journal_in_use_refuses_the_start_by_name(tmp_path: Path) -> None:
    _, journal = started(tmp_path)
    assert journal is not None
    with pytest.raises(StartRefused, match=r"\[journal\] folder: (.|\n)*J006"):
        started(tmp_path)
    journal.close(NOW)


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def events_at(folder: Path) -> int:
    found = find_segments(folder, Reading(folder))
    assert isinstance(found, Findings)
    assert found.newest is not None
    return found.newest.header.events_at


def damage_an_event(folder: Path) -> None:
    """The first of two: what follows it is read."""
    flip(segments_in(folder)[0], events_at(folder) + 20)


def damage_the_only_checkpoint(folder: Path) -> None:
    flip(segments_in(folder)[0], SEGMENT_HEADER_BYTES + 20)


def put_a_checkpoint_that_says_nothing(folder: Path) -> None:
    """As a version would that writes another kind of state."""
    opened = open_journal(folder, JournalLimits(), Start("boot", NOW, NOW))
    assert isinstance(opened, Opened)
    opened.journal.begin_segment(b"no snapshot", NOW)
    opened.journal.close(NOW)


@pytest.mark.parametrize(
    "harm",
    [damage_an_event, damage_the_only_checkpoint, put_a_checkpoint_that_says_nothing],
    ids=lambda one: one.__name__,
)
def test_with_less_than_the_whole_state_whoever_resumes_is_told_and_gets_a_snapshot(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    model, journal = started(tmp_path)
    assert journal is not None
    publish_something(model, journal)
    journal.close(NOW)
    harm(tmp_path)
    resumed, again = started(tmp_path)
    assert again is not None
    assert (resumed.epoch, resumed.number) == (model.epoch, model.number + 1), "one number is given up"
    assert again.read(model.number, 1_000) == Hole(model.number + 1, model.number + 1)
    publish_something(resumed, again)
    assert again.read(model.number, 1_000) == Hole(model.number + 1, model.number + 1)
    again.close(NOW)
    third, journal = started(tmp_path)
    assert journal is not None
    assert third.number == resumed.number, "and only once"
    assert third.snapshot() == resumed.snapshot()
    journal.close(NOW)


def test_stopped_in_order_on_a_full_disk_whoever_heard_it_all_gets_a_snapshot(tmp_path: Path) -> None:
    model, journal = started(tmp_path)
    assert journal is not None
    [segment] = segments_in(tmp_path)
    while segment.stat().st_size <= STATE_FILE_BYTES:
        publish_something(model, journal, f"at place {model.number}")
    held = model.number
    with file_size_limit(segment.stat().st_size):  # the state can be written
        publish_something(model, journal, "elsewhere")
        assert isinstance(journal.close(NOW), Unwritable)
    resumed, again = started(tmp_path)
    assert again is not None
    assert (resumed.epoch, resumed.number) == (model.epoch, model.number + 1)
    assert again.read(held, 1_000) == Hole(held + 1, model.number + 1)
    assert again.read(model.number, 1_000) == Hole(model.number + 1, model.number + 1)
    again.close(NOW)


def test_a_file_that_vanishes_under_the_start_is_its_refusal(tmp_path: Path) -> None:
    """So many segments to replay that the first is opened again, and by then it is gone."""
    limits = JournalLimits(segment_bytes=1)
    opened = open_journal(tmp_path, limits, Start("boot", NOW, NOW))
    assert isinstance(opened, Opened)
    journal = opened.journal
    for number in range(1, OPEN_READERS_MAX + 3):
        journal.begin_segment(b"state", NOW)
        journal.append(number, frame(number))
        journal.commit(NOW)
    journal.close(NOW)
    first, *others = segments_in(tmp_path)
    for path in others:
        flip(path, SEGMENT_HEADER_BYTES + 10)
    opened = open_journal(tmp_path, limits, Start("boot", NOW, NOW))
    assert isinstance(opened, Opened)
    content = pack_snapshot(CallModel(NOW, LINK, LICENCE).snapshot(), 1)
    recovered = replace(opened.recovered, checkpoint=Checkpoint(NOW, 0, content))
    first.unlink()
    with pytest.raises(StartRefused, match=rf"\[journal\] folder: .*{first.name}(.|\n)*J008"):
        bring_back(replace(opened, recovered=recovered), tmp_path, NOW)
    again = open_journal(tmp_path, limits, Start("boot", NOW, NOW))
    assert isinstance(again, Opened), "the folder was given free"
    again.journal.close(NOW)
