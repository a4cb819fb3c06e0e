"""The link against a real Asterisk 22: what telephones do is what is reported, and nothing else."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from gateway.links.asterisk.link import AsteriskLink
from model.commands import CommandKind, Refusal
from model.events import CallEvent
from model.ids import DeviceNumber
from model.reports import Happening
from model.states import LinkState
from runtime.tasks import spawn
from tests.peers.asterisk import new_addresses
from tests.peers.phone import PhoneCall, answers, is_busy, phones, rings
from tests.system.asterisk_site import Listener, Site, link_to, need_asterisk, new_listener, site
from tests.waiting import until

OUTSIDE = "13800001111"

CLEARED_8001_8002 = ["CONNECTION_CLEARED 8001 normalClearing", "CONNECTION_CLEARED 8002 normalClearing"]
"""Asterisk hangs the two ends of a call up in either order."""


@pytest.fixture
async def here() -> AsyncIterator[Site]:
    async with site() as one:
        yield one
        assert one.heard.mismatches() == []


async def test_it_is_asterisk_22_and_idle(here: Site) -> None:
    version = await here.asterisk.version()
    print(version)
    assert version.startswith("Asterisk 22.")
    assert here.heard.snapshots == [[]]
    assert [state for state, _ in here.heard.states] == [
        LinkState.CONNECTING, LinkState.LOGGING_IN, LinkState.INITIALISING, LinkState.UP,
    ]  # fmt: skip


async def test_an_internal_call(here: Site) -> None:
    here.phones.on_call("8002", answers)
    call = await here.phones.call("8001", "8002")
    await call.until_answered()
    await call.hang_up()
    await here.quiet()
    assert here.heard.story() == [
        "SERVICE_INITIATED 8001 newCall",
        "ORIGINATED 8001 newCall",
        "DELIVERED 8002 newCall",
        "ESTABLISHED 8002 newCall",
        "CONNECTION_CLEARED 8001 normalClearing",
        "CONNECTION_CLEARED 8002 normalClearing",
    ]


async def test_a_call_from_outside_that_is_given_up(here: Site) -> None:
    here.phones.on_call("8001", rings)
    call = await here.phones.call(OUTSIDE, "88001", is_trunk=True)
    await call.until_ringing()
    await until(lambda: Happening.DELIVERED in here.heard.happenings())
    (trunk_call,) = here.heard.model.snapshot().calls
    assert {(one.device, one.trunk) for one in trunk_call.connections} == {("8001", ""), (OUTSIDE, "T001")}
    await call.cancel()
    await here.quiet()
    assert here.heard.said()[0] == "DELIVERED 8001 newCall"
    assert sorted(here.heard.said()[1:]) == [
        f"CONNECTION_CLEARED {OUTSIDE} callCancelled",
        "CONNECTION_CLEARED 8001 callCancelled",
    ]


async def test_a_call_outside(here: Site) -> None:
    async def network(call: PhoneCall) -> None:
        call.progress()
        await call.answer()

    addresses = here.asterisk.addresses
    async with phones(addresses.sip, addresses.trunk) as trunk:
        trunk.on_call(OUTSIDE, network)
        call = await here.phones.call("8001", f"9{OUTSIDE}")
        await call.until_answered()
        await call.hang_up()
        await here.quiet()
    assert here.heard.story() == [
        "SERVICE_INITIATED 8001 newCall",
        "ORIGINATED 8001 newCall",
        "NETWORK_REACHED T001 newCall",
        f"ESTABLISHED {OUTSIDE} networkSignal",
        f"CONNECTION_CLEARED {OUTSIDE} normalClearing",
        "CONNECTION_CLEARED 8001 normalClearing",
    ]


@pytest.mark.parametrize(
    ("status", "cause"),
    [(486, "busy"), (480, "callNotAnswered"), (603, "callRejected"), (404, "numberUnallocated")],
)
async def test_a_refusal_fails_with_the_callee_s_cause(here: Site, status: int, cause: str) -> None:
    async def refuses(call: PhoneCall) -> None:
        call.refuse(status)

    here.phones.on_call("8002", refuses)
    call = await here.phones.call("8001", "8002")
    await call.until_ended()
    await here.quiet()
    assert here.heard.said()[2] == f"FAILED 8002 {cause}"
    assert [text.split()[0] for text in here.heard.said()[3:]] == ["CONNECTION_CLEARED"] * 2


async def test_no_answer(here: Site) -> None:
    here.phones.on_call("8002", rings)
    call = await here.phones.call("8001", "58002")
    await call.until_ended()
    await here.quiet()
    assert here.heard.said()[2:4] == ["DELIVERED 8002 newCall", "FAILED 8002 callNotAnswered"]


async def test_hold_and_retrieve(here: Site) -> None:
    here.phones.on_call("8002", answers)
    call = await here.phones.call("8001", "8002")
    await call.until_answered()
    await call.hold()
    await until(lambda: Happening.HELD in here.heard.happenings())
    await call.unhold()
    await until(lambda: Happening.RETRIEVED in here.heard.happenings())
    await call.hold()
    await call.hang_up()
    await here.quiet()
    assert here.heard.said()[4:7] == ["HELD 8001 normal", "RETRIEVED 8001 normal", "HELD 8001 normal"]


async def test_a_blind_transfer_by_the_phone(here: Site) -> None:
    here.phones.on_call("8002", answers)
    here.phones.on_call("8003", answers)
    call = await here.phones.call("8001", "8002")
    await call.until_answered()
    await until(lambda: all(channel.bridge for channel in here.link.normaliser.board.channels.values()))
    await call.hold()
    await call.refer("8003")
    await until(lambda: here.heard.said()[-1] == "ESTABLISHED 8003 transfer")
    await here.phones.calls_of("8003")[0].hang_up()
    await here.quiet()
    assert here.heard.story()[4:] == [
        "HELD 8001 normal",
        "TRANSFERRED 8001 to 8003 singleStepTransfer",
        "DELIVERED 8003 transfer",
        "ESTABLISHED 8003 transfer",
        "CONNECTION_CLEARED 8002 normalClearing",
        "CONNECTION_CLEARED 8003 normalClearing",
    ]


async def test_an_attended_transfer_by_the_phone(here: Site) -> None:
    async def transfers(call: PhoneCall) -> None:
        await answers(call)
        await call.hold()
        second = await here.phones.call("8002", "8003")
        await second.until_answered()
        await until(lambda: all(channel.bridge for channel in here.link.normaliser.board.channels.values()))
        await call.refer_to_call(second)

    here.phones.on_call("8002", transfers)
    here.phones.on_call("8003", answers)
    call = await here.phones.call(OUTSIDE, "88002", is_trunk=True)
    await call.until_answered()
    await until(lambda: "TRANSFERRED 8002 to 8003 transfer" in here.heard.said())
    (left,) = here.heard.model.snapshot().calls
    assert {(one.device, one.trunk) for one in left.connections} == {("8003", ""), (OUTSIDE, "T001")}
    await call.hang_up()
    await here.quiet()
    assert here.heard.story() == [
        "DELIVERED 8002 newCall",
        "ESTABLISHED 8002 newCall",
        "HELD 8002 normal",
        "SERVICE_INITIATED 8002 consultation",
        "ORIGINATED 8002 consultation",
        "DELIVERED 8003 consultation",
        "ESTABLISHED 8003 consultation",
        "TRANSFERRED 8002 to 8003 transfer",
        f"CONNECTION_CLEARED {OUTSIDE} normalClearing",
        "CONNECTION_CLEARED 8003 normalClearing",
    ]


async def test_a_phone_forwards(here: Site) -> None:
    async def forwards(call: PhoneCall) -> None:
        call.divert("8003")

    here.phones.on_call("8002", forwards)
    here.phones.on_call("8003", answers)
    call = await here.phones.call("8001", "8002")
    await call.until_answered()
    await call.hang_up()
    await here.quiet()
    assert here.heard.said()[2:6] == [
        "OFFERED 8002 newCall",
        "DIVERTED 8002 callForward",
        "DELIVERED 8003 callForward",
        "ESTABLISHED 8003 callForward",
    ]


async def test_a_queue(here: Site) -> None:
    here.phones.on_call("8001", rings)
    here.phones.on_call("8002", answers)
    call = await here.phones.call(OUTSIDE, "6000", is_trunk=True)
    await call.until_answered()
    await call.hang_up()
    await here.quiet()
    assert here.heard.story() == [
        "QUEUED 6000 enteringDistribution",
        "DELIVERED 8001 distributed",
        "DIVERTED 8001 timeout",
        "DELIVERED 8002 distributed",
        "DIVERTED 6000 distributed",
        "ESTABLISHED 8002 distributed",
        f"CONNECTION_CLEARED {OUTSIDE} normalClearing",
        "CONNECTION_CLEARED 8002 normalClearing",
    ]


async def test_a_ring_group(here: Site) -> None:
    async def answers_second(call: PhoneCall) -> None:
        call.ring()
        await until(lambda: here.heard.happenings().count(Happening.DELIVERED) == 2)
        await call.answer()

    here.phones.on_call("8001", rings)
    here.phones.on_call("8002", answers_second)
    call = await here.phones.call("8003", "7000")
    await call.until_answered()
    await call.hang_up()
    await here.quiet()
    delivered = sorted(text for text in here.heard.said() if text.startswith("DELIVERED"))
    assert [text.split()[1] for text in delivered] == ["8001", "8002"]
    assert here.heard.said().count("CONNECTION_CLEARED 8001 multipleAlerting") == 1
    assert "ESTABLISHED 8002 newCall" in here.heard.said()


async def test_a_pickup(here: Site) -> None:
    here.phones.on_call("8002", rings)
    call = await here.phones.call("8001", "8002")
    await call.until_ringing()
    picker = await here.phones.call("8003", "*88002")
    await call.until_answered()
    await picker.hang_up()
    await here.quiet()
    said = here.heard.said()
    assert said[said.index("DIVERTED 8002 callPickup") - 1] == "CONNECTION_CLEARED 8003 callPickup"
    assert said[said.index("DIVERTED 8002 callPickup") + 1] == "ESTABLISHED 8003 callPickup"


async def test_a_conference_room(here: Site) -> None:
    calls = [await here.phones.call(caller, "6500") for caller in ("8001", "8002", "8003")]
    for call in calls:
        await call.until_answered()
    await until(lambda: sum("CONFERENCED" in text for text in here.heard.said()) == 2)
    (room,) = here.heard.model.snapshot().calls
    assert {one.device for one in room.connections} == {"8001", "8002", "8003"}
    for call in calls:
        await call.hang_up()
    await here.quiet()


# -- the outside means no good ---------------------------------------------------------------------------------------


async def test_a_call_with_a_forged_event_changes_nothing_but_itself(here: Site) -> None:
    here.phones.on_call("8002", answers)
    here.phones.on_call("8005", answers)
    good = await here.phones.call("8001", "8002")
    await good.until_answered()
    await until(lambda: Happening.ESTABLISHED in here.heard.happenings())
    before = here.heard.model.snapshot().calls
    board = here.link.normaliser.board
    (victim,) = (channel.name for channel in board.channels.values() if channel.device == "8001")
    forged = (
        "138%0D%0A%0D%0AEvent%3A%20Hangup%0D%0APrivilege%3A%20call%2Call%0D%0A"
        f"Channel%3A%20{victim.replace('/', '%2F')}%0D%0AUniqueid%3A%201.1%0D%0ACause%3A%2016%0D%0A%0D%0AX%3A%20"
    )
    bad = await here.phones.call("ignored", "88005", is_trunk=True, from_user=forged)
    await bad.until_answered()
    await until(lambda: here.heard.alarms)
    assert here.heard.alarms[0][0] == "ami_poisoned"
    assert here.heard.model.snapshot().calls == before
    await bad.hang_up()
    await until(lambda: here.heard.state is LinkState.UP and len(board.channels) == 2)
    assert here.heard.model.snapshot().calls == before
    await good.hang_up()
    await here.quiet()
    assert sorted(text for text in here.heard.said() if "CLEARED" in text) == CLEARED_8001_8002


# -- the link's life -------------------------------------------------------------------------------------------------


async def test_a_power_cut_of_the_switch(here: Site) -> None:
    here.phones.on_call("8002", answers)
    call = await here.phones.call("8001", "8002")
    await call.until_answered()
    await until(lambda: Happening.ESTABLISHED in here.heard.happenings())
    here.asterisk.kill()
    await until(lambda: here.heard.state is LinkState.DOWN)
    assert len(here.heard.model.snapshot().calls) == 1
    await here.asterisk.start()
    await until(lambda: here.heard.state is LinkState.UP)
    await here.quiet()
    assert here.heard.said()[-1] == "ESTABLISHED 8002 newCall"
    assert _kinds(here.heard)[-1] == "RECONCILED"
    second = await here.phones.call("8001", "8002")
    await second.until_answered()
    await second.hang_up()
    await here.quiet()


async def test_the_connection_alone_is_lost(here: Site) -> None:
    here.phones.on_call("8002", answers)
    here.phones.on_call("8004", answers)
    stays = await here.phones.call("8001", "8002")
    goes = await here.phones.call("8003", "8004")
    await stays.until_answered()
    await goes.until_answered()
    await until(lambda: here.heard.happenings().count(Happening.ESTABLISHED) == 2)
    await stays.hold()
    await until(lambda: Happening.HELD in here.heard.happenings())
    before = {call.switch_call_id: call for call in here.heard.model.snapshot().calls}
    here.link.cut()
    await goes.hang_up()
    third = await here.phones.call("8005", "8002")
    await third.until_answered()
    await until(lambda: here.heard.state is LinkState.UP and len(here.heard.snapshots) >= 3)
    after = {call.switch_call_id: call for call in here.heard.model.snapshot().calls}
    assert len(after) == 2
    (kept,) = before.keys() & after.keys()
    assert after[kept] == before[kept], "a call that was not touched, its hold included, is as it was"
    assert len(here.heard.calls_ended()) == 1
    for call in (stays, third):
        await call.hang_up()
    await here.quiet()


async def test_core_restart_now(here: Site) -> None:
    here.phones.on_call("8002", answers)
    call = await here.phones.call("8001", "8002")
    await call.until_answered()
    await until(lambda: Happening.ESTABLISHED in here.heard.happenings())
    await here.asterisk.manage(
        "Events: off", "Action: Command\nActionID: 1\nCommand: core restart now", until=b"never said"
    )
    await until(lambda: "the switch restarts" in [reason for _, reason in here.heard.states], seconds_max=40)
    await until(lambda: here.heard.state is LinkState.UP, seconds_max=40)
    await here.quiet()
    assert sorted(here.heard.said()[-2:]) == CLEARED_8001_8002


async def test_the_reasons_of_a_link_that_does_not_come_up() -> None:
    need_asterisk()
    async with site() as here:
        addresses = here.asterisk.addresses
        reasons = {
            "secret": await _reason_of(link_to(addresses, new_listener(), secret="wrong")),
            "nobody": await _reason_of(link_to(new_addresses(), new_listener())),
            "name": await _reason_of(link_to(addresses, new_listener(), host="no-such-host.invalid")),
        }
    assert reasons["secret"] == (
        LinkState.REFUSED, "log-in refused for user 'cti': Authentication failed"
    )  # fmt: skip
    assert reasons["nobody"][0] is LinkState.DOWN
    assert re.match(r"refused: nothing listens at 127\.0\.0\.1:\d+", reasons["nobody"][1])
    assert reasons["name"][0] is LinkState.DOWN
    assert reasons["name"][1].startswith("name not found: 'no-such-host.invalid'")


async def test_a_user_with_the_least_rights_sees_and_does_the_same() -> None:
    async with site(user="least") as here:
        here.phones.on_call("8001", answers)
        here.phones.on_call("8002", answers)
        assert (await here.ask(CommandKind.MAKE_CALL, "8001", "8002")).refusal is None
        await until(lambda: Happening.ESTABLISHED in here.heard.happenings())
        here.link.verify_device(DeviceNumber("8001"))
        await until(lambda: len(here.heard.snapshots) == 2)
        (call,) = here.heard.snapshots[1]
        assert {party.device for party in call.parties} == {"8001", "8002"}
        assert (await here.ask(CommandKind.CLEAR_CONNECTION, "8001")).refusal is None
        await here.quiet()
        assert here.heard.alarms == []


# -- call control ----------------------------------------------------------------------------------------------------


async def test_make_and_clear(here: Site) -> None:
    here.phones.on_call("8001", answers)
    here.phones.on_call("8002", answers)
    assert (await here.ask(CommandKind.MAKE_CALL, "8001", "8002")).refusal is None
    await until(lambda: Happening.ESTABLISHED in here.heard.happenings())
    assert here.heard.story() == [
        "SERVICE_INITIATED 8001 makeCall",
        "ORIGINATED 8001 makeCall",
        "DELIVERED 8002 makeCall",
        "ESTABLISHED 8002 makeCall",
    ]
    assert {getattr(report, "request", None) for report in here.heard.reports} != {None}
    assert (await here.ask(CommandKind.CLEAR_CONNECTION, "8001")).refusal is None
    await here.quiet()


async def test_make_at_a_busy_phone(here: Site) -> None:
    here.phones.on_call("8001", is_busy)
    assert (await here.ask(CommandKind.MAKE_CALL, "8001", "8002")).refusal is None
    await here.quiet()
    assert here.heard.story() == [
        "SERVICE_INITIATED 8001 makeCall",
        "FAILED 8001 busy",
        "CONNECTION_CLEARED 8001 normalClearing",
    ]


async def test_single_step_transfer(here: Site) -> None:
    for number in ("8002", "8003"):
        here.phones.on_call(number, answers)
    call = await here.phones.call("8001", "8002")
    await call.until_answered()
    await until(lambda: Happening.ESTABLISHED in here.heard.happenings())
    assert (await here.ask(CommandKind.SINGLE_STEP_TRANSFER, "8002", "1234")).refusal is Refusal.BAD_DESTINATION
    await until(lambda: any(one.bridge for one in here.link.normaliser.board.channels.values()))
    assert (await here.ask(CommandKind.SINGLE_STEP_TRANSFER, "8002", "8003")).refusal is None
    await until(lambda: any(one.startswith("ESTABLISHED 8003 ") for one in here.heard.said()))
    await until(lambda: any(one.startswith("TRANSFERRED ") for one in here.heard.said()))
    kinds = [one for one in here.heard.said() if one.startswith(("TRANSFERRED ", "ESTABLISHED 8003 "))]
    # Only a transfer that is told when its target has answered already (never seen on an idle machine) names no cause.
    assert kinds[0].startswith("ESTABLISHED") or kinds[1] == "ESTABLISHED 8003 transfer", here.heard.said()
    await call.hang_up()
    await here.quiet()


async def test_deflect(here: Site) -> None:
    here.phones.on_call("8002", rings)
    here.phones.on_call("8003", answers)
    call = await here.phones.call(OUTSIDE, "88002", is_trunk=True)
    await call.until_ringing()
    await until(lambda: Happening.DELIVERED in here.heard.happenings())
    assert (await here.ask(CommandKind.DEFLECT_CALL, "8002", "8003")).refusal is None
    await until(lambda: here.heard.happenings()[-1] is Happening.ESTABLISHED)
    assert here.heard.story() == [
        "DELIVERED 8002 newCall",
        "DIVERTED 8002 redirected",
        "DELIVERED 8003 redirected",
        "ESTABLISHED 8003 redirected",
    ]
    await call.hang_up()
    await here.quiet()


async def test_what_is_refused(here: Site) -> None:
    here.phones.on_call("8002", rings)
    asked = {
        "unsupported": await here.ask(CommandKind.HOLD_CALL, "8001"),
        "no call": await here.ask(CommandKind.CLEAR_CONNECTION, "8001"),
        "no endpoint": await here.ask(CommandKind.MAKE_CALL, "9999", "8002"),
        "no number": await here.ask(CommandKind.MAKE_CALL, "8001", "1234"),
        "injection": await here.ask(CommandKind.MAKE_CALL, "8001", "8002\r\nApplication: System"),
        "separator": await here.ask(CommandKind.MAKE_CALL, "8001", "8002,1&PJSIP/x"),
    }
    assert {name: outcome.refusal for name, outcome in asked.items()} == {
        "unsupported": Refusal.NOT_SUPPORTED,
        "no call": Refusal.UNKNOWN_CALL,
        "no endpoint": Refusal.UNKNOWN_DEVICE,
        "no number": Refusal.BAD_DESTINATION,
        "injection": Refusal.BAD_DESTINATION,
        "separator": Refusal.BAD_DESTINATION,
    }
    call = await here.phones.call("8001", "8002")
    await until(lambda: Happening.DELIVERED in here.heard.happenings())
    assert (await here.ask(CommandKind.SINGLE_STEP_TRANSFER, "8001", "8003")).refusal is Refusal.WRONG_STATE
    assert (await here.ask(CommandKind.DEFLECT_CALL, "8001", "8003")).refusal is Refusal.WRONG_STATE
    await call.cancel()
    await here.quiet()


def _kinds(heard: Listener) -> list[str]:
    return [event.kind.name for event in heard.events if isinstance(event, CallEvent)]


async def _reason_of(link: AsteriskLink) -> tuple[LinkState, str]:
    """Run a link until it has said why it is not up."""
    heard = link.sink
    assert isinstance(heard, Listener)
    ends = (LinkState.DOWN, LinkState.REFUSED)
    async with asyncio.TaskGroup() as group:
        running = spawn(group, link.run(), name="doomed link")
        await until(lambda: any(state in ends for state, _ in heard.states))
        running.cancel()
    return next(said for said in heard.states if said[0] in ends)
