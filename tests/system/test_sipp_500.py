"""500 SIP calls at 20 a second through a real Asterisk: the stream's account is SIPp's and Asterisk's own.

SIPp makes the callers from outside and most telephones; attended transfers are made by telephones of ours, since SIPp
cannot consult. Counted is what a subscriber of the shipped gateway process hears, nothing else.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from model.causes import Cause
from model.events import CallEvent, CallEventKind, Event, LinkEvent, MismatchEvent
from model.ids import CallId
from model.states import LinkState
from tests.peers import asterisk_config, sipp
from tests.peers.asterisk import Addresses, Asterisk, CdrRow, Unavailable, free_udp_ports, new_addresses
from tests.peers.phone import PhoneCall, Phones, answers, phones
from tests.peers.sipp import Count, Sipp
from tests.system.asterisk_site import need_asterisk
from tests.system.gateway_process import Subscriber, gateway
from tests.waiting import until

RING_MS, TALK_MS, PAUSE_MS, GIVE_UP_MS = 200, 2_000, 300, 500


@dataclass(frozen=True, slots=True)
class Lot:
    """Calls of one sort: how many, how many a second, and to which extensions."""

    name: str
    calls: int
    per_second: int
    extensions: range
    caller: str
    phone: str | None
    """SIPp's scenario for the telephones; None when ours are called."""


ANSWERED = Lot("answered", 200, 8, range(8001, 8021), sipp.caller_talks(800), sipp.phone_answers(RING_MS))
BUSY = Lot("busy", 75, 3, range(8021, 8026), sipp.caller_finds_busy(), sipp.phone_is_busy())
ABANDONED = Lot("abandoned", 75, 3, range(8026, 8031), sipp.caller_gives_up(GIVE_UP_MS), sipp.phone_rings())
HELD = Lot("held", 50, 2, range(8031, 8041), sipp.caller_talks(TALK_MS), sipp.phone_holds(RING_MS, PAUSE_MS))
BLIND = Lot("blind", 50, 2, range(8041, 8051), sipp.caller_talks(TALK_MS), sipp.phone_transfers(RING_MS, PAUSE_MS))
ATTENDED = Lot("attended", 50, 2, range(8051, 8066), sipp.caller_talks(TALK_MS), None)
LOTS = (ANSWERED, BUSY, ABANDONED, HELD, BLIND, ATTENDED)

TARGETS = tuple(str(number) for number in range(8066, 8091))
"""Extensions that calls are transferred to: they answer like the others."""


PORT_CFG = """\
TRUNK T001-T060 group=PSTN endpoint=PJSIP/trunk
EXT   8001-8090
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ultra-sipp-") as name:
        yield Path(name)


@pytest.mark.timeout(180)
async def test_500_sip_calls(folder: Path) -> None:
    assert (sum(lot.calls for lot in LOTS), sum(lot.per_second for lot in LOTS)) == (500, 20)
    need_asterisk()
    try:
        sipp.sipp_program()
    except Unavailable as reason:
        pytest.skip(str(reason))
    ports = dict(zip((lot.name for lot in LOTS), free_udp_ports(len(LOTS)), strict=True))
    phone_ports = {str(number): ports[lot.name] for lot in LOTS if lot.phone for number in lot.extensions}
    phone_ports |= dict.fromkeys(TARGETS, ports[ANSWERED.name])
    addresses = new_addresses()
    switch = (
        f'interface = "asterisk"\nhost = "127.0.0.1"\nport = {addresses.manager}\n'
        f'user = "{asterisk_config.USER}"\nsecret = "{asterisk_config.SECRET}"'
    )
    async with (
        Asterisk(addresses, phone_ports) as asterisk,
        phones(addresses.sip, addresses.phones) as ours,
        gateway(folder, switch, PORT_CFG) as subscriber,
    ):
        print(await asterisk.version())
        telephones = {lot: _telephones(folder, lot, addresses, ports) for lot in LOTS if lot.phone}
        callers = {lot: _callers(folder, lot, addresses) for lot in LOTS}
        _our_telephones(ours, ATTENDED)
        async with sipp.stopped_at_end([*telephones.values(), *callers.values()]):
            counts = dict(zip(callers, await asyncio.gather(*(one.ended() for one in callers.values())), strict=True))
            await until(lambda: subscriber.mirror is not None and not subscriber.mirror.calls, seconds_max=30)
            _compare_with_sipp(counts, callers)
        await _compare_with_asterisk(asterisk, subscriber.events)
        _compare_with_plan(subscriber)


def _telephones(folder: Path, lot: Lot, addresses: Addresses, ports: dict[str, int]) -> Sipp:
    program = Sipp(folder, f"{lot.name}-phones", lot.phone or "", addresses.sip, ports[lot.name])
    program.start(TARGETS)
    return program


def _callers(folder: Path, lot: Lot, addresses: Addresses) -> Sipp:
    (port,) = free_udp_ports(1)
    program = Sipp(folder, f"{lot.name}-callers", lot.caller, addresses.sip, port)
    program.start([f"8{number}" for number in lot.extensions], "-r", str(lot.per_second), "-m", str(lot.calls))
    return program


def _our_telephones(phones: Phones, lot: Lot) -> None:
    """Each answers, holds, consults the next target, and brings the two together."""
    targets = iter(TARGETS * lot.calls)

    async def transfers(call: PhoneCall) -> None:
        await answers(call)
        await call.hold()
        second = await phones.call(call.dialled, next(targets))
        await second.until_answered()
        await second.speak(PAUSE_MS / 1000)
        await call.refer_to_call(second)

    for number in lot.extensions:
        phones.on_call(str(number), transfers)


def _compare_with_sipp(counts: dict[Lot, Count], callers: dict[Lot, Sipp]) -> None:
    for lot, count in counts.items():
        assert count == Count(lot.calls, 0), f"{lot.name}: {callers[lot].errors()}"


async def _compare_with_asterisk(asterisk: Asterisk, events: list[Event]) -> None:
    """Channels now, calls ever, and the call records, pair by pair: who called whom, and what became of it.

    After an attended transfer Asterisk writes a record of the two who were brought together, or, every third time,
    leaves it out: those pairs may be among the records, and no others.
    """
    channels, calls, processed = await asterisk.calls_now()
    rows = asterisk.cdr()
    told = account(events)
    print({"calls processed": processed, "records": len(rows), "told": dict(told)})
    assert (channels, calls) == (0, 0)
    assert processed == len(_calls_begun(events))
    assert Counter(row.disposition for row in rows).keys() == {"ANSWERED", "BUSY", "NO ANSWER"}
    assert {row.uniqueid for row in rows} == {str(call) for call in _switch_ids(events)}
    answered = _recorded(rows, "ANSWERED")
    established = _pairs(events, CallEventKind.ESTABLISHED)
    assert answered >= established
    assert answered - established <= _pairs(events, CallEventKind.TRANSFERRED)
    assert _recorded(rows, "BUSY") == _pairs(events, CallEventKind.FAILED)
    assert _recorded(rows, "NO ANSWER") == _pairs(events, CallEventKind.DELIVERED) - answered


def _recorded(rows: list[CdrRow], disposition: str) -> set[tuple[str, str]]:
    """Caller's channel and number called, of the records with this disposition."""
    return {
        (row.uniqueid, row.destination_channel.partition("/")[2].partition("-")[0])
        for row in rows
        if row.disposition == disposition
    }


