"""ULP as bytes: frames, and every body that one side reads of the other."""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from model.causes import Cause
from model.centre_events import CentreEvent
from model.events import CallEvent, DeviceChange, DeviceEvent, Event, LicenceEvent, MismatchEvent
from model.ids import DeviceNumber, EventId
from model.states import DeviceState, LinkState
from protocol.body import FIELD_HEADER
from protocol.centre_codec import centre_snapshot_body, decode_centre, decode_centre_part, pack_centre_event
from protocol.centre_json import centre_event_of
from protocol.codec import SnapshotPart, decode, decode_snapshot
from protocol.concerns import concerned
from protocol.errors import Problem
from protocol.filters import parts_of
from protocol.frame import HEADER_BYTES, FrameReader, pack_frame
from protocol.json_form import event_json, json_line
from protocol.kinds import ADMIN_REQUESTS, CALL_REQUESTS, EVENTS, EVENTS_TO_ALL, QUERIES, Kind, Role
from protocol.limits import FILTER_DEVICES_MAX, REPLY_TEXT_BYTES_MAX
from protocol.messages import (
    Gap,
    Hello,
    StreamPlace,
    Subscribe,
    Subscribed,
    Welcome,
    pack_challenge,
    pack_gap,
    pack_hello,
    pack_proof,
    pack_subscribe,
    pack_subscribed,
    pack_welcome,
    read_challenge,
    read_coded,
    read_gap,
    read_hello,
    read_proof,
    read_subscribe,
    read_subscribed,
    read_welcome,
)
from protocol.packing import pack_event, snapshot_body
from protocol.requests import Reply, Request, SessionRow, pack_reply, pack_request, read_reply, read_request
from tests.fuzz.target import Target, cut
from tests.protocol import samples
from tests.protocol.centre_samples import CentreWorld

BODY_BYTES_SMALL = 1_024
"""The reader's limit here: within reach of an input."""
NUMBER = 42
LAST_TIME = b"\x7f" + b"\xff" * 7
REQUESTS = CALL_REQUESTS | QUERIES | ADMIN_REQUESTS


# -- frames ----------------------------------------------------------------------------------------------------------


def check_framing(data: bytes) -> None:
    """The first byte is the size of the pieces: cut in whatever way, the frames are the same."""
    size, stream = (data[0] or 1, data[1:]) if data else (1, b"")
    whole = FrameReader(BODY_BYTES_SMALL)
    frames = whole.receive(stream)
    reader = FrameReader(BODY_BYTES_SMALL)
    assert [one for piece in cut(stream, size) for one in reader.receive(piece)] == frames
    assert reader.problem == whole.problem
    read = b"".join(pack_frame(*one) for one in frames)
    assert stream.startswith(read), "what was read packs to the same bytes"
    if whole.problem is None:
        assert whole.waiting_bytes == len(stream) - len(read) < 16 + BODY_BYTES_SMALL
    else:
        assert whole.waiting_bytes == 0
        assert whole.problem.text
        assert whole.receive(read) == [], "nothing is read behind what cannot be"


def framing_seeds() -> Iterator[bytes]:
    frames = [pack_frame(kind, 1, NUMBER, body) for kind, body in bodies()]
    for size in (1, 7, 255):
        yield bytes((size,)) + b"".join(frames[size % 5 :: 5])
    yield b"\x10" + pack_frame(Kind.HEARTBEAT, 0, 0) + b"GET / HTTP/1.1\r\n\r\n"


# -- bodies ----------------------------------------------------------------------------------------------------------


def check_body(data: bytes) -> None:
    """The first two bytes are the kind: what reads is packed and read again as the same; what does not is a problem in
    words."""
    kind, body = int.from_bytes(data[:2], "big"), data[2:]
    for read, again in _readers(kind):
        value = read(body)
        if isinstance(value, Problem):
            assert value.text
            assert value.code
        elif again is not None:
            assert again(value) == value
    if kind in (Kind.BYE, Kind.REFUSED):
        read_coded(Kind(kind), body)


