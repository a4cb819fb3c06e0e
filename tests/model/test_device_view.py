"""What an operator sees of a device: the rule as a table, from flags, connections, the calls they are in, the link."""

import pytest

from model.device_view import device_state, state_if_up
from model.ids import (
    NO_DEVICE,
    CallId,
    ConnectionKey,
    ConversationId,
    DeviceNumber,
    EventId,
    Microseconds,
    SwitchCallId,
)
from model.states import ConnectionState, DeviceState, LinkState, PortKind
from model.view import Call, Connection, Device, Link

DEVICE = "8001"
PLAIN = Device(DeviceNumber(DEVICE), PortKind.EXT, "", "", monitored=True)


def call(text: str, calling: str = "8002") -> tuple[Connection, Call]:
    """``connected with 8002 alerting, 8003 hold``: our device's connection, and the call it is in."""
    own, _, others = text.partition(" with ")
    parties = [f"{DEVICE} {own}", *(others.split(", ") if others else [])]
    connections = tuple(connection(party) for party in parties)
    call_id = CallId(EventId(1, 1))
    found = Call(
        call_id,
        ConversationId(call_id),
        SwitchCallId("1"),
        Microseconds(0),
        DeviceNumber(calling),
        DeviceNumber("8009"),
        NO_DEVICE,
        connections,
    )
    return connections[0], found


def connection(text: str) -> Connection:
    """``13800@T001 connected``."""
    name, state = text.split()
    number, _, trunk = name.partition("@")
    key = ConnectionKey(trunk or number)
    return Connection(key, DeviceNumber(number), ConnectionState[state.upper()], Microseconds(0), DeviceNumber(trunk))


@pytest.mark.parametrize(
    ("text", "calling", "state"),
    [
        ("initiated", DEVICE, DeviceState.OFF_HOOK),
        ("connected", DEVICE, DeviceState.DIALLING),
        ("connected with 8002 alerting", DEVICE, DeviceState.DIALLING),
        ("connected with 8002 queued", DEVICE, DeviceState.DIALLING),
        ("connected with 8002 fail", DEVICE, DeviceState.DIALLING),
        ("connected with 8002 connected", DEVICE, DeviceState.TALKING),
        ("connected with 8002 connected", "8002", DeviceState.TALKING),
        ("connected with 8002 hold", "8002", DeviceState.TALKING),
        ("connected with 8002 connected, 8003 alerting", "8002", DeviceState.TALKING),
        ("connected with 13800@T001 connected", "13800", DeviceState.TALKING),
        ("alerting with 8002 connected", "8002", DeviceState.RINGING),
        ("hold with 8002 connected", "8002", DeviceState.HELD),
        ("queued with 8002 connected", "8002", DeviceState.QUEUED),
        ("fail", DEVICE, DeviceState.FAILED),
        ("connected", "8002", DeviceState.OFF_HOOK),
        ("null", "8002", DeviceState.UNKNOWN),
    ],
)
def test_one_call(text: str, calling: str, state: DeviceState) -> None:
    assert state_if_up(PLAIN, [call(text, calling)]) is state


@pytest.mark.parametrize(
    ("texts", "state"),
    [
        (["hold with 8002 connected", "connected with 8003 connected"], DeviceState.TALKING),
        (["hold with 8002 connected", "alerting with 8003 connected"], DeviceState.RINGING),
        (["hold with 8002 connected", "initiated"], DeviceState.OFF_HOOK),
        (["hold with 8002 connected", "fail"], DeviceState.FAILED),
        (["hold with 8002 connected", "queued with 8003 connected"], DeviceState.QUEUED),
        (["connected with 8002 connected", "alerting with 8003 connected"], DeviceState.TALKING),
        (["initiated", "alerting with 8003 connected"], DeviceState.RINGING),
        (["hold with 8002 connected", "hold with 8003 connected"], DeviceState.HELD),
    ],
)
def test_of_several_calls_the_foremost_is_shown_in_whatever_order(texts: list[str], state: DeviceState) -> None:
    pairs = [call(text) for text in texts]
    assert state_if_up(PLAIN, pairs) is state
    assert state_if_up(PLAIN, reversed(pairs)) is state


@pytest.mark.parametrize(
    ("licensed", "in_service", "monitored", "state"),
    [
        (True, True, True, DeviceState.IDLE),
        (True, True, False, DeviceState.UNKNOWN),
        (True, False, True, DeviceState.OUT_OF_SERVICE),
        (True, False, False, DeviceState.OUT_OF_SERVICE),
        (False, True, False, DeviceState.UNLICENSED),
        (False, False, True, DeviceState.UNLICENSED),
    ],
)
def test_without_a_call_its_flags_tell(licensed: bool, in_service: bool, monitored: bool, state: DeviceState) -> None:
    device = Device(
        DeviceNumber(DEVICE), PortKind.EXT, "", "", licensed=licensed, monitored=monitored, in_service=in_service
    )
    assert state_if_up(device, []) is state


def test_a_call_is_seen_whatever_the_flags_say() -> None:
    """A device that talks is not out of service, though nobody said that it is back."""
    mute = Device(DeviceNumber(DEVICE), PortKind.EXT, "", "", in_service=False)
    assert state_if_up(mute, [call("connected with 8002 connected")]) is DeviceState.TALKING


def test_without_a_seat_nothing_else_is_shown() -> None:
    unseated = Device(DeviceNumber(DEVICE), PortKind.EXT, "", "", licensed=False)
    assert state_if_up(unseated, [call("connected with 8002 connected")]) is DeviceState.UNLICENSED


def test_a_trunk_talks_when_the_party_behind_it_does() -> None:
    trunk = Device(DeviceNumber("T001"), PortKind.TRUNK, "", "", monitored=True)
    for inside, calling, state in (
        ("8001 alerting", "13800", DeviceState.DIALLING),
        ("8001 connected", "13800", DeviceState.TALKING),
        ("8001 connected", "8001", DeviceState.TALKING),
    ):
        _, held = call("connected", calling)
        own = connection("13800@T001 connected")
        parties = (own, connection(inside))
        held = Call(held.call_id, held.conversation_id, held.switch_call_id, held.began_us, DeviceNumber(calling),
                    held.called, NO_DEVICE, parties)  # fmt: skip
        assert state_if_up(trunk, [(own, held)]) is state


@pytest.mark.parametrize("state", LinkState, ids=lambda state: state.name)
def test_while_the_link_is_not_up_nothing_is_known(state: LinkState) -> None:
    link = Link(state, "test", "", Microseconds(0))
    seen = device_state(PLAIN, link, [call("connected with 8002 connected")])
    assert seen is (DeviceState.TALKING if state.is_up else DeviceState.UNKNOWN)
