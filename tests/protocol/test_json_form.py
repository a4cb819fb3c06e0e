"""The JSON form: the four keys first, the declaration's names behind them, ids and times as text."""

import json
from dataclasses import replace

from hypothesis import given

from model.causes import Cause
from model.events import CallEvent, ConditionEvent, DeviceEvent, Event, MismatchEvent
from model.ids import ConversationId, DeviceNumber, Microseconds, RequestRef
from protocol.bodies import BODIES
from protocol.errors import Code
from protocol.json_form import event_json, gap_json, iso_time, json_line, kind_of, value_json
from protocol.messages import Gap
from protocol.packing import pack_event
from tests.protocol import samples
from tests.protocol.samples import EPOCH, call_id, established, link_event


@given(samples.events)
def test_every_event_has_the_four_keys_first_and_the_fields_of_its_declaration(event: Event) -> None:
    form = event_json(EPOCH, event)
    assert list(form)[:4] == ["epoch", "number", "kind", "time"]
    body = BODIES[kind_of(event)]
    declared = {one.name for one in body.fields} | {one.name for one in body.fixed.subcons}
    declared -= {"received_us", "flags"}
    names = {name.removesuffix("_us") for name in declared}
    if isinstance(event, DeviceEvent):
        names |= {"removed"}
    if isinstance(event, ConditionEvent):
        names |= {"over"}
    if isinstance(event, MismatchEvent):
        names = names - {"devices"} | {"device"}
    assert set(form) - {"epoch", "number", "kind", "time"} <= names
    assert json.loads(json_line(form)) == form


@given(samples.events)
def test_the_kind_is_the_wire_s(event: Event) -> None:
    assert kind_of(event) == pack_event(event)[0]


def test_a_call_event_as_the_specification_shows_it() -> None:
    event = replace(
        established(4713),
        cause=Cause.CONFERENCE,
        other=DeviceNumber("8003"),
        joined=((ConversationId(call_id(1)), ConversationId(call_id(2))),),
        request=RequestRef(3, 9),
        last_proof_us=Microseconds(0),
    )
    form = event_json(EPOCH, event)
    assert form["kind"] == "established"
    assert form["time"] == "2026-01-01T00:00:00.000000Z"
    assert form["cause"] == "conference"
    assert form["joined"] == [{"winner": f"{EPOCH}:1", "loser": f"{EPOCH}:2"}]
    assert form["request"] == {"session": 3, "number": 9}
    assert form["last_proof"] == "1970-01-01T00:00:00.000000Z"
    assert "happened" not in form
    assert form["devices"][0] == {"device": "8001", "before": "ringing", "after": "talking"}
    assert form["calls"][0]["connections"][0] == {
        "key": "N<8001>",
        "device": "8001",
        "state": "connected",
        "since": "2026-01-01T00:00:00.000000Z",
        "trunk": "",
        "monitored": True,
    }


def test_a_link_event() -> None:
    form = event_json(EPOCH, link_event(2))
    assert form["kind"] == "link_changed"
    assert (form["link"]["state"], form["link"]["reason"]) == ("down", "connection refused")


def test_a_gap_has_the_four_keys_too() -> None:
    form = gap_json(Gap(Code.NOT_HELD, EPOCH, 5, 9), samples.T0)
    assert form == {
        "epoch": EPOCH,
        "number": 5,
        "kind": "gap",
        "time": "2026-01-01T00:00:00.000000Z",
        "last": 9,
        "reason": "not_held",
    }


def test_a_line_is_one_line_and_readable() -> None:
    assert json_line({"name": "前台\n"}) == '{"name": "前台\\n"}'


def test_times_before_the_year_1000_have_four_digits() -> None:
    assert iso_time(-62_135_596_800_000_000) == "0001-01-01T00:00:00.000000Z"


def test_a_whole_snapshot_has_a_form() -> None:
    assert value_json(samples.snapshot(3, ("8001",)))["devices"][0]["kind"] == "ext"


def test_a_call_event_is_known_by_its_own_kind() -> None:
    assert isinstance(established(1), CallEvent)
    assert kind_of(established(1)).name == "ESTABLISHED"
