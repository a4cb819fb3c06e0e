"""Events are lost, doubled, swapped and forged: the normaliser survives, says what can be, and keeps no ghosts."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.links.asterisk.ami import Event
from gateway.links.asterisk.board import LATE_US
from gateway.links.asterisk.effects import Alarm, SnapshotWanted
from gateway.links.asterisk.normalise import CALL_EVENTS, Normaliser
from gateway.links.asterisk.scenario import PORTS, read_event
from gateway.portcfg import parse
from model.core import CallModel
from model.events import CallEvent
from model.ids import DeviceNumber, Microseconds, RequestRef
from model.reports import CallReport, Happening, TransferReport
from model.states import ConnectionState, LinkState
from model.transitions import AFTER
from model.view import Licence, Link
from tests.gateway.links.asterisk.scenario_files import scenarios

CHANNEL = "Channel=PJSIP/8001-00000000 Uniqueid=u0"
AGES = Microseconds(10_000_000)


def fresh() -> Normaliser:
    """A normaliser that knows that the switch is idle."""
    normaliser = Normaliser(parse(PORTS.encode()).ports)
    normaliser.arm()
    return normaliser


def events_of(path: Path) -> list[Event]:
    """A scenario's events, without its snapshots."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [read_event(line) for line in lines if line.split(" ")[0] in CALL_EVENTS]


def feed(normaliser: Normaliser, events: list[Event]) -> list[object]:
    """All events a millisecond apart, and then a long time."""
    effects: list[object] = []
    for number, event in enumerate(events):
        effects += normaliser.receive(event, Microseconds(number * 1_000))
    effects += normaliser.tick(Microseconds(len(events) * 1_000 + AGES))
    return effects


def states_are_possible(effects: list[object]) -> None:
    """Each connection's reports follow one another as ECMA-269 allows."""
    states: dict[object, ConnectionState] = {}
    for effect in effects:
        if isinstance(effect, CallReport):
            before = states.get(effect.connection, ConnectionState.NULL)
            if effect.calling_connection is not None and effect.calling_connection not in states:
                states[effect.calling_connection] = ConnectionState.CONNECTED
            assert (before, effect.happening) in AFTER, (before, effect)
            states[effect.connection] = AFTER[before, effect.happening]
        elif isinstance(effect, TransferReport):
            for row in effect.connections:
                states[row.new] = states.pop(row.old, ConnectionState.CONNECTED) if row.old else row.new  # type: ignore[assignment]


def every_call_ends_once(effects: list[object]) -> None:
    """The call model survives the reports, and after two snapshots of an idle switch nothing is left of the calls."""
    up = Link(LinkState.UP, "asterisk", "", Microseconds(0))
    model = CallModel(1, up, Licence("evaluation", "", 32, 0, ""), single_appearance=False)
    events: list[object] = []
    for effect in effects:
        if isinstance(effect, CallReport | TransferReport):
            events += model.report(effect).events
    for later in (3, 4, 5):
        now_us = Microseconds(AGES * later)
        events += model.whole_switch([], now_us, now_us).events
    calls = [call for event in events if isinstance(event, CallEvent) for call in event.calls]
    assert model.snapshot().calls == ()
    assert sorted(call.call_id for call in calls if call.ended) == sorted({call.call_id for call in calls})


