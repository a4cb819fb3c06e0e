"""The owner's moves, each of which keeps the invariants by itself, and the limits of time in the document."""

import re
from importlib import import_module
from pkgutil import iter_modules

import pytest

import model
from model.causes import Cause
from model.events import CallEvent, CallEventKind, DeviceEvent, MismatchEvent
from model.expectations import EXPECTED_US
from model.ids import CallId, ConnectionKey, ConversationId, DeviceNumber, EventId, Microseconds, SwitchCallId
from model.reconcile import ABSENCES_TO_END
from model.record import CallRecord, Leg
from model.state import (
    ASK_AGAIN_US,
    DOUBT_US,
    VERIFY_UNWATCHED_US,
    VERIFY_US,
    AskCall,
    AskDevice,
    ModelState,
    Step,
)
from model.states import ConnectionState, DeviceState, LinkState, PortKind
from model.switch_ids import TOMBSTONE_US
from model.view import Device, Licence, Link
from tests.rules.source_tree import ROOT

NOW, LATER = Microseconds(1_000_000), Microseconds(2_000_000)
SEVEN = SwitchCallId("7")


@pytest.fixture
def s() -> ModelState:
    """A state with the monitored extensions 8001 and 8002 and the trunk T001, nothing left to take."""
    link = Link(LinkState.UP, "test", "", Microseconds(0))
    made = ModelState(3, link, Licence("evaluation", "", 32, 2, ""), single_appearance=True)
    for number, kind in (("8001", PortKind.EXT), ("8002", PortKind.EXT), ("T001", PortKind.TRUNK)):
        made.set_device(Device(DeviceNumber(number), kind, "", "", monitored=True), Microseconds(0))
    made.take_step()
    return made


def joined(s: ModelState, record: CallRecord, device: str, moved: ConnectionState = ConnectionState.CONNECTED) -> Leg:
    leg = s.add_leg(record, ConnectionKey(device), DeviceNumber(device), NOW)
    s.set_leg(leg, moved, NOW)
    return leg


def told(step: Step) -> CallEvent:
    (event,) = step.events
    assert isinstance(event, CallEvent)
    return event


def test_a_call_s_id_is_the_number_of_the_event_that_began_it(s: ModelState) -> None:
    record = s.begin(SEVEN, NOW)
    joined(s, record, "8001")
    s.publish(CallEventKind.ESTABLISHED, NOW, DeviceNumber("8001"))
    event = told(s.take_step())
    assert record.call_id == CallId(EventId(3, event.number))
    assert record.conversation_id == ConversationId(EventId(3, event.number))
    assert s.ids.live(SEVEN) is s.calls[record.call_id] is record


def test_a_leg_and_its_trunk_occupy_their_devices_while_it_lives(s: ModelState) -> None:
    record = s.begin(SEVEN, NOW)
    leg = s.add_leg(record, ConnectionKey("T001"), DeviceNumber("13800"), NOW, trunk=DeviceNumber("T001"))
    assert leg.monitored, "its trunk's monitor is its own"
    assert s.devices.legs_of(DeviceNumber("T001")) == []
    s.set_leg(leg, ConnectionState.CONNECTED, NOW)
    assert s.devices.legs_of(DeviceNumber("T001")) == s.devices.legs_of(DeviceNumber("13800")) == [leg]
    s.set_leg(leg, ConnectionState.NULL, NOW)
    assert s.devices.legs_of(DeviceNumber("T001")) == []


def test_the_same_state_again_is_no_change(s: ModelState) -> None:
    leg = joined(s, s.begin(SEVEN, NOW), "8001")
    s.publish(CallEventKind.ESTABLISHED, NOW, leg.device)
    s.set_leg(leg, ConnectionState.CONNECTED, LATER)
    assert leg.since_us == NOW
    assert not s.has_changes()


