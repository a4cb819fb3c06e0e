"""The checker itself must refuse what the schema refuses; else nothing that it lets pass means anything."""

import pytest

from tests.csta_schema.checker import SCHEMA, Schema

schema = Schema.read(SCHEMA.read_text(encoding="utf-8"))
NS = "http://www.ecma-international.org/standards/ecma-323/csta/ed3"


def held(inner: str) -> bytes:
    connection = "<heldConnection><callID>1</callID><deviceID>1000</deviceID></heldConnection>"
    device = "<holdingDevice><deviceIdentifier>1000</deviceIdentifier></holdingDevice>"
    text = inner.format(connection=connection, device=device)
    return f'<HeldEvent xmlns="{NS}"><monitorCrossRefID>M</monitorCrossRefID>{text}</HeldEvent>'.encode()


def test_a_right_event_passes() -> None:
    inner = "{connection}{device}<localConnectionInfo>hold</localConnectionInfo><cause>normal</cause>"
    assert schema.check(held(inner)) == []


@pytest.mark.parametrize(
    ("inner", "problem"),
    [
        ("{device}{connection}<cause>normal</cause>", "HeldEvent/heldConnection: out of order"),
        ("{connection}{device}", "HeldEvent: lacks cause"),
        ("{connection}{device}<cause>bored</cause>", "HeldEvent/cause: 'bored' is no EventCause"),
        ("{connection}{device}<cause> normal</cause>", "HeldEvent/cause: ' normal' is no EventCause"),
        ("{connection}{device}<cause>normal</cause><cause>busy</cause>", "HeldEvent/cause: repeated"),
        ("{connection}{device}<colour/><cause>normal</cause>", "HeldEvent/colour: unknown"),
        ("{connection}<holdingDevice/><cause>normal</cause>",
         "HeldEvent/holdingDevice: lacks deviceIdentifier or notKnown or restricted"),
    ],
)  # fmt: skip
def test_a_wrong_event_is_refused(inner: str, problem: str) -> None:
    assert schema.check(held(inner)) == [problem]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("<TransferredEvent/>", "TransferredEvent: no such message"),
        ("<SystemStatus/>", "SystemStatus: lacks systemStatus"),
        ("<ClearCall><callToBeCleared/></ClearCall>", "ClearCall/callToBeCleared: lacks callID or deviceID"),
        ("<CSTAErrorCode/>", "CSTAErrorCode: lacks operation or performanceManagement or privateData"),
        ("<SetDoNotDisturb><device>1</device><doNotDisturbOn>yes</doNotDisturbOn></SetDoNotDisturb>",
         "SetDoNotDisturb/doNotDisturbOn: 'yes' is no boolean"),
        ("<SetAgentState><device>1</device><requestedAgentState>ready</requestedAgentState><password>123</password>"
         "</SetAgentState>", "SetAgentState/password: '123' is no hex"),
        ("<GetForwardingResponse><forwardingList><item/></forwardingList></GetForwardingResponse>",
         "GetForwardingResponse/forwardingList/item: no forwardListItem"),
    ],
)  # fmt: skip
def test_a_wrong_message_is_refused(body: str, problem: str) -> None:
    assert any(found.startswith(problem) for found in schema.check(body.encode()))