Read = Callable[[bytes], Any]
Again = Callable[[Any], Any]


def _readers(kind: int) -> Iterator[tuple[Read, Again | None]]:
    """What reads a body of this kind, and what packs it and reads it again."""
    if kind in SESSION_READERS:
        read, pack = SESSION_READERS[kind]
        yield read, lambda value: read(pack(value))
    if kind in REQUESTS:
        known = Kind(kind)
        yield lambda body: read_request(known, body), lambda value: read_request(known, pack_request(value))
    if kind == Kind.REPLY:
        yield read_reply, _reply_again
    yield lambda body: decode(kind, NUMBER, body), _event_again
    yield lambda body: decode_snapshot(kind, body), _part_again
    yield lambda body: decode_centre(kind, NUMBER, body), _centre_event_again
    yield lambda body: decode_centre_part(kind, body), lambda part: decode_centre_part(*centre_snapshot_body(part))


def _event_again(event: Event) -> Event | Problem:
    kind, body = pack_event(event)
    names = concerned(kind, body)
    assert (names is None) == (kind in EVENTS_TO_ALL)
    if isinstance(event, CallEvent):
        assert names == tuple(change.device for change in event.devices)
    told = json.loads(json_line(event_json(samples.EPOCH, event)))
    assert (told["epoch"], told["number"]) == (samples.EPOCH, NUMBER)
    return decode(kind, event.number, body)


def _centre_event_again(event: CentreEvent) -> CentreEvent | Problem:
    kind, body = pack_centre_event(event)
    names = concerned(kind, body)
    assert (names is None) == (kind in EVENTS_TO_ALL)
    assert centre_event_of(json.loads(json_line(event_json(samples.EPOCH, event))), 0) == event
    return decode_centre(kind, event.number, body)


def _part_again(part: SnapshotPart) -> SnapshotPart | Problem:
    return decode_snapshot(*snapshot_body(part))


def _reply_again(reply: Reply) -> Reply | Problem:
    texts = (reply.text, reply.switch_error, *reply.lines)
    if max(len(text.encode()) for text in texts) > REPLY_TEXT_BYTES_MAX or len(reply.lines) > 100:
        return reply  # a server cuts such texts before it packs them
    return read_reply(pack_reply(reply))


SESSION_READERS: dict[int, tuple[Read, Callable[[Any], bytes]]] = {
    Kind.HELLO: (read_hello, pack_hello),
    Kind.CHALLENGE: (read_challenge, pack_challenge),
    Kind.PROOF: (read_proof, pack_proof),
    Kind.WELCOME: (read_welcome, pack_welcome),
    Kind.SUBSCRIBE: (read_subscribe, pack_subscribe),
    Kind.SUBSCRIBED: (read_subscribed, pack_subscribed),
    Kind.GAP: (read_gap, pack_gap),
}