def test_whom_a_leg_stands_for_is_learnt_and_never_unlearned(s: ModelState) -> None:
    record = s.begin(SEVEN, NOW)
    leg = s.add_leg(record, ConnectionKey("x"), DeviceNumber(""), NOW)
    s.set_leg(leg, ConnectionState.ALERTING, NOW)
    s.rename_leg(leg, DeviceNumber("8001"), DeviceNumber(""))
    assert (leg.device, leg.monitored, s.devices.legs_of(DeviceNumber("8001"))) == ("8001", True, [leg])
    s.rename_leg(leg, DeviceNumber("8002"), DeviceNumber(""))
    assert (leg.device, s.devices.legs_of(DeviceNumber("8002"))) == ("8001", [])


def test_one_event_tells_all_that_changed_and_only_once(s: ModelState) -> None:
    record = s.begin(SEVEN, NOW)
    joined(s, record, "8001")
    joined(s, record, "8002", ConnectionState.ALERTING)
    assert not s.has_changes(), "of a call that nobody has seen there is no change to tell"
    s.publish(CallEventKind.DELIVERED, NOW, DeviceNumber("8002"), Cause.NEW_CALL)
    event = told(s.take_step())
    assert [call.call_id for call in event.calls] == [record.call_id]
    assert {(one.device, one.before, one.after) for one in event.devices} == {
        ("8001", DeviceState.IDLE, DeviceState.DIALLING),
        ("8002", DeviceState.IDLE, DeviceState.RINGING),
    }
    s.publish(CallEventKind.CALL_INFORMATION, LATER, DeviceNumber("8001"))
    assert told(s.take_step()).calls == ()


def test_numbers_have_no_hole_whatever_is_told(s: ModelState) -> None:
    s.publish(CallEventKind.CALL_INFORMATION, NOW, DeviceNumber("8001"))
    s.mismatch(NOW, DeviceNumber("8001"), SEVEN, "impossible")
    s.flag_device(DeviceNumber("8001"), NOW, in_service=False)
    numbers = [event.number for event in s.take_step().events]
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_an_ended_call_leaves_no_leg_behind_and_is_told_for_the_last_time(s: ModelState) -> None:
    record = s.begin(SEVEN, NOW)
    joined(s, record, "8001")
    joined(s, record, "8002")
    s.publish(CallEventKind.ESTABLISHED, NOW, DeviceNumber("8002"))
    s.end(record, LATER)
    s.publish(CallEventKind.CALL_CLEARED, LATER, DeviceNumber("8001"))
    event = s.take_step().events[-1]
    assert isinstance(event, CallEvent)
    assert [(call.ended, call.connections) for call in event.calls] == [(True, ())]
    assert {one.after for one in event.devices} == {DeviceState.IDLE}
    assert (s.calls, s.ids.live(SEVEN)) == ({}, None)
    assert s.ids.meant_by(SEVEN, None) is record, "its tombstone"
    s.touch_view(record)
    assert not s.has_changes(), "over is over"


def test_a_call_that_began_and_ended_unseen_is_never_told(s: ModelState) -> None:
    record = s.begin(SEVEN, NOW)
    joined(s, record, "8001")
    s.end(record, NOW)
    s.publish(CallEventKind.CONNECTION_CLEARED, NOW, DeviceNumber("8001"))
    assert told(s.take_step()).calls == ()


def test_a_call_taken_back_was_never_there(s: ModelState) -> None:
    record = s.begin(SEVEN, NOW)
    s.forget(record)
    assert (s.calls, s.ids.meant_by(SEVEN, None), s.has_changes()) == ({}, None, False)


def test_a_call_is_asked_for_once_until_its_answer_is_overdue(s: ModelState) -> None:
    record = s.begin(SEVEN, NOW)
    joined(s, record, "13800")
    joined(s, record, "8002")
    for after_us in (0, 1, ASK_AGAIN_US - 1, ASK_AGAIN_US):
        s.ask_call(record, Microseconds(NOW + after_us))
    watched = AskCall(SEVEN, ConnectionKey("8002"))
    assert s.take_step().asks == (watched, watched), "at a device that has a monitor: there the switch surely answers"


