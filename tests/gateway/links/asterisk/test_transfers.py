"""The events that name a transfer or a pickup."""

import pytest

from tests.gateway.links.asterisk.story import ANSWERED, BLIND_TRANSFER, RINGING, Story, kinds


def test_a_blind_transfer_takes_the_unhold_with_it() -> None:
    story = Story(ANSWERED)
    story.tell("Hold Channel=PJSIP/8001-1 Uniqueid=u1")
    told = story.tell(
        "Unhold Channel=PJSIP/8001-1 Uniqueid=u1\n"
        + BLIND_TRANSFER
        + "\nHangup Channel=PJSIP/8001-1 Uniqueid=u1 Cause=16"
    )
    assert kinds(told) == ["TRANSFERRED by"]
    assert story.wait() == []


def test_a_blind_transfer_that_failed_is_none() -> None:
    assert Story(ANSWERED).tell(BLIND_TRANSFER.replace("Success", "Fail")) == []


def test_a_blind_transfer_to_the_park_is_the_park() -> None:
    story = Story(ANSWERED)
    told = story.tell(
        "ParkedCall ParkeeChannel=PJSIP/8002-2 ParkeeUniqueid=u2 ParkingSpace=701 ParkerDialString=PJSIP/8001\n"
        + BLIND_TRANSFER
    )
    assert kinds(told) == ["DIVERTED 8001", "QUEUED 701"]


@pytest.mark.parametrize("result", ["Fail", "Invalid", "Not Permitted"])
def test_an_attended_transfer_that_failed_is_none(result: str) -> None:
    told = Story(ANSWERED).tell(
        f"AttendedTransfer Result='{result}' OrigTransfererChannel=PJSIP/8001-1 OrigTransfererUniqueid=u1 "
        "SecondTransfererUniqueid=u1"
    )
    assert told == []


@pytest.mark.parametrize("dial_end_first", [True, False])
def test_a_pickup_in_either_order(dial_end_first: bool) -> None:
    story = Story(RINGING)
    story.tell("Newchannel Channel=PJSIP/8003-3 Uniqueid=u3 ChannelStateDesc=Ring Exten=*88002")
    dial_end = "DialEnd Channel=PJSIP/8001-1 Uniqueid=u1 DestChannel=PJSIP/8003-3 DestUniqueid=u3 DialStatus=ANSWER"
    pickup = "Pickup Channel=PJSIP/8003-3 Uniqueid=u3 TargetUniqueid=u2"
    lines = [dial_end, pickup] if dial_end_first else [pickup, dial_end]
    told = story.tell("\n".join([*lines, "Hangup Channel=PJSIP/8002-2 Uniqueid=u2 Cause=26"]))
    assert kinds(told) == ["CONNECTION_CLEARED 8003", "DIVERTED 8002", "ESTABLISHED 8003"]
    assert {line.split()[4] for line in told} == {"callPickup"}


def test_a_pickup_of_a_channel_that_never_began_is_poison() -> None:
    story = Story("Newchannel Channel=PJSIP/8003-3 Uniqueid=u3 ChannelStateDesc=Ring Exten=*88002")
    told = story.tell("Pickup Channel=PJSIP/8003-3 Uniqueid=u3 TargetUniqueid=u77")
    assert kinds(told) == ["ALARM ami_poisoned:", "SNAPSHOT WANTED"]