def bodies() -> Iterator[tuple[int, bytes]]:
    """A body of every kind that there is: kind and bytes."""
    eight = DeviceNumber("8001")
    welcome = Welcome(
        "gateway", 3, Role.ADMIN, 5_000, 1, (StreamPlace(1, "gateway", samples.EPOCH, 1, 9),), 7, server_final="v=abc"
    )
    yield Kind.HELLO, pack_hello(Hello("agent", Role.AGENT, eight, client_first="n,,n=ada,r=x"))
    yield Kind.WELCOME, pack_welcome(welcome)
    yield Kind.CHALLENGE, pack_challenge("r=xy,s=QSXCR+Q6sek8bf92,i=4096")
    yield Kind.PROOF, pack_proof("c=biws,r=xy,p=AAAA")
    yield Kind.SUBSCRIBE, pack_subscribe(Subscribe(EventId(samples.EPOCH, 3), frozenset({"8001", "T001"})))
    yield Kind.SUBSCRIBED, pack_subscribed(Subscribed(True, samples.EPOCH, 1, 9))
    yield Kind.GAP, pack_gap(Gap(150, samples.EPOCH, 1, 9))
    for kind in sorted(REQUESTS):
        yield kind, pack_request(Request(kind, eight, samples.call_id(1), "8002", True, "key", "debug"))
    row = SessionRow(3, Role.ADMIN, samples.T0, 1, 2, 3, "127.0.0.1:1", "view")
    call = samples.call(7, samples.party("8001"), samples.party("8002", trunk="T001"))
    device = samples.device("8001")
    yield Kind.REPLY, pack_reply(Reply(9, "text", "error", samples.call_id(1), call, sessions=(row,), sessions_total=1))
    answer = Reply(device=device, link=samples.LINK, licence=samples.LICENCE, lines=("one", "two"))
    yield Kind.REPLY, pack_reply(answer)
    for part in (samples.LINK, samples.LICENCE, device, call):
        yield snapshot_body(part)
    for kind in sorted(EVENTS):
        yield kind, pack_event(samples.established(NUMBER))[1]
    change = DeviceChange(eight, DeviceState.IDLE, DeviceState.RINGING)
    yield pack_event(samples.link_event(NUMBER, LinkState.UP))
    yield pack_event(LicenceEvent(NUMBER, samples.T0, samples.LICENCE))
    yield pack_event(DeviceEvent(NUMBER, samples.T0, device, change, False, Cause.OTHER))
    yield pack_event(MismatchEvent(NUMBER, samples.T0, eight, "7", "no such call"))
    world, chance = CentreWorld(), Random(1)
    for _ in range(40):
        yield pack_event(world.step(chance.choice))
    for value in parts_of(world.state):
        yield snapshot_body(value)


def body_seeds() -> Iterator[bytes]:
    for kind, body in (*bodies(), *_with_wrong_times()):
        yield _with_kind(kind, body)


def _with_wrong_times() -> Iterator[tuple[int, bytes]]:
    """Times outside the years that a calendar has."""
    for kind, body in (pack_event(samples.established(NUMBER)), pack_event(samples.link_event(NUMBER))):
        yield kind, LAST_TIME + body[8:]
    kind, body = snapshot_body(samples.LINK)
    yield kind, body[:7] + LAST_TIME + body[15:]


def long_framings(length: int) -> Iterator[bytes]:
    yield b"\xff" + pack_frame(Kind.HEARTBEAT, 0, 0) * (length // HEADER_BYTES)
    yield b"\xff" + pack_frame(Kind.MAKE_CALL, 0, 1, bytes(1_000)) * (length // 1_016)


def long_bodies(length: int) -> Iterator[bytes]:
    numbers = frozenset(f"{number:08}" for number in range(min(FILTER_DEVICES_MAX, length // 10)))
    yield _with_kind(Kind.SUBSCRIBE, pack_subscribe(Subscribe(devices=numbers)))
    parties = [samples.party(f"{number:08}") for number in range(length // 50)]
    for event in (samples.established(NUMBER, *(party.device for party in parties[: length // 80])),):
        yield _with_kind(*pack_event(event))
    yield _with_kind(*snapshot_body(samples.call(7, *parties)))
    yield _with_kind(Kind.REPLY, pack_reply(Reply(lines=("x",) * (length // 4))))
    yield _with_kind(Kind.REPLY, b"\0\0" + b"".join(FIELD_HEADER.pack(tag + 999, 0) for tag in range(length // 4)))


def _with_kind(kind: int, body: bytes) -> bytes:
    return int(kind).to_bytes(2, "big") + body


KIND_WORDS = tuple(int(kind).to_bytes(2, "big") for kind in Kind)

TARGETS = (
    Target("ulp-framing", check_framing, framing_seeds, (b"ULP1", b"\0\0\4\0"), 2_048, long_framings),
    Target("ulp-bodies", check_body, body_seeds, (b"ULP1", *KIND_WORDS), long=long_bodies),
)