def _pairs(events: list[Event], kind: CallEventKind) -> set[tuple[str, str]]:
    """The same of the stream: the event's device, and the others in its call; both ways after a transfer."""
    return {
        (other.key, one.device)
        for event in events
        if isinstance(event, CallEvent) and event.kind is kind
        for call in event.calls
        for one in call.connections
        for other in call.connections
        if other is not one and (one.device == event.subject or kind is CallEventKind.TRANSFERRED)
    }


def _switch_ids(events: list[Event]) -> set[str]:
    return {call.switch_call_id for event in events if isinstance(event, CallEvent) for call in event.calls}


def _compare_with_plan(subscriber: Subscriber) -> None:
    events = subscriber.events
    told = account(events)
    spoken = ANSWERED.calls + HELD.calls + BLIND.calls + ATTENDED.calls
    assert told["failed busy"] == BUSY.calls
    assert told["cancelled"] == ABANDONED.calls
    assert told["held"] == HELD.calls + ATTENDED.calls
    assert told["retrieved"] == HELD.calls
    assert told["transferred singleStepTransfer"] == BLIND.calls
    assert told["transferred transfer"] == ATTENDED.calls
    assert told["established"] == spoken + BLIND.calls + ATTENDED.calls
    assert [event for event in events if isinstance(event, MismatchEvent)] == []
    calls = sum(lot.calls for lot in LOTS) + ATTENDED.calls
    assert len(_calls_begun(events)) == calls, "500 from outside, and each consultation is a call of its own"
    assert sorted(_calls_ended(events)) == sorted(_calls_begun(events)), "every call ended, once"
    states = [event.link.state for event in events if isinstance(event, LinkEvent)]
    assert states[-1:] in ([], [LinkState.UP])
    assert LinkState.DOWN not in states
    assert states.count(LinkState.UP) <= 1, "the link came up once, perhaps before we subscribed, and stayed up"
    assert [line for line in subscriber.warnings() if not line.startswith(("link_changed", "licence_"))] == []


def _calls_begun(events: list[Event]) -> set[CallId]:
    return {call.call_id for event in events if isinstance(event, CallEvent) for call in event.calls}


def _calls_ended(events: list[Event]) -> list[CallId]:
    return [call.call_id for event in events if isinstance(event, CallEvent) for call in event.calls if call.ended]


def account(events: list[Event]) -> Counter[str]:
    """What a stream of events tells of its calls, counted."""
    told: Counter[str] = Counter()
    for event in events:
        if not isinstance(event, CallEvent):
            continue
        name = event.kind.name.lower()
        if event.kind is CallEventKind.CONNECTION_CLEARED:
            is_end = any(call.ended for call in event.calls)
            told["cancelled"] += is_end and event.cause is Cause.CALL_CANCELLED
        elif event.kind in (CallEventKind.TRANSFERRED, CallEventKind.FAILED):
            told[f"{name} {event.cause.text}"] += 1
        else:
            told[name] += 1
    return told
