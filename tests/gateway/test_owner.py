"""The owner: what the link tells goes through the model in order, what the model asks goes to the link."""

import asyncio
from collections import Counter
from collections.abc import Iterable

from structlog.testing import capture_logs

from gateway.doors import Door
from gateway.links.base import CommandTarget, Done
from gateway.links.played import Wire
from gateway.owner import Owner
from gateway.portcfg import Port
from model.commands import Command, CommandKind, Outcome, Refusal
from model.core import CallModel
from model.events import CallEvent, ConditionEvent, Event, LinkEvent
from model.ids import ConnectionKey, DeviceNumber, Microseconds, RequestRef, SwitchCallId, SwitchConnection
from model.reports import CallReport, CallSnapshot, DeviceFlag, DeviceReport, Happening, PartySnapshot
from model.states import ConnectionState, LinkState, PortKind
from model.view import Device, Licence, Link

EIGHT, NINE = DeviceNumber("8001"), DeviceNumber("8002")
MAKE = Command(CommandKind.MAKE_CALL, EIGHT, destination="8002")


class RecordingLink:
    """A link that answers commands as told and notes what it is asked."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.verified: list[str] = []
        self.executed: list[tuple[Command, CommandTarget, RequestRef]] = []
        self.counts: Counter[str] = Counter()

    async def run(self) -> None:
        await asyncio.get_running_loop().create_future()

    def execute(self, command: Command, target: CommandTarget, request: RequestRef, done: Done) -> None:
        self.executed.append((command, target, request))
        done(self.outcome)

    def take_unread(self) -> bytes:
        return b""

    def play(self, door: Door, brought: tuple[object, ...], wire: Wire) -> None:
        raise AssertionError("nothing is played")

    def serve(self, ports: Iterable[Port]) -> None:
        self.verified.append(f"serve {len(tuple(ports))}")

    def verify_call(self, call: SwitchCallId, key: ConnectionKey) -> None:
        self.verified.append(f"call {call}")

    def verify_device(self, device: DeviceNumber) -> None:
        self.verified.append(f"device {device}")


class Site:
    """An owner with a link that is up and two extensions."""

    def __init__(self, outcome: Outcome | None = None) -> None:
        self.now_us = 0
        self.events: list[Event] = []
        link = Link(LinkState.DOWN, "", "", Microseconds(0))
        self.owner = Owner(CallModel(1, link, Licence("", "", 9, 2, "")), self.events.append, self._now)
        self.link = RecordingLink(outcome or Outcome())
        self.owner.link = self.link
        self.owner.configure([Device(number, PortKind.EXT, "", "") for number in (EIGHT, NINE)])
        for number in (EIGHT, NINE):
            self.owner.report(DeviceReport(DeviceFlag.MONITORED, number, Microseconds(0)))
        self.owner.link_state(LinkState.UP, "")

    def _now(self) -> int:
        self.now_us += 1
        return self.now_us

    def told(self, happening: Happening, monitor: DeviceNumber, device: DeviceNumber, call: str = "7") -> None:
        connection = SwitchConnection(SwitchCallId(call), ConnectionKey(device))
        self.owner.report(CallReport(happening, monitor, connection, Microseconds(self._now()), subject=device))

    def calls(self) -> list[CallEvent]:
        return [event for event in self.events if isinstance(event, CallEvent)]


def test_events_are_published_in_order_of_their_numbers() -> None:
    site = Site()
    for happening in (Happening.SERVICE_INITIATED, Happening.ORIGINATED, Happening.CONNECTION_CLEARED):
        site.told(happening, EIGHT, EIGHT)
    assert [event.number for event in site.events] == list(range(1, len(site.events) + 1))


async def test_an_accepted_request_is_named_by_its_events() -> None:
    site = Site()
    assert await site.owner.execute(4, 9, MAKE) == Outcome()
    assert site.link.executed == [(MAKE, CommandTarget(), RequestRef(4, 9))]
    site.told(Happening.SERVICE_INITIATED, EIGHT, EIGHT)
    assert [event.request for event in site.calls()] == [RequestRef(4, 9)]
    assert site.owner.is_busy(EIGHT)
    assert not site.owner.is_busy(NINE)


async def test_a_refused_request_is_no_event_s_cause() -> None:
    site = Site(Outcome(Refusal.REFUSED_BY_SWITCH, "no", "generic"))
    assert (await site.owner.execute(4, 9, MAKE)).refusal is Refusal.REFUSED_BY_SWITCH
    site.told(Happening.SERVICE_INITIATED, EIGHT, EIGHT)
    assert [event.request for event in site.calls()] == [None]


async def test_a_request_without_answer_may_have_been_done() -> None:
    site = Site(Outcome(Refusal.NO_ANSWER_FROM_SWITCH, "silence"))
    await site.owner.execute(4, 9, MAKE)
    site.told(Happening.SERVICE_INITIATED, EIGHT, EIGHT)
    assert [event.request for event in site.calls()] == [RequestRef(4, 9)]


async def test_what_cannot_be_done_never_reaches_the_link() -> None:
    site = Site()
    refused = await site.owner.execute(1, 1, Command(CommandKind.HOLD_CALL, EIGHT))
    assert refused.refusal is Refusal.WRONG_STATE
    assert site.link.executed == []
    site.owner.link = None
    assert (await site.owner.execute(1, 2, MAKE)).refusal is Refusal.LINK_DOWN


def test_the_model_s_questions_go_to_the_link() -> None:
    site = Site()
    site.told(Happening.HELD, EIGHT, EIGHT)  # of a call never begun
    assert "call 7" in site.link.verified
    site.owner.link = None
    site.told(Happening.HELD, EIGHT, EIGHT, "8")  # asked of nobody, and no harm done


def test_an_ended_call_is_one_line_in_the_log() -> None:
    site = Site()
    with capture_logs() as logs:
        for happening in (Happening.SERVICE_INITIATED, Happening.CONNECTION_CLEARED):
            site.told(happening, EIGHT, EIGHT)
        site.owner.alarm("some_alarm", "something happened")
        site.owner.link_state(LinkState.DOWN, "cable pulled")
    assert [one["event"] for one in logs] == ["call_ended", "some_alarm", "link_changed"]
    assert logs[0]["switch_call_id"] == "7"
    assert logs[2]["reason"] == "cable pulled"
    assert {code: (one.count, one.text) for code, one in site.owner.alarms.by_code().items()} == {
        "some_alarm": (1, "something happened")
    }


def test_what_was_odd_on_a_link_outlives_it() -> None:
    site = Site()
    assert site.owner.link_counts == Counter()
    site.link.counts["answers_late"] = 2
    assert site.owner.link_counts == Counter(answers_late=2)
    site.owner.link = None
    assert site.owner.link_counts == Counter(answers_late=2)
    site.owner.link = None
    later = RecordingLink(Outcome())
    later.counts = Counter(answers_late=1, messages_doubled=4)
    site.owner.link = later
    site.owner.link = later  # the same once more counts nothing twice
    assert site.owner.link_counts == Counter(answers_late=3, messages_doubled=4)


def test_snapshots_whole_and_single() -> None:
    site = Site()
    party = PartySnapshot(EIGHT, ConnectionKey("8001"), ConnectionState.CONNECTED)
    snapshot = CallSnapshot(SwitchCallId("7"), Microseconds(100), Microseconds(200), (party,))
    site.now_us = 300
    site.owner.whole_switch([snapshot], Microseconds(100))
    assert [call.switch_call_id for call in site.owner.model.snapshot().calls] == ["7"]
    site.owner.link_state(LinkState.DOWN, "gone")
    site.owner.link_state(LinkState.INITIALISING, "back")
    site.owner.compare_rest()
    assert site.link.verified[-1] == "call 7"
    site.owner.tick()
    assert [event for event in site.events if isinstance(event, LinkEvent)][-1].link.reason == "back"


def test_trouble_that_lasts_is_published_when_it_begins_changes_and_ends() -> None:
    site = Site()
    first = len(site.events)
    for text in ("no space left", "no space left", "read-only", None, None):
        site.owner.condition("journal_unwritable", "", text)
    told = [event for event in site.events[first:] if isinstance(event, ConditionEvent)]
    assert [(one.condition.text, one.over) for one in told] == [
        ("no space left", False),
        ("read-only", False),
        ("read-only", True),
    ]
    assert {one.condition.since_us for one in told} == {told[0].received_us}, "another reason is no other trouble"
    assert [event.number for event in site.events] == list(range(1, len(site.events) + 1))


def test_what_troubled_the_process_before_is_over_until_it_is_said_anew() -> None:
    before = Site()
    for consumer in ("cdr", "recorder"):
        before.owner.condition("consumer_behind", consumer, "much waits")
    snapshot = before.owner.model.snapshot()
    assert [one.subject for one in snapshot.conditions] == ["cdr", "recorder"]
    events: list[Event] = []
    resumed = CallModel.resumed(1, snapshot, Microseconds(0))
    owner = Owner(resumed, events.append, lambda: 7)
    owner.end_conditions()
    assert [isinstance(event, ConditionEvent) and event.over for event in events] == [True, True]
    assert resumed.snapshot().conditions == ()
