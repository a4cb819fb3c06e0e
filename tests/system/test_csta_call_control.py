"""Call control on the simulated switch: each request in each state of a device is accepted, and its events carry the
request, or it is refused, and the refusal names the state.

The table runs in this process: simulated switch, TCP, link, call model. One course of calls runs through the shipped
processes and a client of the gateway.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.control import NEEDS
from gateway.links.csta_xml.messages import CallEventKind, EventCause
from model.commands import Command, CommandKind, Outcome, Refusal
from model.events import CallEvent, Event
from model.events import CallEventKind as Kind
from model.ids import CallId, DeviceNumber, RequestRef
from protocol.client import UlpClient
from protocol.errors import Code
from protocol.kinds import Kind as Frame
from protocol.kinds import Role
from protocol.messages import Hello
from protocol.requests import Reply, Request
from simulator.calls import State
from simulator.server import SimulatorServer
from simulator.switch import Plan
from tests.gateway.links.csta_xml.far_end import ports
from tests.gateway.links.csta_xml.linked import Linked, devices_of, linked
from tests.system.csta_site import csta_site
from tests.waiting import until
from ultra.demo_site import DemoSite

K = CommandKind
PORT_CFG = "EXT 1001-1006;;TRUNK T001-T002;;QUEUE 6000"
EXTENSIONS = tuple(str(number) for number in range(1001, 1007))
ME, TARGET = DeviceNumber("1001"), "1005"

STATES: dict[str, list[str]] = {
    "idle": [],
    "off hook": ["off hook"],
    "dialling": ["call 1001 1002"],
    "ringing": ["call 1002 1001"],
    "talking": ["call 1001 1002", "answer 1002"],
    "held": ["call 1001 1002", "answer 1002", "hold 1001"],
    "talking (hold, connected)": ["call 1001 1002", "answer 1002", "consult 1001 1003", "answer 1003"],
    "dialling (hold, connected)": ["call 1001 1002", "answer 1002", "consult 1001 1003"],
    "failed": ["dnd 1004 on", "call 1001 1004"],
    "dialling, in a queue": ["call 1001 6000"],
    "out of service": ["service 1001 off"],
}
"""How the switch's people bring 1001 into a state."""

TALK = {K.CLEAR_CONNECTION, K.CLEAR_CALL, K.HOLD_CALL, K.CONSULTATION_CALL, K.SINGLE_STEP_TRANSFER}
TWO = {K.ALTERNATE_CALL, K.RECONNECT_CALL, K.TRANSFER_CALL, K.CONFERENCE_CALL}
DONE: dict[str, set[CommandKind]] = {
    "idle": {K.MAKE_CALL},
    "off hook": {K.CLEAR_CONNECTION, K.CLEAR_CALL},
    "dialling": {K.CLEAR_CONNECTION, K.CLEAR_CALL},
    "ringing": {K.ANSWER_CALL, K.CLEAR_CONNECTION, K.CLEAR_CALL, K.DEFLECT_CALL},
    "talking": TALK,
    "held": {K.MAKE_CALL, K.CLEAR_CONNECTION, K.CLEAR_CALL, K.RETRIEVE_CALL},
    "talking (hold, connected)": {*TALK, *TWO} - {K.RETRIEVE_CALL},
    "dialling (hold, connected)": {K.CLEAR_CONNECTION, K.CLEAR_CALL, K.RECONNECT_CALL, K.TRANSFER_CALL},
    "failed": {K.CLEAR_CONNECTION, K.CLEAR_CALL},
    "dialling, in a queue": {K.CLEAR_CONNECTION, K.CLEAR_CALL},
    "out of service": set(),
}
"""What the switch does."""

NOT_BY_SWITCH: dict[str, set[CommandKind]] = {
    "dialling": {K.HOLD_CALL, K.CONSULTATION_CALL, K.SINGLE_STEP_TRANSFER},
    "held": {K.SINGLE_STEP_TRANSFER},
    "talking (hold, connected)": {K.RETRIEVE_CALL},
    "dialling (hold, connected)": {
        *(K.HOLD_CALL, K.CONSULTATION_CALL, K.SINGLE_STEP_TRANSFER, K.RETRIEVE_CALL, K.ALTERNATE_CALL),
        K.CONFERENCE_CALL,
    },
    "dialling, in a queue": {K.HOLD_CALL, K.CONSULTATION_CALL, K.SINGLE_STEP_TRANSFER},
}
"""What the gateway lets through, since other switches do it, and this one refuses by an error of its own."""

