"""Requests as AMI actions: what is sent, what is refused, what proves them done."""

import pytest

from gateway.links.asterisk.commands import SUPPORTED, Plan, plan
from gateway.links.asterisk.scenario import read_event
from gateway.links.asterisk.state import Leg
from gateway.links.base import CommandTarget
from model.commands import Command, CommandKind, Outcome, Refusal
from model.ids import DeviceNumber
from tests.gateway.links.asterisk.story import ANSWERED, RINGING, Story


def planned(story: Story, kind: CommandKind, device: str, key: str = "", destination: str = "") -> Plan | Outcome:
    """What a command comes to, for the connection with this key."""
    board = story.normaliser.board
    leg: Leg | None = board.channels[key].leg if key in board.channels else None
    target = CommandTarget(leg.connection, leg.state) if leg is not None else CommandTarget()
    return plan(Command(kind, DeviceNumber(device), destination=destination), target, board, "internal", 30, "own-1")


def test_make() -> None:
    made = planned(Story(), CommandKind.MAKE_CALL, "8001", destination="9138")
    assert isinstance(made, Plan)
    assert made.action == "Originate"
    assert dict(made.headers) == {
        "Channel": "PJSIP/8001", "Context": "internal", "Exten": "9138", "Priority": "1", "CallerID": "<8001>",
        "Timeout": "30000", "ChannelId": "own-1", "Async": "true",
    }  # fmt: skip
    assert made.number == "9138"
    assert made.confirm(read_event("Newchannel Uniqueid=u7")) is None
    assert made.confirm(read_event("Newchannel Uniqueid=own-1")) == Outcome()
    failed = made.confirm(read_event("OriginateResponse Uniqueid=own-1 Response=Failure Reason=0"))
    assert failed is not None
    assert failed.refusal is Refusal.REFUSED_BY_SWITCH


def test_clear() -> None:
    made = planned(Story(ANSWERED), CommandKind.CLEAR_CONNECTION, "8002", "u2")
    assert isinstance(made, Plan)
    assert (made.action, dict(made.headers)) == ("Hangup", {"Channel": "PJSIP/8002-2", "Cause": "16"})
    assert made.confirm(read_event("Hangup Uniqueid=u1")) is None
    assert made.confirm(read_event("Hangup Uniqueid=u2")) == Outcome()


def test_single_step_transfer() -> None:
    made = planned(Story(ANSWERED), CommandKind.SINGLE_STEP_TRANSFER, "8002", "u2", "8003")
    assert isinstance(made, Plan)
    assert (made.action, dict(made.headers)["Channel"]) == ("BlindTransfer", "PJSIP/8002-2")
    assert made.confirm(read_event("BlindTransfer TransfererUniqueid=u2 Result=Success")) == Outcome()
    failed = made.confirm(read_event("BlindTransfer TransfererUniqueid=u2 Result=Fail"))
    assert failed is not None
    assert failed.refusal is Refusal.REFUSED_BY_SWITCH


def test_deflect_redirects_the_caller() -> None:
    made = planned(Story(RINGING), CommandKind.DEFLECT_CALL, "8002", "u2", "8003")
    assert isinstance(made, Plan)
    assert (made.action, dict(made.headers)["Channel"]) == ("Redirect", "PJSIP/8001-1")


@pytest.mark.parametrize(
    ("beginning", "kind", "key"),
    [
        (RINGING, CommandKind.SINGLE_STEP_TRANSFER, "u2"),
        (ANSWERED, CommandKind.DEFLECT_CALL, "u2"),
        (RINGING, CommandKind.DEFLECT_CALL, "u1"),
    ],
)
def test_wrong_states(beginning: str, kind: CommandKind, key: str) -> None:
    refused = planned(Story(beginning), kind, "8002", key, "8003")
    assert isinstance(refused, Outcome)
    assert refused.refusal is Refusal.WRONG_STATE


@pytest.mark.parametrize("kind", sorted(set(CommandKind) - SUPPORTED))
def test_the_rest_is_not_supported_by_name(kind: CommandKind) -> None:
    refused = planned(Story(ANSWERED), kind, "8001", "u1", "8003")
    assert isinstance(refused, Outcome)
    assert refused.refusal is Refusal.NOT_SUPPORTED
    assert kind.name.lower() in refused.text


@pytest.mark.parametrize(
    "destination", ["", " ", "8002\r\nX: y", "8002,1", "8002&PJSIP/x", "${EVIL}", "8" * 65, "8@x", "8|1"]
)
def test_numbers_that_are_more_than_numbers_are_refused(destination: str) -> None:
    refused = planned(Story(), CommandKind.MAKE_CALL, "8001", destination=destination)
    assert isinstance(refused, Outcome)
    assert refused.refusal is Refusal.BAD_DESTINATION


def test_unknown_devices_and_connections() -> None:
    unknown = planned(Story(), CommandKind.MAKE_CALL, "9999", destination="8002")
    no_call = planned(Story(), CommandKind.CLEAR_CONNECTION, "8001")
    assert isinstance(unknown, Outcome)
    assert isinstance(no_call, Outcome)
    assert (unknown.refusal, no_call.refusal) == (Refusal.UNKNOWN_DEVICE, Refusal.UNKNOWN_CALL)
