"""How a stream begins: anew, or on from where the last process ended."""

from pathlib import Path

import pytest

from gateway.config import JournalSettings
from gateway.journal.journal import Journal
from gateway.resuming import begin
from model.core import CallModel
from model.ids import DeviceNumber, Microseconds
from model.states import LinkState, PortKind
from model.view import Device, Licence, Link
from protocol.codec import encode
from protocol.snapshots import pack_snapshot
from runtime.clock import HandClock
from runtime.tasks import StartRefused

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


def publish_something(model: CallModel, journal: Journal) -> None:
    device = Device(DeviceNumber("8001"), PortKind.EXT, "Reception", "")
    for step in (model.configure([device], Microseconds(NOW)), model.link_changed(LinkState.UP, "", Microseconds(NOW))):
        for event in step.events:
            journal.append(event.number, encode(event))
    journal.commit(NOW)


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
