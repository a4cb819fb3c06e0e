"""What a screen shows of a mirror: states, words for calls, who is in them."""

from dataclasses import replace

import pytest

from model.ids import DeviceNumber
from model.states import ConnectionState, DeviceState, LinkState, PortKind
from model.view import Device
from tests.protocol.samples import T0
from tests.ultra.board.sites import SECOND_US, call, ports, small_site, watch
from ultra.board.rows import call_rows, call_word, counts, device_rows, named, no_connection

C, H, A, Q, F, I = (  # noqa: E741 — as the standard's tables abbreviate them
    ConnectionState.CONNECTED,
    ConnectionState.HOLD,
    ConnectionState.ALERTING,
    ConnectionState.QUEUED,
    ConnectionState.FAIL,
    ConnectionState.INITIATED,
)


def test_devices_stand_in_order_with_the_state_of_their_calls() -> None:
    seen = watch(
        [*ports(PortKind.EXT, 8001, 3), *ports(PortKind.TRUNK, 1, 1, "T"), *ports(PortKind.EXT, 90, 1, "00")],
        (call(1, ("13900001111", C, "T001"), ("8001", C, "")), call(2, ("8002", C, ""), ("8003", A, ""))),
    )
    assert seen.mirror is not None
    rows = device_rows(seen.mirror, seen.mirror.link)
    assert [(row.number, row.state) for row in rows] == [
        ("0090", DeviceState.IDLE),
        ("8001", DeviceState.TALKING),
        ("8002", DeviceState.DIALLING),
        ("8003", DeviceState.RINGING),
        ("T001", DeviceState.TALKING),
    ]
    assert counts(rows) == {
        DeviceState.IDLE: 1, DeviceState.TALKING: 2, DeviceState.DIALLING: 1, DeviceState.RINGING: 1
    }  # fmt: skip


def test_nothing_is_known_without_a_connection() -> None:
    seen = watch(small_site(), (call(1, ("8001", C, ""), ("8002", C, "")),))
    assert seen.mirror is not None
    link = no_connection(seen.mirror, "gone")
    assert (link.state, link.reason) == (LinkState.DOWN, "gone")
    assert set(counts(device_rows(seen.mirror, link))) == {DeviceState.UNKNOWN}


@pytest.mark.parametrize(
    ("states", "word"),
    [
        ((C, C), "talking"),
        ((C, C, C), "conference"),
        ((C, A), "ringing"),
        ((C, H), "held"),
        ((C, Q), "queued"),
        ((C, F), "failed"),
        ((I,), "off hook"),
        ((C,), "dialling"),
        ((), "dialling"),
    ],
)
def test_the_word_for_a_call(states: tuple[ConnectionState, ...], word: str) -> None:
    parties = [(f"800{index}", state, "") for index, state in enumerate(states, 1)]
    assert call_word(call(1, *parties, calling="8001", called="8002")) == word


def test_who_is_left_alone_is_hanging_up() -> None:
    assert call_word(call(1, ("8002", C, ""), calling="8001", called="8002")) == "hanging up"


def test_the_oldest_call_stands_first_and_parties_are_told_once() -> None:
    seen = watch(
        small_site(),
        (
            call(9, ("8001", C, ""), ("8009", C, "")),
            call(3, ("13900001111", C, "T001"), ("8002", C, ""), calling="13900001111", called="6000"),
            call(5, ("13900002222", C, "T002"), ("8003", C, ""), calling="8001", called="8003"),
        ),
    )
    assert seen.mirror is not None
    rows = call_rows(seen.mirror, T0 + 20 * SECOND_US)
    assert [(row.party_from, row.party_to, row.parties, row.seconds) for row in rows] == [
        ("13900001111", "6000", "T001, 8002", 17),
        ("座席 8001", "座席 8003", "T002/13900002222, 8003", 15),
        ("座席 8001", "8009 前台 Reception", "8001, 8009", 11),
    ]


def test_a_hidden_caller_and_a_clock_that_is_behind() -> None:
    hidden = replace(call(3, ("", C, "T001"), ("8002", A, "")), calling=DeviceNumber(""), called=DeviceNumber(""))
    seen = watch(small_site(), (hidden,))
    assert seen.mirror is not None
    (row,) = call_rows(seen.mirror, 0)
    assert (row.party_from, row.party_to, row.parties, row.seconds) == ("anonymous", "?", "T001, 8002", 0)


def test_a_name_that_holds_the_number_stands_alone() -> None:
    assert named("8001", "座席 8001") == "座席 8001"
    assert named("8001", "前台") == "8001 前台"
    assert named("8001", "") == "8001"
    assert named("", "") == ""


def test_an_unlicensed_device_is_seen_as_such() -> None:
    seen = watch([Device(DeviceNumber("8001"), PortKind.EXT, "", "", licensed=False, reason="no seat")])
    assert seen.mirror is not None
    assert device_rows(seen.mirror, seen.mirror.link)[0].state is DeviceState.UNLICENSED
