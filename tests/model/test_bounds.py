"""More calls than may be held: the rest is not taken, is told while it lasts, and is taken when there is room."""

from model.bounds import CALLS_EXCEEDED
from model.causes import Cause
from model.core import CallModel
from model.events import CallEvent, ConditionEvent
from model.ids import ConnectionKey, DeviceNumber, Microseconds, SwitchCallId, SwitchConnection
from model.mirror import Mirror
from model.reports import CallReport, CallSnapshot, Happening, PartySnapshot
from model.state import Step
from model.states import ConnectionState, LinkState, PortKind
from model.view import Device, Licence, Link

MOST = 10


class Site:
    """A model that holds ten calls, its mirror, and a switch that begins and ends calls of its trunk."""

    def __init__(self) -> None:
        link = Link(LinkState.UP, "", "", Microseconds(0))
        self.model = CallModel(1, link, Licence("", "", 9, 0, ""), calls_max=MOST)
        self.model.configure([Device(DeviceNumber("8001"), PortKind.EXT, "", "", monitored=True)], Microseconds(0))
        self.mirror = Mirror(self.model.snapshot())
        self.now = 0
        self.told: list[ConditionEvent] = []

    def take(self, step: Step) -> Step:
        for event in step.events:
            self.mirror.apply(event)
            self.told += [event] if isinstance(event, ConditionEvent) else []
        assert self.mirror.snapshot() == self.model.snapshot()
        return step

    def report(self, call: str, happening: Happening) -> Step:
        self.now += 1_000
        connection = SwitchConnection(SwitchCallId(call), ConnectionKey("8001"))
        subject = DeviceNumber("8001")
        return self.take(
            self.model.report(
                CallReport(happening, subject, connection, Microseconds(self.now), subject=subject, cause=Cause.NONE)
            )
        )

    def begin(self, *calls: int) -> None:
        for call in calls:
            self.report(str(call), Happening.SERVICE_INITIATED)

    @property
    def held(self) -> list[str]:
        return sorted(call.switch_call_id for call in self.model.snapshot().calls)


def test_what_is_beyond_is_not_taken_and_said_once() -> None:
    site = Site()
    site.begin(*range(MOST + 5))
    assert len(site.held) == MOST
    assert site.model.counts[CALLS_EXCEEDED] == 5
    (told,) = site.told
    assert (told.condition.code, told.over) == (CALLS_EXCEEDED, False)
    assert told.condition.text == "10 calls are held: further ones are not taken"


def test_calls_that_are_held_go_on() -> None:
    site = Site()
    site.begin(*range(MOST + 1))
    (event,) = site.report("3", Happening.CONNECTION_CLEARED).events
    assert isinstance(event, CallEvent)
    assert event.calls[0].ended


def test_with_room_again_they_are_taken_and_the_trouble_is_over() -> None:
    site = Site()
    site.begin(*range(MOST + 1))
    for call in range(2):
        site.report(str(call), Happening.CONNECTION_CLEARED)
    site.take(site.model.tick(Microseconds(site.now)))
    assert [one.over for one in site.told] == [False, True]
    site.begin(99)
    assert "99" in site.held


def test_an_answer_that_names_too_many_is_taken_as_far_as_there_is_room() -> None:
    site = Site()
    site.begin(*range(MOST - 1))
    party = PartySnapshot(DeviceNumber("8001"), ConnectionKey("8001"), ConnectionState.INITIATED)
    asked = Microseconds(site.now + 1)
    named = [
        CallSnapshot(SwitchCallId(str(call)), asked, asked, (party,)) for call in (*range(MOST - 1), 100, 101, 102)
    ]
    site.take(site.model.whole_switch(named, asked, asked))
    assert len(site.held) <= MOST
    assert {"101", "102"}.isdisjoint(site.held)
    assert site.model.counts[CALLS_EXCEEDED] == 2
    alone = CallSnapshot(SwitchCallId("103"), asked, asked, (party,))
    site.begin(*range(200, 200 + MOST))
    site.take(site.model.report(alone))
    assert "103" not in site.held
