"""Which call an id means: generations of an id, monitors that have not finished with an old one, tombstones."""

from dataclasses import dataclass, field

from model.ids import CallId, ConnectionKey, ConversationId, DeviceNumber, EventId, Microseconds, SwitchCallId
from model.record import CallRecord, Leg, Transfer
from model.reports import Happening
from model.states import ConnectionState
from model.switch_ids import TOMBSTONE_US, SwitchIds, is_finished

A, B, C = DeviceNumber("8001"), DeviceNumber("8002"), DeviceNumber("8003")
SEVEN, EIGHT = SwitchCallId("7"), SwitchCallId("8")


@dataclass
class Register:
    """Switch ids and the calls that were put in, numbered as they begin."""

    ids: SwitchIds = field(default_factory=SwitchIds)
    begun: int = 0

    def begins(self, switch_id: SwitchCallId, *parties: DeviceNumber) -> CallRecord:
        self.begun += 1
        call_id = CallId(EventId(1, self.begun))
        record = CallRecord(call_id, ConversationId(call_id), switch_id, us(self.begun))
        for party in parties:
            leg = Leg(record, ConnectionKey(party), party, ConnectionState.CONNECTED, us(0))
            leg.history = [Happening.ESTABLISHED]
            leg.cursors = dict.fromkeys(parties, 1)
            record.add(leg)
        self.ids.add(record)
        return record

    def ends(self, record: CallRecord, seconds: float, *, told_by: tuple[DeviceNumber, ...]) -> None:
        for leg in record.legs:
            leg.state = ConnectionState.NULL
            leg.history.append(Happening.CONNECTION_CLEARED)
            leg.cursors |= dict.fromkeys(told_by, 2)
        record.ended_us = us(seconds)
        self.ids.bury(record, us(seconds))


def us(seconds: float) -> Microseconds:
    return Microseconds(int(seconds * 1_000_000))


def test_an_id_never_heard_of_means_nothing() -> None:
    ids = SwitchIds()
    assert ids.live(SEVEN) is None
    assert ids.meant_by(SEVEN, A) is None


def test_any_text_is_an_id() -> None:
    """ "0", "-12" and the empty one are as good as others."""
    for text in ("0", "-12", ""):
        register = Register()
        record = register.begins(SwitchCallId(text), A, B)
        assert register.ids.live(SwitchCallId(text)) is record


def test_an_ended_call_is_still_meant_by_late_reports() -> None:
    register = Register()
    old = register.begins(SEVEN, A, B)
    register.ends(old, 10, told_by=(A,))
    assert register.ids.live(SEVEN) is None
    assert register.ids.meant_by(SEVEN, B) is old


def test_each_monitor_goes_on_to_the_new_call_when_it_has_finished_with_the_old_one() -> None:
    register = Register()
    old = register.begins(SEVEN, A, B)
    register.ends(old, 10, told_by=(A,))
    new = register.begins(SEVEN, A, B)
    assert register.ids.live(SEVEN) is new
    assert register.ids.meant_by(SEVEN, A) is new
    assert register.ids.meant_by(SEVEN, B) is old
    for leg in old.legs:
        leg.cursors[B] = 2
    assert register.ids.meant_by(SEVEN, B) is new


def test_who_was_never_in_the_old_call_means_the_new_one() -> None:
    register = Register()
    register.ends(register.begins(SEVEN, A, B), 10, told_by=())
    new = register.begins(SEVEN, A, C)
    assert register.ids.meant_by(SEVEN, C) is new
    assert register.ids.meant_by(SEVEN, None) is new


def test_who_the_old_call_was_diverted_to_may_still_report_it() -> None:
    register = Register()
    old = register.begins(SEVEN, A, B)
    old.destinations.add(C)
    register.ends(old, 10, told_by=(A, B))
    register.begins(SEVEN, A, B)
    assert register.ids.meant_by(SEVEN, C) is old


def test_an_id_that_a_transfer_ended_is_finished_for_whom_told_the_transfer() -> None:
    register = Register()
    old = register.begins(SEVEN, A, B)
    old.transfers.append(Transfer(frozenset({SEVEN, EIGHT}), SwitchCallId("9"), A, C, [], {A}))
    assert is_finished(old, SEVEN, A)
    assert not is_finished(old, SEVEN, B)
    assert not is_finished(old, SwitchCallId("9"), A), "the new id is alive for everybody"


def test_a_tombstone_stands_for_its_time_and_no_longer() -> None:
    register = Register()
    old = register.begins(SEVEN, A, B)
    register.ends(old, 10, told_by=())
    register.ids.prune(Microseconds(us(10) + TOMBSTONE_US - 1))
    assert register.ids.meant_by(SEVEN, B) is old
    register.ids.prune(Microseconds(us(10) + TOMBSTONE_US))
    assert register.ids.meant_by(SEVEN, B) is None


def test_pruning_an_old_generation_leaves_the_new_one() -> None:
    register = Register()
    register.ends(register.begins(SEVEN, A, B), 10, told_by=())
    new = register.begins(SEVEN, A, B)
    register.ids.prune(Microseconds(us(10) + TOMBSTONE_US))
    assert register.ids.meant_by(SEVEN, B) is new
    assert register.ids.live(SEVEN) is new


def test_forgetting_the_ended_keeps_the_live() -> None:
    register = Register()
    register.ends(register.begins(SEVEN, A, B), 10, told_by=())
    live = register.begins(EIGHT, A, B)
    register.ids.forget_ended()
    assert register.ids.meant_by(SEVEN, B) is None
    assert register.ids.meant_by(EIGHT, B) is live
    register.ids.prune(us(1e6))
    assert register.ids.live(EIGHT) is live


def test_a_call_taken_back_leaves_the_old_one_as_it_was() -> None:
    register = Register()
    old = register.begins(SEVEN, A, B)
    register.ends(old, 10, told_by=())
    register.ids.remove(register.begins(SEVEN, A, B))
    assert register.ids.meant_by(SEVEN, A) is old
