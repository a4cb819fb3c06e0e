"""What is packed by hand is what the declaration says: construct reads it, and builds the same bytes again."""

import struct
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from model.events import Event
from model.ids import SwitchCallId
from model.view import Call, Device, Licence, Link
from protocol.bodies import BODIES
from protocol.codec import decode_snapshot
from protocol.kinds import Kind
from protocol.packing import pack_event, snapshot_body
from tests.protocol import samples
from tests.protocol.samples import call, established, party


def built_again(kind: int, body: bytes) -> bytes:
    values: Any = BODIES[Kind(kind)].parse(body)
    return BODIES[Kind(kind)].build(values)


@given(samples.events)
def test_events_are_packed_as_declared(event: Event) -> None:
    kind, body = pack_event(event)
    assert built_again(kind, body) == body


@given(samples.calls | samples.devices | samples.links | samples.licences)
def test_snapshot_parts_are_packed_as_declared_and_come_back(part: Call | Device | Link | Licence) -> None:
    kind, body = snapshot_body(part)
    assert built_again(kind, body) == body
    assert decode_snapshot(kind, body) == part


def test_a_text_that_does_not_fit_is_our_mistake() -> None:
    too_long = replace(call(1, party("8001")), switch_call_id=SwitchCallId("x" * 70_000))
    with pytest.raises(struct.error):
        snapshot_body(too_long)


def test_the_event_of_a_two_party_call_stays_small() -> None:
    assert len(pack_event(established(1))[1]) < 200
