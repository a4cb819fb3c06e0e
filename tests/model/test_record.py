"""A call's working state: who is in it, by which key, whose monitor is whose, and the value the world last saw."""

import pytest

from model.ids import CallId, ConnectionKey, ConversationId, DeviceNumber, EventId, Microseconds, SwitchCallId
from model.record import NO_KEY, CallRecord, Leg, Transfer
from model.reports import Happening
from model.states import ConnectionState


def new_call(number: int = 1) -> CallRecord:
    call_id = CallId(EventId(1, number))
    return CallRecord(call_id, ConversationId(call_id), SwitchCallId("7"), Microseconds(5))


def leg_in(record: CallRecord, device: str, *, key: str | None = None, trunk: str = "", live: bool = True) -> Leg:
    state = ConnectionState.CONNECTED if live else ConnectionState.NULL
    of = ConnectionKey(device if key is None else key)
    leg = Leg(record, of, DeviceNumber(device), state, Microseconds(5), DeviceNumber(trunk))
    record.add(leg)
    return leg


def test_live_legs_are_those_in_the_call_now() -> None:
    record, other = new_call(1), new_call(2)
    here = leg_in(record, "8001")
    leg_in(record, "8002", live=False)
    leg_in(record, "8003").record = other
    assert record.live() == [here]


def test_a_change_that_is_told_is_seen_in_the_next_value_and_the_old_value_stays() -> None:
    record = new_call()
    leg = leg_in(record, "8001")
    before = record.published()
    assert record.published() is before
    leg.state, leg.shown, record.view = ConnectionState.HOLD, None, None
    assert [one.state for one in record.published().connections] == [ConnectionState.HOLD]
    assert [one.state for one in before.connections] == [ConnectionState.CONNECTED]


def test_the_published_call_says_when_it_is_over() -> None:
    record = new_call()
    assert not record.published().ended
    record.ended_us, record.view = Microseconds(9), None
    assert record.published().ended
    assert record.published().connections == ()


def test_a_guess_learns_its_key_or_is_taken_back() -> None:
    record = new_call()
    leg = leg_in(record, "8001", key="")
    assert record.legs_by_key == {}
    record.bind(leg, ConnectionKey("D17"))
    assert (leg.key, record.legs_by_key) == ("D17", {"D17": leg})
    record.remove(leg)
    assert (record.legs, record.legs_by_key) == ([], {})


def test_taking_back_an_old_leg_leaves_the_key_to_the_new_one() -> None:
    record = new_call()
    old, new = leg_in(record, "8001", live=False), leg_in(record, "8001")
    record.remove(old)
    assert record.legs_by_key == {"8001": new}


def test_a_device_s_leg_is_the_live_one_and_a_trunk_has_one_too() -> None:
    record = new_call()
    assert record.leg_of(DeviceNumber("8001")) is None
    over = leg_in(record, "8001", key="a", live=False)
    assert record.leg_of(DeviceNumber("8001")) is over
    again = leg_in(record, "8001", key="b")
    outside = leg_in(record, "13800", trunk="T001")
    assert record.leg_of(DeviceNumber("8001")) is again
    assert record.leg_of(DeviceNumber("T001")) is record.leg_of(DeviceNumber("13800")) is outside


@pytest.mark.parametrize(
    ("monitor", "own"), [("8001", True), ("T001", True), (None, True), ("8002", False), ("", False)], ids=str
)
def test_whose_monitor_is_whose(monitor: str | None, own: bool) -> None:
    leg = leg_in(new_call(), "8001", trunk="T001")
    assert leg.is_own_monitor(None if monitor is None else DeviceNumber(monitor)) is own


def test_a_trunk_that_nobody_named_is_nobody_s_monitor() -> None:
    assert not leg_in(new_call(), "13800").is_own_monitor(DeviceNumber(""))


@pytest.mark.parametrize(
    ("device", "trunk", "numbers"),
    [("8001", "", ("8001",)), ("13800", "T001", ("13800", "T001")), ("T001", "T001", ("T001",))],
)
def test_a_leg_occupies_its_device_and_its_trunk_once(device: str, trunk: str, numbers: tuple[str, ...]) -> None:
    assert leg_in(new_call(), device, trunk=trunk).numbers() == numbers


@pytest.mark.parametrize(
    ("state", "told_by", "watched"),
    [
        (ConnectionState.CONNECTED, "8002", True),
        (ConnectionState.ALERTING, "8002", True),
        (ConnectionState.FAIL, "8002", False),
        (ConnectionState.FAIL, "8001", True),
    ],
)
def test_a_busy_party_s_monitor_is_not_in_the_call(state: ConnectionState, told_by: str, watched: bool) -> None:
    """A monitored device is watched, but for one that was busy for this call: it never heard of it."""
    leg = leg_in(new_call(), "8001")
    leg.monitored, leg.state, leg.cursors = True, state, {DeviceNumber(told_by): 1}
    assert leg.is_watched is watched


def test_starting_over_forgets_who_told_what_and_keeps_what_is_known() -> None:
    record = new_call()
    leg = leg_in(record, "8001")
    leg_in(record, "8002", live=False)
    guess = leg_in(record, "13800", key="")
    leg.history, leg.cursors = [Happening.ESTABLISHED], {DeviceNumber("8001"): 1}
    leg.joins, leg.deferred = {0: [(guess, 0)]}, {DeviceNumber("8002"): [Happening.HELD]}
    record.destinations.add(DeviceNumber("8003"))
    record.transfers.append(Transfer(frozenset({SwitchCallId("7")}), SwitchCallId("9"), None, None, [], set()))
    record.start_over()
    assert record.is_unproven
    assert (record.legs, record.legs_by_key) == ([leg, guess], {"8001": leg})
    assert (leg.history, leg.cursors, leg.joins, leg.deferred) == ([], {}, {}, {})
    assert (record.destinations, record.transfers) == (set(), [])
    assert leg.state is ConnectionState.CONNECTED


def test_the_empty_key_is_no_key() -> None:
    """Two parties without a key are two legs, and neither is found by it."""
    record = new_call()
    leg_in(record, "", key=NO_KEY)
    leg_in(record, "", key=NO_KEY)
    assert len(record.live()) == 2
    assert record.legs_by_key == {}


@pytest.mark.parametrize("connection_was_lost", [False, True])
def test_a_dissolved_call_and_its_legs_name_each_other_no_more(connection_was_lost: bool) -> None:
    record, result = new_call(1), new_call(2)
    here, left, was_left = (leg_in(record, device, live=device == "8001") for device in ("8001", "8002", "8003"))
    moved = leg_in(record, "8004")
    moved.record = result
    for leg, other in ((here, left), (left, was_left), (was_left, left), (moved, here)):
        leg.joins[0] = [(other, 1)]
    record.doubt(here, None, Microseconds(9))
    record.transfers.append(Transfer(frozenset(), record.switch_id, None, None, [(left, 1)], set()))
    if connection_was_lost:
        record.start_over()
    record.dissolve()
    assert (record.legs, record.legs_by_key, record.doubts, record.transfers, record.live()) == ([], {}, [], [], [])
    assert here.joins == left.joins == was_left.joins == {}
    assert moved.joins == ({} if connection_was_lost else {0: [(here, 1)]}), "the other call's, which goes on"
