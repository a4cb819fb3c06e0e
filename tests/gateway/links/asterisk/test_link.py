"""The link over real sockets, against a switch that says what the test wants; the real Asterisk is in tests/system."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from gateway.links.asterisk.link import AsteriskLink, AsteriskSettings
from gateway.links.base import CommandTarget
from gateway.portcfg import parse
from model.commands import Command, CommandKind, Refusal
from model.ids import ConnectionKey, DeviceNumber, Microseconds, RequestRef, SwitchCallId
from model.reports import CallReport, CallSnapshot, Happening, Report, TransferReport
from model.states import LinkState
from runtime.backoff import Backoff
from runtime.clock import SystemClock
from runtime.tasks import spawn
from tests.gateway.links.asterisk.story import ANSWERED, BLIND_TRANSFER
from tests.gateway.links.executing import executed
from tests.waiting import until

CALL = (
    "Event: Newchannel\r\nChannel: PJSIP/8001-1\r\nChannelStateDesc: Ring\r\nExten: 8002\r\nUniqueid: 1.1\r\n\r\n",
    "Event: Hangup\r\nChannel: PJSIP/8001-1\r\nCause: 16\r\nUniqueid: 1.1\r\n\r\n",
)


@dataclass(slots=True)
class Heard:
    """A LinkSink that keeps everything."""

    states: list[tuple[LinkState, str]] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    wholes: list[list[CallSnapshot]] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)

    def link_state(self, state: LinkState, reason: str) -> None:
        self.states.append((state, reason))

    def report(self, report: Report) -> None:
        self.reports.append(report)

    def whole_switch(self, snapshots: list[CallSnapshot], asked_us: Microseconds) -> None:
        self.wholes.append(snapshots)

    def compare_rest(self) -> None:
        raise AssertionError("a link that tells the whole switch compares nothing one by one")

    def alarm(self, code: str, text: str) -> None:
        self.alarms.append(f"{code}: {text}")

    def times(self, state: LinkState) -> int:
        """How often the link came into a state."""
        return sum(said is state for said, _ in self.states)


@dataclass(slots=True)
class Switch:
    """The manager interface of a switch: answers as an idle Asterisk does; a test speaks through ``say``."""

    port: int = 0
    actions: list[dict[str, str]] = field(default_factory=list)
    writer: asyncio.StreamWriter | None = None
    answers: dict[str, str] = field(default_factory=dict)
    """By action: the response, or nothing at all when empty."""
    listed: list[str] = field(default_factory=list)
    """What Status lists: the headers of each channel."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        try:
            while True:
                raw = (await reader.readuntil(b"\r\n\r\n")).decode()
                action = dict(line.split(": ", 1) for line in raw.split("\r\n") if line)
                self.actions.append(action)
                self.say(self._answer(action))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def say(self, text: str) -> None:
        """Send bytes to the link."""
        if self.writer is not None:
            self.writer.write(text.encode())

    def _answer(self, action: dict[str, str]) -> str:
        name, action_id = action["Action"], action["ActionID"]
        lines = self.answers.get(name, "Response: Success")
        answer = f"{lines}\r\nActionID: {action_id}\r\nChallenge: 1\r\n\r\n" if lines else ""
        if name == "Login":
            answer += "Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\n"
        if name in ("Status", "BridgeList"):
            items = self.listed if name == "Status" else []
            answer += "".join(f"Event: {name}\r\nActionID: {action_id}\r\n{item}\r\n\r\n" for item in items)
            answer += f"Event: {name}Complete\r\nActionID: {action_id}\r\nListItems: {len(items)}\r\n\r\n"
        return answer