BRINGS: dict[CommandKind, list[Kind]] = {
    K.MAKE_CALL: [Kind.SERVICE_INITIATED, Kind.ORIGINATED],
    K.ANSWER_CALL: [Kind.ESTABLISHED],
    K.CLEAR_CONNECTION: [Kind.CONNECTION_CLEARED],
    K.CLEAR_CALL: [Kind.CONNECTION_CLEARED],
    K.HOLD_CALL: [Kind.HELD],
    K.RETRIEVE_CALL: [Kind.RETRIEVED],
    K.ALTERNATE_CALL: [Kind.HELD, Kind.RETRIEVED],
    K.RECONNECT_CALL: [Kind.CONNECTION_CLEARED, Kind.RETRIEVED],
    K.CONSULTATION_CALL: [Kind.HELD, Kind.SERVICE_INITIATED, Kind.ORIGINATED],
    K.TRANSFER_CALL: [Kind.TRANSFERRED],
    K.CONFERENCE_CALL: [Kind.CONFERENCED],
    K.SINGLE_STEP_TRANSFER: [Kind.TRANSFERRED],
    K.DEFLECT_CALL: [Kind.DIVERTED],
}
"""The events of 1001 that carry the request, in order."""


@asynccontextmanager
async def stage() -> AsyncIterator[tuple[SimulatorServer, Linked]]:
    """A switch whose people do nothing by themselves, and a link to it that is up."""
    plan = Plan(extensions=EXTENSIONS, trunks=2, pilots=(("6000", ("1006",)),), outside_answers_seconds=None)
    async with SimulatorServer(plan) as switch, linked(port_cfg=PORT_CFG, port=switch.port) as site:
        await site.until_up()
        switch.act("service 1006 off")  # nobody takes calls out of the queue
        yield switch, site


def bring(switch: SimulatorServer, line: str) -> None:
    if line != "off hook":
        answer = switch.act(line)
        assert answer.get("ok"), (line, answer)
        return
    call = switch.pbx.begin_call("1001", "")
    leg = switch.pbx.join(call, switch.pbx.devices["1001"], State.INITIATED)
    switch.pbx.report(
        call, CallEventKind.SERVICE_INITIATED, EventCause.NORMAL, connection=leg.connection, subject=leg.ref
    )
    switch.settle()


async def agree(switch: SimulatorServer, site: Linked) -> None:
    """Until the mirror holds what the switch holds."""
    await until(lambda: site.calls == switch.act("table")["calls"])


async def cleared(switch: SimulatorServer, site: Linked) -> None:
    """Everybody hangs up; everything is as it was."""
    while switch.pbx.calls:
        device = next(iter(switch.pbx.calls.values())).legs[0].device
        assert switch.act(f"hangup {device.number}")["ok"]
    for line in ("dnd 1004 off", "service 1001 on"):
        switch.act(line)
    await agree(switch, site)
    await until(lambda: site.mirror.devices[ME].in_service)


async def outcome_in(
    switch: SimulatorServer, site: Linked, state: str, kind: CommandKind, number: int
) -> tuple[Outcome, list[Kind]]:
    """Bring 1001 into the state, ask, and let it settle: the outcome, and the events that carry the request."""
    for line in STATES[state]:
        bring(switch, line)
    await agree(switch, site)
    await until(lambda: site.mirror.devices[ME].in_service == (state != "out of service"))
    before = len(site.events)
    outcome = await site.owner.execute(1, number, Command(kind, ME, destination=TARGET))
    await agree(switch, site)
    caused = [
        event.kind
        for event in site.events[before:]
        if isinstance(event, CallEvent) and event.request == RequestRef(1, number)
    ]
    return outcome, caused


@pytest.mark.parametrize("state", STATES)
async def test_each_request_in_each_state(state: str) -> None:
    async with stage() as (switch, site):
        for number, kind in enumerate(NEEDS, start=1):
            outcome, caused = await outcome_in(switch, site, state, kind, number)
            said = (kind.name, outcome, caused)
            if kind in DONE[state]:
                assert outcome == Outcome(), said
                assert caused == BRINGS[kind], said
            elif kind in NOT_BY_SWITCH.get(state, ()):
                assert outcome.refusal is Refusal.REFUSED_BY_SWITCH, said
                assert outcome.switch_error, said
                assert caused == [], said
            else:
                assert outcome.refusal is Refusal.WRONG_STATE, said
                assert outcome.text.startswith(f"1001 is {state.removesuffix(', in a queue')}; "), said
                assert caused == [], said
            await cleared(switch, site)
        assert site.mismatches == 0


