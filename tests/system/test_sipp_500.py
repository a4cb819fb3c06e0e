"""500 SIP calls at 20 a second through a real Asterisk: the stream's account is SIPp's and Asterisk's own.

Counted is what a subscriber of the shipped gateway process hears, nothing else.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from model.causes import Cause
from model.events import CallEvent, CallEventKind, Event, LinkEvent, MismatchEvent
from model.ids import CallId
from model.states import LinkState
from tests.peers.asterisk import Asterisk, CdrRow
from tests.peers.sipp import Count, Sipp
from tests.system.gateway_process import Subscriber
from tests.system.sipp_traffic import ABANDONED, ANSWERED, ATTENDED, BLIND, BUSY, HELD, LOTS, Lot, sipp_site


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ultra-sipp-") as name:
        yield Path(name)


@pytest.mark.timeout(180)
async def test_500_sip_calls(folder: Path) -> None:
    assert (sum(lot.calls for lot in LOTS), sum(lot.per_second for lot in LOTS)) == (500, 20)
    async with sipp_site(folder) as site:
        subscriber = site.subscriber
        counts, callers = await site.calls(LOTS)
        _compare_with_sipp(counts, callers)
        await _compare_with_asterisk(site.asterisk, subscriber.events)
        _compare_with_plan(subscriber)


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