def test_questions_about_what_we_do_not_hold(s: ModelState) -> None:
    s.ask_switch_id(SEVEN, ConnectionKey("x"))
    s.ask_device(DeviceNumber("8001"))
    assert s.take_step().asks == (AskCall(SEVEN, ConnectionKey("x")), AskDevice(DeviceNumber("8001")))


def test_a_call_without_a_monitored_party_is_verified_soon(s: ModelState) -> None:
    record = s.begin(SEVEN, NOW)
    joined(s, record, "13800")
    s.verify_later(record, NOW)
    assert record.verify_us == NOW + VERIFY_UNWATCHED_US
    joined(s, record, "8001")
    s.verify_later(record, NOW)
    assert record.verify_us == NOW + VERIFY_US


def test_a_mismatch_is_counted_always_and_told_while_the_link_is_up(s: ModelState) -> None:
    s.mismatch(NOW, None, SEVEN, "held of 8001 while alerting")
    (event,) = s.take_step().events
    assert isinstance(event, MismatchEvent)
    assert (event.device, event.switch_call_id, event.text) == ("", "7", "held of 8001 while alerting")
    s.link = Link(LinkState.INITIALISING, "test", "", NOW)
    s.mismatch(NOW, None, SEVEN, "held of 8001 while alerting")
    assert s.take_step().events == ()
    assert s.counts["mismatch"] == 2


def test_a_device_that_is_as_it_was_is_not_told(s: ModelState) -> None:
    held = s.devices.configured[DeviceNumber("8001")]
    s.set_device(held, LATER)
    s.flag_device(DeviceNumber("8001"), LATER, in_service=True)
    s.flag_device(DeviceNumber("7777"), LATER, in_service=False)
    assert s.take_step().events == ()
    s.set_device(held, LATER, removed=True)
    (event,) = s.take_step().events
    assert isinstance(event, DeviceEvent)
    assert (event.removed, event.change.before, event.change.after) == (
        True,
        DeviceState.IDLE,
        DeviceState.NOT_CONFIGURED,
    )


def test_a_call_over_before_it_was_heard_of_leaves_a_tombstone_and_no_event(s: ModelState) -> None:
    record = s.bury_unseen(SEVEN, NOW)
    assert s.ids.live(SEVEN) is None
    assert s.ids.meant_by(SEVEN, DeviceNumber("8001")) is record
    assert not s.has_changes()
    assert s.calls == {}


def test_starting_over_keeps_the_calls_and_forgets_the_tombstones(s: ModelState) -> None:
    record = s.begin(SEVEN, NOW)
    joined(s, record, "8001")
    s.bury_unseen(SwitchCallId("8"), NOW)
    s.start_over()
    assert record.is_unproven
    assert s.ids.live(SEVEN) is record
    assert s.ids.meant_by(SwitchCallId("8"), None) is None


def test_the_document_has_every_limit_as_it_is() -> None:
    """docs/callmodel.md, *Limits*: ``| `NAME` | value | why |``; each constant of the model is there, none other."""
    text = (ROOT / "docs" / "callmodel.md").read_text(encoding="utf-8")
    documented = {
        found[1]: found[2].replace("\u202f", " ")
        for found in re.finditer(r"^\| `([A-Z_]+)` \| ([^|]+?) \|", text, re.M)
    }
    times = {
        "TOMBSTONE_US": TOMBSTONE_US,
        "EXPECTED_US": EXPECTED_US,
        "VERIFY_US": VERIFY_US,
        "VERIFY_UNWATCHED_US": VERIFY_UNWATCHED_US,
        "ASK_AGAIN_US": ASK_AGAIN_US,
        "DOUBT_US": DOUBT_US,
    }
    modules = [import_module(f"model.{module.name}") for module in iter_modules(model.__path__)]
    of_the_code = {name for module in modules for name in vars(module) if name.endswith("_US")}
    assert of_the_code == set(times), "a limit of the model that neither this test nor the document knows"
    assert documented == {
        **{name: f"{limit / 1_000_000:g} s" for name, limit in times.items()},
        "ABSENCES_TO_END": str(ABSENCES_TO_END),
    }
