"""Events as lines: every kind has one, and nothing that the network sent reaches a terminal as a control character."""

from dataclasses import replace

from hypothesis import given

from model.causes import Cause
from model.centre_events import CentreEvent
from model.events import DeviceEvent, LicenceEvent, MismatchEvent
from model.ids import DeviceNumber
from model.states import LinkState, PortKind
from model.view import Device, Licence
from protocol.errors import Code
from protocol.messages import Gap
from tests.protocol import samples
from tests.protocol.centre_samples import centre_events
from tests.protocol.samples import EPOCH, T0, call, established, link_event, party
from ultra.event_lines import human_lines, json_lines, printable


def test_every_kind_has_a_line_and_no_control_characters() -> None:
    show = human_lines(colour=False)
    poison = "bad\x1b[31m\n"
    forward_to = DeviceNumber(poison)
    device = Device(DeviceNumber("8001"), PortKind.EXT, poison, "", False, False, False, True, forward_to, poison)
    lines = [
        show(EPOCH, DeviceEvent(1, T0, device, samples.change(poison), removed=True)),
        show(EPOCH, LicenceEvent(2, T0, Licence("grace", poison, 5, 9, poison))),
        show(EPOCH, MismatchEvent(3, T0, DeviceNumber(poison), poison, poison)),
        show(EPOCH, Gap(Code.NOT_HELD, EPOCH, 4, 9)),
        show(EPOCH, established(5, poison)),
        show(EPOCH, samples.condition_event(6, poison, poison)),
    ]
    assert all(line.isprintable() for line in lines)
    assert "removed unlicensed not monitored out of service do not disturb forwarded to bad\\x1b" in lines[0]
    assert f"{EPOCH}:4 … 9 not_held" in lines[3]


def test_trouble_that_lasts_has_its_beginning_and_its_end() -> None:
    show = human_lines(colour=False)
    assert show(EPOCH, samples.condition_event(6, "cdr")).endswith(" journal_unwritable cdr no space left")
    assert show(EPOCH, samples.condition_event(7, over=True)).endswith(" journal_unwritable is over")


def test_colours_stand_around_words_of_ours_only() -> None:
    line = human_lines(colour=True)(EPOCH, link_event(1, LinkState.UP))
    assert "\x1b[32mup\x1b[0m" in line


def test_an_ended_call_says_so() -> None:
    event = replace(established(1), calls=(call(1, party("8001"), ended=True),), cause=Cause.NONE)
    assert "8001 → 8001 ended" in human_lines(colour=False)(EPOCH, event)


def test_printable() -> None:
    assert printable("前台") == "前台"
    assert printable("a\tb\x9b") == "a\\x09b\\x9b"


@given(centre_events)
def test_events_of_a_cti_server_and_an_ivr_have_their_lines_too(event: CentreEvent) -> None:
    line = human_lines(colour=False)(EPOCH, event)
    assert line.isprintable()
    assert str(event.number) in line
    assert f'"number": {event.number}' in json_lines(EPOCH, event)
