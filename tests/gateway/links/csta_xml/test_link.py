"""The link on real sockets: it connects, says why not, comes back, and stops when told to."""

import socket

import pytest

from gateway.links.base import CommandTarget
from gateway.links.csta_xml.messages import (
    ApplicationSessionTerminated,
    MonitorStart,
    StartApplicationSession,
    StartApplicationSessionNegResponse,
    StopApplicationSession,
)
from gateway.links.csta_xml.profiles import OPENSCAPE
from gateway.links.csta_xml.session import SessionLimits
from model.commands import Command, CommandKind, Refusal
from model.events import LinkEvent
from model.ids import DeviceNumber, RequestRef
from model.states import LinkState
from simulator.habits import Habits
from simulator.numbering import CallIdStyle
from simulator.server import SimulatorServer
from simulator.switch import Plan
from tests.gateway.links.csta_xml.far_end import FarEnd, event, ports
from tests.gateway.links.csta_xml.linked import Linked, linked
from tests.gateway.links.executing import executed
from tests.waiting import until

COMMAND = Command(CommandKind.MAKE_CALL, DeviceNumber("8001"), destination="8002")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def said(site: Linked) -> list[tuple[LinkState, str]]:
    return [(one.link.state, one.link.reason) for one in site.events if isinstance(one, LinkEvent)]


async def test_from_nothing_to_up() -> None:
    async with linked() as site:
        await site.until_up()
        assert site.link_states == [
            LinkState.CONNECTING, LinkState.LOGGING_IN, *[LinkState.INITIALISING] * 2, LinkState.UP,
        ]  # fmt: skip


async def test_it_says_goodbye_when_it_is_stopped() -> None:
    async with linked() as site:
        await site.until_up()
    assert len(site.far_end.asked(StopApplicationSession)) == 1
    assert said(site)[-1] == (LinkState.DOWN, "stopped")


async def test_it_stops_while_the_switch_says_nothing() -> None:
    async with linked(FarEnd(is_polite=False)) as site:
        await until(lambda: site.far_end.asked(StartApplicationSession))
    assert said(site)[-1] == (LinkState.DOWN, "stopped")


async def test_nothing_listens_there() -> None:
    async with linked(port=free_port()) as site:
        await until(lambda: site.model.link.state is LinkState.DOWN and site.model.link.reason != "")
        assert "nothing listens at 127.0.0.1" in site.model.link.reason
        assert site.link is not None
        outcome = await executed(site.link, COMMAND, CommandTarget(), RequestRef(1, 1))
        assert outcome.refusal is Refusal.LINK_DOWN


async def test_no_such_name() -> None:
    async with linked(host="no-such-switch.invalid") as site:
        await until(lambda: "name not found" in site.model.link.reason)


async def test_another_protocol_at_that_port() -> None:
    far_end = FarEnd(replies={StartApplicationSession: lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n"})
    async with linked(far_end) as site:
        await until(lambda: "not CSTA XML over TCP" in site.model.link.reason)
        assert site.model.link.state is LinkState.DOWN


async def test_a_refused_log_in_is_tried_again() -> None:
    far_end = FarEnd()
    refusal = StartApplicationSessionNegResponse(defined_error="maxNumberSessions")
    far_end.replies[StartApplicationSession] = lambda _: refusal
    async with linked(far_end) as site:
        await until(lambda: site.model.link.state is LinkState.REFUSED)
        assert site.model.link.reason == "the switch refused the log-in: maxNumberSessions"
        far_end.replies.clear()
        await site.until_up()


@pytest.mark.parametrize("how", ["closed", "reset", "terminated"])
async def test_a_lost_connection_comes_back_with_everything_asked(how: str) -> None:
    async with linked() as site:
        await site.until_up()
        site.far_end.calls = {"7": {"8001": "connected", "8002": "alerting"}}
        assert site.connection is not None
        assert site.connection.transport is not None
        if how == "closed":
            site.connection.transport.close()
        elif how == "reset":
            site.connection.transport.abort()
        else:
            await site.tell_raw(site.far_end.says(ApplicationSessionTerminated("S1", "resourceLimitation")))
        await until(lambda: not site.model.link.state.is_up)
        await site.until_up()
        assert site.connections == 2
        assert site.calls == site.far_end.calls
        assert site.alarms == []


async def test_ports_change_while_it_runs() -> None:
    async with linked(port_cfg="EXT 8001") as site:
        await site.until_up()
        assert site.link is not None
        site.link.serve(ports("EXT 8001-8002"))
        await until(lambda: site.model.link.reason == "2 devices monitored")
        assert [one.device for one in site.far_end.asked(MonitorStart)] == ["8001", "8002"]


async def test_silence_is_found_out() -> None:
    limits = SessionLimits(window=16, answer_seconds=5.0, silence_seconds=0.1)
    async with linked(limits=limits) as site:
        await site.until_up()
        site.far_end.is_polite = False
        await until(lambda: "nothing heard from the switch" in site.model.link.reason)
        site.far_end.is_polite = True
        await site.until_up()


async def test_a_flood_of_events_is_taken_and_forgotten() -> None:
    async with linked() as site:
        await site.until_up()
        strange = site.far_end.says(event("DELIVERED", "nobody", "1:8002"))
        assert await site.tell(strange * 20_000, event("DELIVERED", "8002", "7:8002")) == ["delivered 8002"]
        assert site.link is not None
        assert site.link.counts["events_of_unknown_monitors"] == 20_000


async def test_openscape_from_end_to_end() -> None:
    plan = Plan(
        extensions=("8001", "8002"), trunks=1, device_id_format=OPENSCAPE.device_id_format, call_ids=CallIdStyle.HEX
    )
    port_cfg = 'EXT 8001-8002 device="N<+8621{number}>";;TRUNK T001 device="N<+8621T001>"'
    async with (
        SimulatorServer(plan, Habits(traits=OPENSCAPE)) as simulator,
        linked(port_cfg=port_cfg, traits=OPENSCAPE, port=simulator.port) as site,
    ):
        await site.until_up()
        made = await site.owner.execute(1, 1, COMMAND)
        assert made.refusal is None
        await until(lambda: len(site.calls) == 1 and "alerting" in next(iter(site.calls.values())).values())
        (call,) = site.mirror.calls.values()
        assert len(call.switch_call_id) == 32
        assert {(one.device, one.state.name) for one in call.connections} == {
            ("8001", "CONNECTED"),
            ("8002", "ALERTING"),
        }
        assert simulator.act("answer 8002")["ok"]
        await until(lambda: site.calls == simulator.act("table")["calls"])
        transfer = Command(CommandKind.SINGLE_STEP_TRANSFER, DeviceNumber("8001"), destination="013900000001")
        assert (await site.owner.execute(1, 2, transfer)).refusal is None
        await until(lambda: site.calls == simulator.act("table")["calls"] and len(site.calls) == 1)
        assert simulator.act("hangup 8002")["ok"]
        await until(lambda: site.calls == {})
        assert site.mismatches == 0