@pytest.mark.parametrize("kind", list(NEEDS), ids=lambda kind: kind.name.lower())
async def test_devices_that_may_do_nothing(kind: CommandKind) -> None:
    async with stage() as (switch, site):
        devices = [
            replace(device, licensed=device.number != "1003", reason="no seat" * (device.number == "1003"))
            for device in devices_of(ports(PORT_CFG))
        ]
        site.owner.configure(devices)
        for device, refusal, text in (
            ("1003", Refusal.NO_SEAT, "no seat"),
            ("9999", Refusal.UNKNOWN_DEVICE, "port.cfg names no extension '9999'"),
            ("6000", Refusal.UNKNOWN_DEVICE, "port.cfg names no extension '6000'"),
        ):
            command = Command(kind, DeviceNumber(device), destination=TARGET)
            assert await site.owner.execute(1, 1, command) == Outcome(refusal, text)
        switch.act("status disabled")
        await until(lambda: not site.model.link.state.is_up)
        outcome = await site.owner.execute(1, 1, Command(kind, ME, destination=TARGET))
        assert outcome == Outcome(Refusal.LINK_DOWN, "the link to the switch is not up: the switch says disabled")
        assert switch.act("counts")["begun"] == 0


# -- through the shipped processes -----------------------------------------------------------------------------------


class Caller:
    """A client of the gateway that asks and sees what its requests bring."""

    def __init__(self, client: UlpClient, events: list[Event]) -> None:
        self._client = client
        self._events = events
        self._asked = 0

    async def ask(self, kind: Frame, device: str, destination: str = "", call_id: CallId | None = None) -> Reply:
        """Ask, and wait for an event that the request caused when it was accepted."""
        before = len(self._events)
        reply = await self._client.request(Request(kind, DeviceNumber(device), call_id, destination))
        if reply.accepted:
            await until(lambda: any(self._is_mine(event) for event in self._events[before:]))
        return reply

    def _is_mine(self, event: Event) -> bool:
        request = event.request if isinstance(event, CallEvent) else None
        return request is not None and request.session == self._client.welcome.session


async def test_a_course_of_calls_through_the_processes(tmp_path: Path) -> None:
    site = DemoSite(("1000-1009",), 10, 2)
    async with csta_site(tmp_path, site, "--idle") as one:
        supervisor = await UlpClient.connect(one.subscriber.server, Hello("caller", Role.ADMIN))
        me = Caller(supervisor, one.subscriber.events)

        async def same() -> dict[str, dict[str, str]]:
            table: dict[str, dict[str, str]] = (await one.ask_switch("table"))["calls"]
            await until(lambda: not one.subscriber.differences(table))
            return table

        assert (await me.ask(Frame.MAKE_CALL, "1000", "1001")).accepted
        assert (await me.ask(Frame.ANSWER_CALL, "1001")).accepted
        assert (await me.ask(Frame.HOLD_CALL, "1000")).accepted
        assert (await me.ask(Frame.RETRIEVE_CALL, "1000")).accepted
        assert (await me.ask(Frame.CONSULTATION_CALL, "1000", "1002")).accepted
        assert (await me.ask(Frame.ANSWER_CALL, "1002")).accepted
        refused = await me.ask(Frame.MAKE_CALL, "1000", "1003")
        assert (refused.code, refused.text.partition(";")[0]) == (Code.WRONG_STATE, "1000 is talking (hold, connected)")
        assert (await me.ask(Frame.CONFERENCE_CALL, "1000")).accepted
        assert sorted(map(len, (await same()).values())) == [3]
        assert (await me.ask(Frame.SINGLE_STEP_TRANSFER, "1000", "1004")).accepted is False
        assert (await me.ask(Frame.CLEAR_CONNECTION, "1000")).accepted
        assert (await me.ask(Frame.SINGLE_STEP_TRANSFER, "1001", "1004")).accepted
        assert (await me.ask(Frame.DEFLECT_CALL, "1004", "1005")).accepted
        assert (await me.ask(Frame.ANSWER_CALL, "1005")).accepted
        (parties,) = (await same()).values()
        assert set(parties) == {"1002", "1005"}
        assert (await me.ask(Frame.CLEAR_CALL, "1002")).accepted
        assert await same() == {}
        assert one.subscriber.mismatches == []
        assert one.subscriber.faults() == []
        await supervisor.close()
