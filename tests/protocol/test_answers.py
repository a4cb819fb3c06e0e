"""Queries are answered from the snapshot; an agent's from what is its own."""

import pytest

from model.ids import DeviceNumber
from protocol.answers import answer_query
from protocol.errors import Code
from protocol.kinds import Kind
from protocol.requests import Reply, Request
from tests.protocol import samples
from tests.protocol.samples import call, call_id, party

CALL = call(1, party("8001"), party("8002"))
STATE = samples.snapshot(9, ("8001", "8002"), (CALL,))


@pytest.mark.parametrize(
    ("request_made", "own_device", "reply"),
    [
        (Request(Kind.QUERY_LINK), None, Reply(link=samples.LINK, licence=samples.LICENCE)),
        (Request(Kind.QUERY_DEVICE, DeviceNumber("8002")), None, Reply(device=samples.device("8002"))),
        (Request(Kind.QUERY_CALL, call_id=call_id(1)), None, Reply(call=CALL, call_id=call_id(1))),
        (Request(Kind.QUERY_CALL, call_id=call_id(1)), "8002", Reply(call=CALL, call_id=call_id(1))),
    ],
)
def test_what_is_there(request_made: Request, own_device: str | None, reply: Reply) -> None:
    assert answer_query(request_made, STATE, own_device) == reply


@pytest.mark.parametrize(
    ("request_made", "own_device", "code"),
    [
        (Request(Kind.QUERY_DEVICE, DeviceNumber("9999")), None, Code.UNKNOWN_DEVICE),
        (Request(Kind.QUERY_CALL, call_id=call_id(2)), None, Code.UNKNOWN_CALL),
        (Request(Kind.QUERY_CALL, call_id=call_id(1)), "8003", Code.UNKNOWN_CALL),
    ],
)
def test_what_is_not(request_made: Request, own_device: str | None, code: Code) -> None:
    assert answer_query(request_made, STATE, own_device).code is code
