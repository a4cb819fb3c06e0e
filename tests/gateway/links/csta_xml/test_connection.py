"""A connection that fails in our own hands is cut, said so, and made anew; a switch that does not read is left."""

import asyncio
import socket
from collections.abc import Callable
from typing import cast

import pytest
from structlog.testing import capture_logs

from gateway.links.base import CommandTarget
from gateway.links.csta_xml.messages import MonitorStart, SystemStatus, SystemStatusValue
from gateway.links.csta_xml.session import SessionLimits
from model.commands import Command, CommandKind, Refusal
from model.events import CallEvent
from model.ids import DeviceNumber, RequestRef
from model.reports import DeviceFlag, DeviceReport, Report
from model.states import LinkState
from tests.gateway.links.csta_xml.far_end import NO_REPLY, FarEnd, event
from tests.gateway.links.csta_xml.linked import Linked, linked
from tests.gateway.links.executing import executed
from tests.waiting import until


class Bug(Exception):
    """Stands for a mistake of ours behind the link."""


def failing(site: Linked, when: Callable[[Report], bool]) -> None:
    """From now on the owner has a bug that shows on some reports."""
    sound: Callable[[Report], None] = site.owner.report

    def report(one: Report) -> None:
        if when(one):
            raise Bug("in the owner")
        sound(one)

    site.owner.__dict__["report"] = report


async def test_a_bug_in_taking_in_a_message() -> None:
    async with linked() as site:
        await site.until_up()
        with capture_logs() as logs:
            failing(site, lambda one: getattr(getattr(one, "connection", None), "call", "") == "666")
            poison = event("DELIVERED", "8002", "666:8002")
            await site.tell_raw(site.far_end.says(poison))
            await until(lambda: site.connections == 2 and site.model.link.state is LinkState.UP)
        (failure,) = [one for one in logs if one["event"] == "message_failed"]
        assert failure["log_level"] == "error"
        assert failure["invoke_id"] == 9999
        assert b"<callID>666</callID>" in bytes.fromhex(failure["frame"])
        assert [alarm.partition(":")[0] for alarm in site.alarms] == ["link_failed"]
        assert site.link is not None
        assert site.link.counts["links_failed"] == 1
        assert await site.tell(event("DELIVERED", "8002", "7:8002")) == ["delivered 8002"]


async def test_a_bug_when_time_passes() -> None:
    def not_monitored(one: Report) -> bool:
        return isinstance(one, DeviceReport) and one.flag is DeviceFlag.NOT_MONITORED

    far_end = FarEnd()
    far_end.replies[MonitorStart] = lambda request: NO_REPLY if request.device == "8003" else far_end.polite(request)
    limits = SessionLimits(window=16, answer_seconds=0.2, silence_seconds=30.0)
    async with linked(far_end, limits=limits) as site:
        failing(site, not_monitored)
        await until(lambda: site.connections >= 2)
        far_end.replies.clear()
        await site.until_up()
        assert site.alarms


async def test_a_bug_in_a_command() -> None:
    async with linked() as site:
        await site.until_up()
        assert site.link is not None
        command = Command(CommandKind.HOLD_CALL, DeviceNumber("8001"))
        outcome = await executed(site.link, command, cast(CommandTarget, None), RequestRef(1, 1))
        assert outcome.refusal is Refusal.LINK_DOWN
        await until(lambda: site.connections == 2 and site.model.link.state.is_up)


async def test_a_bug_in_what_a_report_leads_to() -> None:
    """It shows while a message is being taken in, in a question that this message led to: what came with it is left."""
    async with linked() as site:
        await site.until_up()
        link, sound = site.link, site.owner.report
        assert link is not None

        def report(one: Report) -> None:
            sound(one)
            link.verify_device(cast(DeviceNumber, []))

        site.owner.__dict__["report"] = report
        both = [event("DELIVERED", "8002", "7:8002"), event("DELIVERED", "8003", "8:8003")]
        await site.tell_raw(b"".join(map(site.far_end.says, both)))
        await until(lambda: not site.model.link.state.is_up)
        site.owner.__dict__["report"] = sound
        await until(lambda: site.connections == 2 and site.model.link.state.is_up)
        begun = {call.switch_call_id for one in site.events if isinstance(one, CallEvent) for call in one.calls}
        assert begun == {"7"}
        assert link.counts["links_failed"] == 1


async def test_a_switch_that_does_not_read() -> None:
    """It asks and asks and takes no answer: what waits for it has a limit, and then it is left."""
    async with linked() as site:
        await site.until_up()
        assert site.connection is not None
        transport = site.connection.transport
        assert transport is not None
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        transport.pause_reading()
        question = site.far_end.says(SystemStatus(system_status=SystemStatusValue.NORMAL), 1) * 200
        while not transport.is_closing() and site.connections == 1:
            transport.write(question)
            await asyncio.sleep(0)
        await until(lambda: site.connections == 2 and site.model.link.state.is_up)
        reasons = [reason for reason in said_reasons(site) if "does not read" in reason]
        assert len(reasons) == 1


def said_reasons(site: Linked) -> list[str]:
    return [one.link.reason for one in site.events if hasattr(one, "link")]


@pytest.mark.parametrize("cut", [0, 3, 40])
async def test_a_connection_cut_within_a_message(cut: int) -> None:
    async with linked() as site:
        await site.until_up()
        assert site.connection is not None
        assert site.connection.transport is not None
        await site.tell_raw(site.far_end.says(event("DELIVERED", "8002", "7:8002"))[:cut])
        site.connection.transport.close()
        await until(lambda: site.connections == 2 and site.model.link.state.is_up)
        assert site.calls == {}
        assert site.alarms == []