@asynccontextmanager
async def serving(serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[int]:
    """A TCP server on a free port; the port."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def linked(port: int, heard: Heard) -> AsyncIterator[AsteriskLink]:
    """A running link to a port."""
    ports = parse(b"EXT 8001-8002\n").ports
    settings = AsteriskSettings("127.0.0.1", "cti", "secret", port, confirm_seconds=0.5)
    link = AsteriskLink(settings, ports, heard, SystemClock(), Backoff(random.random))
    async with asyncio.TaskGroup() as group:
        running = spawn(group, link.run(), name="link under test")
        try:
            yield link
        finally:
            running.cancel()


@asynccontextmanager
async def up(switch: Switch, heard: Heard) -> AsyncIterator[AsteriskLink]:
    """A link that is up."""
    async with serving(switch.serve) as port, linked(port, heard) as link:
        await until(lambda: heard.times(LinkState.UP) == 1)
        yield link


async def ask(link: AsteriskLink, kind: CommandKind, destination: str = "8002") -> Refusal | None:
    """Execute a command for 8001 without a call."""
    command = Command(kind, DeviceNumber("8001"), destination=destination)
    return (await executed(link, command, CommandTarget(), RequestRef(1, 1))).refusal


async def test_up_and_a_call_is_reported() -> None:
    heard, switch = Heard(), Switch()
    async with up(switch, heard):
        switch.say("".join(CALL))
        await until(lambda: len(heard.reports) == 2)
    assert [state for state, _ in heard.states] == [
        LinkState.CONNECTING, LinkState.LOGGING_IN, LinkState.INITIALISING, LinkState.UP, LinkState.DOWN,
    ]  # fmt: skip
    assert [report.happening.name for report in heard.reports if isinstance(report, CallReport)] == [
        "SERVICE_INITIATED",
        "CONNECTION_CLEARED",
    ]


async def test_the_switch_is_asked_to_send_only_what_is_wanted() -> None:
    heard, switch = Heard(), Switch()
    async with up(switch, heard):
        filters = [action["MatchCriteria"] for action in switch.actions if action["Action"] == "Filter"]
    assert "action(include),name(Hangup),method(none)" in filters
    assert not any("VarSet" in text for text in filters)


async def test_a_lost_connection_is_made_again_and_proven_twice() -> None:
    heard, switch = Heard(), Switch()
    async with up(switch, heard) as link:
        link.cut()
        await until(lambda: heard.times(LinkState.UP) == 2)
    assert len(heard.wholes) == 3
    assert heard.states[4][0] is LinkState.DOWN


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        (b"SSH-2.0-x\r\n", LinkState.REFUSED, "no Asterisk manager on that port: the peer said 'SSH-2.0-x'"),
        (b"", LinkState.DOWN, "the switch closed the connection"),
    ],
)
async def test_a_peer_that_is_no_manager(answer: bytes, state: LinkState, reason: str) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    heard = Heard()
    async with serving(greet) as port, linked(port, heard):
        await until(lambda: (state, reason) in heard.states)


async def test_a_refused_log_in_is_tried_again_for_ever() -> None:
    heard, switch = Heard(), Switch(answers={"Login": "Response: Error\r\nMessage: Authentication failed"})
    async with serving(switch.serve) as port, linked(port, heard):
        await until(lambda: heard.times(LinkState.REFUSED) == 3)


async def test_requests_while_the_link_is_down() -> None:
    link = AsteriskLink(
        AsteriskSettings("127.0.0.1", "cti", "secret", 1), parse(b"EXT 8001\n").ports, Heard(), SystemClock(),
        Backoff(random.random),
    )  # fmt: skip
    assert await ask(link, CommandKind.MAKE_CALL) is Refusal.LINK_DOWN
    assert await ask(link, CommandKind.HOLD_CALL) is Refusal.NOT_SUPPORTED
    link.verify_call(SwitchCallId("x"), ConnectionKey("y"))
    link.verify_device(DeviceNumber("8001"))


async def test_a_call_is_made_and_confirmed_by_its_channel() -> None:
    heard, switch = Heard(), Switch()
    async with up(switch, heard) as link, asyncio.TaskGroup() as group:
        asked = spawn(group, ask(link, CommandKind.MAKE_CALL), name="make")
        await until(lambda: switch.actions[-1]["Action"] == "Originate")
        assert not asked.done()
        own_id = switch.actions[-1]["ChannelId"]
        switch.say(CALL[0].replace("Ring", "Down").replace("1.1", own_id))
        assert await asked is None


@pytest.mark.parametrize(
    ("answers", "refusal"),
    [
        ({"ShowDialPlan": "Response: Error\r\nMessage: Did not find extension"}, Refusal.BAD_DESTINATION),
        ({"Originate": "Response: Error\r\nMessage: Permission denied"}, Refusal.REFUSED_BY_SWITCH),
    ],
)
async def test_a_switch_that_refuses(answers: dict[str, str], refusal: Refusal) -> None:
    switch = Switch(answers=answers)
    async with up(switch, Heard()) as link:
        assert await ask(link, CommandKind.MAKE_CALL) is refusal
        assert link.normaliser.board.requests == {}


async def test_a_switch_that_says_success_and_does_nothing() -> None:
    async with up(Switch(), Heard()) as link:
        assert await ask(link, CommandKind.MAKE_CALL) is Refusal.NO_ANSWER_FROM_SWITCH
        assert link.normaliser.board.requests == {}


async def test_a_link_lost_in_the_middle_of_a_request() -> None:
    switch = Switch()
    async with up(switch, Heard()) as link, asyncio.TaskGroup() as group:
        asked = spawn(group, ask(link, CommandKind.MAKE_CALL), name="make")
        await until(lambda: switch.actions[-1]["Action"] == "Originate")
        link.cut()
        assert await asked is Refusal.LINK_DOWN


async def test_doubts_are_answered_by_a_snapshot() -> None:
    heard, switch = Heard(), Switch()
    async with up(switch, heard) as link:
        link.verify_call(SwitchCallId("1.1"), ConnectionKey("1.1"))
        link.verify_device(DeviceNumber("8001"))
        await until(lambda: len(heard.wholes) == 2)


async def test_an_answer_that_lacks_a_caller_is_asked_for_again() -> None:
    ringing = "Channel: PJSIP/8002-2\r\nUniqueid: 1.2\r\nLinkedid: 1.1\r\nChannelStateDesc: Ringing"
    heard, switch = Heard(), Switch(listed=[f"{ringing}\r\nApplication: AppDial"])
    async with up(switch, heard):
        assert heard.wholes == [[]]
        caller = "Channel: PJSIP/8001-1\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\nChannelStateDesc: Ring"
        switch.listed.append(f"{caller}\r\nApplication: Dial")
        await until(lambda: heard.wholes[-1], seconds_max=5)  # the next tick, a ping's, is ten seconds off
    (call,) = heard.wholes[-1]
    assert call.call == "1.1"
    assert {party.device for party in call.parties} == {"8001", "8002"}


def block(line: str) -> str:
    """An event as it is sent: its headers from a line of words."""
    name, *headers = line.split()
    return "\r\n".join([f"Event: {name}", *(header.replace("=", ": ", 1) for header in headers)]) + "\r\n\r\n"


async def test_after_a_standstill_what_came_meanwhile_decides() -> None:
    """A transfer that followed its Unhold at once is no retrieve, however late both are read."""
    heard, switch = Heard(), Switch()
    clock = SystemClock()
    async with up(switch, heard) as link:
        switch.say("".join(map(block, ANSWERED.strip().splitlines())))
        switch.say(block("Hold Channel=PJSIP/8001-1 Uniqueid=u1") + block("Unhold Channel=PJSIP/8001-1 Uniqueid=u1"))
        await until(lambda: link.normaliser.board.retrieving)
        due_us = link.normaliser.due_us
        assert due_us is not None
        switch.say(block(BLIND_TRANSFER))
        while clock.wall_us() < due_us:
            pass  # the whole process stands still
        await until(lambda: isinstance(heard.reports[-1], TransferReport))
    happenings = [report.happening for report in heard.reports if isinstance(report, CallReport)]
    assert happenings[-1] is Happening.HELD


async def test_poison_is_alarmed_once_and_answered_by_a_snapshot() -> None:
    heard, switch = Heard(), Switch()
    async with up(switch, heard) as link:
        assert link.counts == {}
        switch.say("X: forged\r\n\r\n" * 100 + "Event: Hangup\r\nChannel: PJSIP/8001-1\r\nUniqueid: 9.9\r\n\r\n" * 100)
        await until(lambda: len(heard.wholes) == 2)
        assert link.counts == {"blocks_poisoned": 100}
    assert len(heard.alarms) == 1
    assert heard.reports == []


async def test_what_was_odd_is_counted_over_all_connections() -> None:
    heard, switch = Heard(), Switch()
    async with up(switch, heard) as link:
        switch.say("X: forged\r\n\r\n" + "Event: Hangup\r\nChannel: PJSIP/8001-1\r\n\r\n" * 2)
        await until(lambda: link.counts == {"blocks_poisoned": 1, "events_distrusted": 2})
        assert await ask(link, CommandKind.MAKE_CALL) is Refusal.NO_ANSWER_FROM_SWITCH
        link.cut()
        await until(lambda: heard.times(LinkState.UP) == 2)
        switch.say("X: forged\r\n\r\n")
        await until(lambda: link.counts["blocks_poisoned"] == 2)
        assert link.counts == {"blocks_poisoned": 2, "events_distrusted": 2, "requests_unanswered": 1}


async def test_ten_thousand_mutated_blocks_at_the_link() -> None:
    heard, switch = Heard(), Switch()
    dice = random.Random(3)
    async with up(switch, heard) as link:
        for _ in range(100):
            blocks = bytearray("".join(CALL * 50).encode())
            for _ in range(150):
                blocks[dice.randrange(len(blocks))] = dice.randrange(256)
            if switch.writer is not None and not switch.writer.is_closing():
                switch.writer.write(bytes(blocks) + b"\r\n\r\n")
                await switch.writer.drain()
        ends = "".join(CALL).replace("1.1", "2.2").replace("8001-1", "8001-2")
        before = len(heard.wholes)
        await until(lambda: len(heard.wholes) > before)
        switch.say(ends)
        await until(
            lambda: any(isinstance(report, CallReport) and report.connection.key == "2.2" for report in heard.reports)
        )
        assert len(link.normaliser.board.ended) <= 4_096
    assert len(heard.alarms) < 20


async def test_ports_are_read_anew() -> None:
    heard, switch = Heard(), Switch()
    async with up(switch, heard) as link:
        link.serve(parse(b"EXT 8009 endpoint=PJSIP/8001\n").ports)
        switch.say(CALL[0])
        await until(lambda: heard.reports)
    (report,) = heard.reports
    assert isinstance(report, CallReport)
    assert report.subject == "8009"