@settings(max_examples=200)
@given(st.sampled_from(scenarios()), st.integers(0, 2**32), st.sampled_from(["lose", "double", "swap"]))
def test_a_damaged_stream_is_survived_and_forgotten(path: Path, seed: int, damage: str) -> None:
    dice = random.Random(seed)
    events = events_of(path)
    for _ in range(1 + len(events) // 10 if events else 0):
        at = dice.randrange(len(events))
        if damage == "lose":
            del events[at]
        elif damage == "double":
            events.insert(at, events[at])
        elif at:
            events[at - 1], events[at] = events[at], events[at - 1]
        if not events:
            break
    normaliser = fresh()
    effects = feed(normaliser, events)
    states_are_possible(effects)
    every_call_ends_once(effects)
    normaliser.adopt([], [], Microseconds(AGES * 2), Microseconds(AGES * 2))
    board = normaliser.board
    assert (board.channels, board.calls, board.bridges) == ({}, {}, {})
    assert normaliser.due_us is None


@settings(max_examples=200)
@given(st.permutations(scenarios()[:12]), st.integers(0, 2**32))
def test_calls_side_by_side_do_not_touch_each_other(paths: list[Path], seed: int) -> None:
    """Scenarios woven into one another, their ids kept apart, give the reports that each gives alone."""
    dice = random.Random(seed)
    alone: list[str] = []
    rows: list[list[Event]] = []
    for number, path in enumerate(paths[:3]):
        events = [_renamed(event, f"s{number}") for event in events_of(path)]
        alone += _kinds(feed(fresh(), events))
        rows.append(events)
    woven: list[Event] = []
    while any(rows):
        woven.append(dice.choice([row for row in rows if row]).pop(0))
    assert sorted(_kinds(feed(fresh(), woven))) == sorted(alone)


def _renamed(event: Event, prefix: str) -> Event:
    ids = ("Uniqueid", "BridgeUniqueid")
    return Event(
        event.name,
        {name: f"{prefix}{value}" if name.endswith(ids) else value for name, value in event.fields.items()},
    )


def _kinds(effects: list[object]) -> list[str]:
    told = []
    for effect in effects:
        if isinstance(effect, CallReport) and effect.happening is not Happening.SERVICE_INITIATED:
            told.append(f"{effect.happening.name} {effect.connection}")
        elif isinstance(effect, TransferReport):
            told.append(f"{effect.primary_old} {effect.secondary_old} {effect.connections}")
    return told


@pytest.mark.parametrize(
    "line",
    [
        "Hangup Channel=PJSIP/8001-00000000 Uniqueid=u77 Cause=16",
        "Hangup Channel=PJSIP/8002-00000000 Uniqueid=u0 Cause=16",
        "Hangup Channel=PJSIP/8001-00000000 Cause=16",
        "BridgeEnter Channel=PJSIP/8009-00000000 Uniqueid=u77 BridgeUniqueid=B1",
        "Newchannel Channel=PJSIP/8001-00000000 Uniqueid=u0 ChannelStateDesc=Ring",
        "Newchannel Channel=PJSIP/8001-00000009",
        "BlindTransfer Result=Success TransfererChannel=PJSIP/8001-00000000 TransfererUniqueid=u9 Extension=8003",
        "LocalBridge LocalOneUniqueid=u0 LocalTwoUniqueid=u78",
        f"DialBegin Channel=PJSIP/8009-00000000 Uniqueid=u77 Dest{CHANNEL.replace(' U', ' DestU')} DialString=8001",
        f"Pickup {CHANNEL} TargetUniqueid=u79",
        "UnParkedCall ParkeeChannel=PJSIP/8001-00000000 ParkeeUniqueid=u0 RetrieverUniqueid=u80",
    ],
)
def test_poison_is_told_and_not_acted_on(line: str) -> None:
    normaliser = fresh()
    normaliser.receive(read_event(f"Newchannel {CHANNEL} ChannelStateDesc=Ring Exten=8002"), Microseconds(0))
    effects = normaliser.receive(read_event(line), Microseconds(1))
    assert [type(effect) for effect in effects] == [Alarm, SnapshotWanted]
    assert list(normaliser.board.channels) == ["u0"]


def test_a_late_event_of_an_ended_channel_is_no_poison() -> None:
    normaliser = fresh()
    for line in (f"Newchannel {CHANNEL} ChannelStateDesc=Ring", f"Hangup {CHANNEL} Cause=16"):
        normaliser.receive(read_event(line), Microseconds(0))
    assert normaliser.receive(read_event(f"Newstate {CHANNEL} ChannelStateDesc=Up"), Microseconds(1)) == []
    assert normaliser.poison_count == 0


def test_before_the_first_snapshot_an_unknown_channel_is_no_poison() -> None:
    normaliser = Normaliser(())
    assert normaliser.receive(read_event(f"Hangup {CHANNEL} Cause=16"), Microseconds(0)) == []


@pytest.mark.parametrize(
    "line",
    [
        "Hangup Channel=PJSIP/8002-00000000 Uniqueid=u77 Cause=16",
        "LocalBridge LocalOneUniqueid=u0 LocalTwoUniqueid=u78",
        f"DialBegin Channel=PJSIP/8009-00000000 Uniqueid=u77 Dest{CHANNEL.replace(' U', ' DestU')} DialString=8001",
        f"Pickup {CHANNEL} TargetUniqueid=u79",
        "UnParkedCall ParkeeChannel=PJSIP/8001-00000000 ParkeeUniqueid=u0 RetrieverUniqueid=u80",
    ],
)
def test_what_the_first_answer_has_overtaken_is_no_poison_but_what_comes_later_is(line: str) -> None:
    """A channel may begin unheard, end before the answer, and be told of after it. Later answers change nothing."""
    normaliser = Normaliser(parse(PORTS.encode()).ports)
    normaliser.adopt([], [], Microseconds(0), Microseconds(1))
    normaliser.receive(read_event(f"Newchannel {CHANNEL} ChannelStateDesc=Ring Exten=8002"), Microseconds(2))
    assert normaliser.receive(read_event(line), Microseconds(LATE_US)) == []
    normaliser.adopt([], [], Microseconds(0), Microseconds(LATE_US))
    later = normaliser.receive(read_event(line), Microseconds(LATE_US + 1))
    assert [type(effect) for effect in later] == [Alarm, SnapshotWanted]


def test_our_own_originate_is_told_with_its_request() -> None:
    normaliser = fresh()
    normaliser.expect("own-1", RequestRef(7, 9), DeviceNumber("8002"))
    lines = (
        "Newchannel Channel=PJSIP/8001-00000000 Uniqueid=own-1 ChannelStateDesc=Down Exten=s",
        "DialBegin DestChannel=PJSIP/8001-00000000 DestUniqueid=own-1 DialString=8001",
    )
    effects = [effect for line in lines for effect in normaliser.receive(read_event(line), Microseconds(0))]
    assert [(effect.request, effect.called) for effect in effects if isinstance(effect, CallReport)] == [
        (RequestRef(7, 9), "8002")
    ]


def test_a_retrieve_is_told_when_no_transfer_has_followed() -> None:
    normaliser = fresh()
    lines = ("01_internal_answered", "Hold", "Unhold")
    path = next(path for path in scenarios() if path.stem == lines[0])
    events = events_of(path)
    answered = next(number for number, event in enumerate(events) if event.name == "BridgeEnter") + 2
    feed(normaliser, events[:answered])
    channel = next(iter(normaliser.board.channels.values()))
    identity = f"Channel={channel.name} Uniqueid={channel.uniqueid}"
    now = Microseconds(AGES * 2)
    assert _kinds(list(normaliser.receive(read_event(f"Hold {identity}"), now)))[0].startswith("HELD")
    assert normaliser.receive(read_event(f"Unhold {identity}"), now) == []
    due_us = normaliser.due_us
    assert due_us is not None
    assert now < due_us <= now + 100_000
    assert _kinds(list(normaliser.tick(due_us)))[0].startswith("RETRIEVED")
    assert normaliser.due_us is None
