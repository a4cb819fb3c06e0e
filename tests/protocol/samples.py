"""Events and values for the tests: hand-made ones, and hypothesis strategies for every shape a body can have."""

from hypothesis import strategies as st

from model.causes import Cause
from model.events import (
    CallEvent,
    CallEventKind,
    ConditionEvent,
    DeviceChange,
    DeviceEvent,
    Event,
    LicenceEvent,
    LinkEvent,
    MismatchEvent,
)
from model.ids import (
    CallId,
    ConnectionKey,
    ConversationId,
    DeviceNumber,
    EventId,
    Microseconds,
    RequestRef,
    SwitchCallId,
)
from model.states import ConnectionState, DeviceState, LinkState, PortKind
from model.view import Call, Condition, Connection, Device, Licence, Link, Snapshot

EPOCH = 1_767_225_600_000_000
T0 = Microseconds(1_767_225_600_000_000)
LINK = Link(LinkState.UP, "csta-xml standard 127.0.0.1:7001", "", T0)
LICENCE = Licence("evaluation", "", 32, 2, "no licence file")


def call_id(number: int) -> CallId:
    return CallId(EventId(EPOCH, number))


def party(device: str, state: ConnectionState = ConnectionState.CONNECTED, trunk: str = "") -> Connection:
    return Connection(ConnectionKey(f"N<{device}>"), DeviceNumber(device), state, T0, DeviceNumber(trunk), True)


def call(number: int, *parties: Connection, ended: bool = False) -> Call:
    return Call(
        call_id=call_id(number),
        conversation_id=ConversationId(call_id(number)),
        switch_call_id=SwitchCallId(str(number)),
        began_us=T0,
        calling=parties[0].device if parties else DeviceNumber(""),
        called=parties[-1].device if parties else DeviceNumber(""),
        last_redirection=DeviceNumber(""),
        connections=parties,
        ended=ended,
    )


def device(number: str) -> Device:
    return Device(DeviceNumber(number), PortKind.EXT, f"phone {number}", "")


def change(number: str) -> DeviceChange:
    return DeviceChange(DeviceNumber(number), DeviceState.RINGING, DeviceState.TALKING)


def established(number: int, *devices: str) -> CallEvent:
    """An event of one call between some devices; 8001 and 8002 unless told."""
    named = devices or ("8001", "8002")
    return CallEvent(
        kind=CallEventKind.ESTABLISHED,
        number=number,
        received_us=T0,
        cause=Cause.NEW_CALL,
        subject=DeviceNumber(named[-1]),
        calls=(call(1, *map(party, named)),),
        devices=tuple(map(change, named)),
    )


def link_event(number: int, state: LinkState = LinkState.DOWN) -> LinkEvent:
    return LinkEvent(number, T0, Link(state, "csta-xml", "connection refused", T0))


def condition_event(number: int, subject: str = "", text: str = "no space left", over: bool = False) -> ConditionEvent:
    return ConditionEvent(number, T0, Condition("journal_unwritable", subject, text, T0), over)


def snapshot(number: int, devices: tuple[str, ...] = ("8001", "8002"), calls: tuple[Call, ...] = ()) -> Snapshot:
    return Snapshot(number, LINK, LICENCE, tuple(map(device, devices)), calls)


words = st.text(st.characters(codec="utf-8"), max_size=12)
numbers = st.one_of(st.sampled_from(["8001", "8002", "T001", "13800001111", ""]), words).map(DeviceNumber)
u64 = st.integers(0, 2**64 - 1)
u32 = st.integers(0, 2**32 - 1)
times = st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999).map(Microseconds)
ids = st.builds(EventId, u64, u64)
connections = st.builds(
    Connection,
    words.map(ConnectionKey),
    numbers,
    st.sampled_from(ConnectionState),
    times,
    numbers,
    st.booleans(),
)
calls = st.builds(
    Call,
    ids.map(CallId),
    ids.map(ConversationId),
    words.map(SwitchCallId),
    times,
    numbers,
    numbers,
    numbers,
    st.lists(connections, max_size=4).map(tuple),
    st.booleans(),
)
devices = st.builds(
    Device,
    numbers,
    st.sampled_from(PortKind),
    words,
    words,
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    numbers,
    words,
)
links = st.builds(Link, st.sampled_from(LinkState), words, words, times)
conditions = st.builds(Condition, words, words, words, times)
licences = st.builds(Licence, words, words, u32, u32, words)
changes = st.builds(DeviceChange, numbers, st.sampled_from(DeviceState), st.sampled_from(DeviceState))
causes = st.sampled_from(Cause)
call_events = st.builds(
    CallEvent,
    kind=st.sampled_from(CallEventKind),
    number=u64,
    received_us=times,
    cause=causes,
    subject=numbers,
    calls=st.lists(calls, max_size=3).map(tuple),
    devices=st.lists(changes, max_size=4).map(tuple),
    happened_us=st.none() | times,
    other=st.none() | numbers,
    number_queued=st.none() | u32,
    calls_in_front=st.none() | u32,
    digits=st.none() | words,
    joined=st.lists(st.tuples(ids.map(ConversationId), ids.map(ConversationId)), max_size=2).map(tuple),
    request=st.none() | st.builds(RequestRef, u64, u64),
    last_proof_us=st.none() | times,
)
events: st.SearchStrategy[Event] = st.one_of(
    call_events,
    st.builds(DeviceEvent, u64, times, devices, changes, st.booleans(), causes),
    st.builds(LinkEvent, u64, times, links),
    st.builds(LicenceEvent, u64, times, licences),
    st.builds(ConditionEvent, u64, times, conditions, st.booleans()),
    st.builds(MismatchEvent, u64, times, numbers, words, words),
)
