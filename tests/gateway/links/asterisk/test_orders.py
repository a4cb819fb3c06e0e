"""Commands on their way: looked up, accepted, proven; and every way in which they end, once."""

from collections.abc import Callable

import pytest

from gateway.links.asterisk.ami import Event, Response, UnsafeValue
from gateway.links.asterisk.commands import HungUp, Made, Plan
from gateway.links.asterisk.normalise import Normaliser
from gateway.links.asterisk.orders import Order, Orders
from gateway.portcfg import parse
from model.commands import Outcome, Refusal
from model.ids import DeviceNumber, Microseconds, RequestRef

OK = Response("Success", {})
MAKE = Plan("Originate", (("Exten", "8002"),), "8002", Made("own-1", "PJSIP/8001"), "own-1")
CLEAR = Plan("Hangup", (("Channel", "c"),), "", HungUp("1.1"))


class Desk:
    """Orders, what they asked, and what came of the one that was given."""

    def __init__(self, plan: Plan) -> None:
        self.orders = Orders("internal", 5.0, Normaliser(parse(b"EXT 8001-8002\n").ports))
        self.asked: list[str] = []
        self.outcomes: list[Outcome] = []
        order = Order(plan, RequestRef(1, 2), DeviceNumber("8002"), self.outcomes.append, Microseconds(100))
        self.orders.begin(order, self.ask)

    def ask(self, action: str, headers: list[tuple[str, str]]) -> str:
        if any("\n" in value for _, value in headers):
            raise UnsafeValue("Exten")
        self.asked.append(action)
        return f"id-{len(self.asked)}"

    def answer(self, response: Response) -> None:
        self.orders.answered(f"id-{len(self.asked)}", response, self.ask)

    def see(self, name: str, uniqueid: str, **fields: str) -> None:
        self.orders.seen(Event(name, {"Uniqueid": uniqueid, **fields}))

    @property
    def expected(self) -> bool:
        return bool(self.orders.normaliser.board.requests)


def test_a_number_is_looked_up_then_dialled_then_proven() -> None:
    desk = Desk(MAKE)
    assert desk.asked == ["ShowDialPlan"]
    desk.answer(OK)
    assert desk.asked == ["ShowDialPlan", "Originate"]
    assert desk.expected
    desk.answer(OK)
    desk.see("Newchannel", "other")
    assert desk.outcomes == []
    desk.see("Newchannel", "own-1")
    desk.see("Newchannel", "own-1")
    assert desk.outcomes == [Outcome()]
    assert not desk.expected
    assert desk.orders.due_us is None


def test_a_proof_before_the_response_waits_for_it() -> None:
    desk = Desk(CLEAR)
    assert desk.asked == ["Hangup"]
    desk.see("Hangup", "1.1")
    assert desk.outcomes == []
    desk.answer(OK)
    assert desk.outcomes == [Outcome()]


def test_where_nobody_may_look_the_dialplan_up_it_is_tried() -> None:
    desk = Desk(MAKE)
    desk.answer(Response("Error", {"Message": "Permission denied"}))
    assert desk.asked[-1] == "Originate"


def refused_number(desk: Desk) -> None:
    desk.answer(Response("Error", {"Message": "Did not find"}))


def refused_action(desk: Desk) -> None:
    desk.answer(OK)
    desk.answer(Response("Error", {"Message": "no"}))


def failed(desk: Desk) -> None:
    desk.answer(OK)
    desk.answer(OK)
    desk.see("OriginateResponse", "own-1", Response="Failure", Reason="5")


def too_late(desk: Desk) -> None:
    desk.answer(OK)
    desk.orders.expire(Microseconds(99))
    assert desk.orders.due_us == 100
    desk.orders.expire(Microseconds(100))
    assert desk.orders.unanswered == 1


def lost(desk: Desk) -> None:
    desk.orders.lost("the cable")


@pytest.mark.parametrize(
    ("way", "refusal", "text"),
    [
        (refused_number, Refusal.BAD_DESTINATION, "the dialplan has no 8002 in context internal"),
        (refused_action, Refusal.REFUSED_BY_SWITCH, "the switch refused Originate"),
        (failed, Refusal.REFUSED_BY_SWITCH, "PJSIP/8001 cannot be called"),
        (too_late, Refusal.NO_ANSWER_FROM_SWITCH, "no sign of Originate within 5 s"),
        (lost, Refusal.LINK_DOWN, "the link was lost: the cable"),
    ],
)
def test_every_other_end_is_told_once(way: Callable[[Desk], None], refusal: Refusal, text: str) -> None:
    desk = Desk(MAKE)
    way(desk)
    assert [(one.refusal, one.text) for one in desk.outcomes] == [(refusal, text)]
    assert not desk.expected
    desk.orders.lost("again")
    desk.orders.expire(Microseconds(1_000))
    desk.answer(OK)
    assert len(desk.outcomes) == 1


def test_a_value_that_would_break_out_of_its_line() -> None:
    desk = Desk(Plan("Hangup", (("Channel", "c\nAction: x"),), "", HungUp("1.1")))
    assert [one.refusal for one in desk.outcomes] == [Refusal.BAD_DESTINATION]


def test_two_orders_of_one_kind_do_not_take_each_other_s_proof() -> None:
    desk = Desk(CLEAR)
    second: list[Outcome] = []
    desk.orders.begin(Order(CLEAR, RequestRef(1, 3), DeviceNumber(""), second.append, Microseconds(100)), desk.ask)
    desk.orders.answered("id-1", OK, desk.ask)
    desk.orders.answered("id-2", OK, desk.ask)
    desk.see("Hangup", "1.1")
    assert (desk.outcomes, second) == ([Outcome()], [Outcome()])
