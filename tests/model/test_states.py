"""States: their numbers are wire values, so this table may grow and never change."""

from enum import IntEnum

import pytest

from model.states import ConnectionState, DeviceState, LinkState, PortKind

WIRE: dict[type[IntEnum], tuple[str, ...]] = {
    ConnectionState: ("0 NULL", "1 INITIATED", "2 ALERTING", "3 CONNECTED", "4 HOLD", "5 QUEUED", "6 FAIL"),
    DeviceState: (
        "0 NOT_CONFIGURED",
        "1 IDLE",
        "2 OFF_HOOK",
        "3 DIALLING",
        "4 RINGING",
        "5 TALKING",
        "6 HELD",
        "7 QUEUED",
        "8 FAILED",
        "9 OUT_OF_SERVICE",
        "10 UNLICENSED",
        "11 UNKNOWN",
    ),
    LinkState: ("0 DOWN", "1 CONNECTING", "2 LOGGING_IN", "3 INITIALISING", "4 UP", "5 REFUSED", "6 DEGRADED"),
    PortKind: ("1 TRUNK", "2 EXT", "3 IVR", "4 QUEUE"),
}


@pytest.mark.parametrize("states", WIRE, ids=lambda states: states.__name__)
def test_a_number_once_given_keeps_its_meaning(states: type[IntEnum]) -> None:
    known = [f"{state.value} {state.name}" for state in states]
    assert tuple(known[: len(WIRE[states])]) == WIRE[states]


@pytest.mark.parametrize("states", WIRE, ids=lambda states: states.__name__)
def test_a_number_fits_the_byte_it_travels_in(states: type[IntEnum]) -> None:
    assert all(0 <= state <= 255 for state in states)


def test_calls_are_known_while_the_link_is_up_or_degraded_only() -> None:
    assert {state for state in LinkState if state.is_up} == {LinkState.UP, LinkState.DEGRADED}
