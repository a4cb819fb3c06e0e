"""What the two sides of a session say to each other to open, follow and end it: values, and their bodies.

``pack_*`` builds what we say, ``read_*`` checks what a peer said and answers a ``Problem`` for what cannot be.
"""

from dataclasses import dataclass, field
from typing import Final

from model.ids import NO_DEVICE, DeviceNumber, EventId
from protocol.bodies import BODIES, MAGIC
from protocol.errors import Code, Problem
from protocol.filters import Filter, names_wanted
from protocol.kinds import Kind, Role
from protocol.limits import NAME_BYTES_MAX, SCRAM_BYTES_MAX

VERSION: Final = 1
"""The protocol version this code speaks; a field may be added without a new one."""

NO_ROLE: Final = 0
"""In HELLO: no role is asked for."""


@dataclass(frozen=True, slots=True)
class Hello:
    """A client introduces itself and asks for a role; None for whatever its account has. AGENT names its own device."""

    name: str
    role: Role | None
    device: DeviceNumber = NO_DEVICE
    version_lowest: int = VERSION
    version_highest: int = VERSION
    client_first: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class StreamPlace:
    """A stream of a server: its index in frame headers, its epoch, the numbers it holds (last 0: none yet)."""

    index: int
    name: str
    epoch: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Welcome:
    """The session is open: its number, the role granted, the heartbeat interval, the streams."""

    name: str
    session: int
    role: Role
    heartbeat_ms: int
    term: int
    streams: tuple[StreamPlace, ...]
    clients_expected: int = 0
    version: int = VERSION
    server_final: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Coded:
    """Body of REFUSED and BYE; the code is the wire number, for a newer peer may know more codes."""

    code: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """What a client wants of a stream: after an event, or from now on (None); of some devices, agents and queues, or of
    everything where none is named.

    ``consumer`` is the name of a durable one, else empty: for it *now* is after what it has confirmed.
    """

    after: EventId | None = None
    devices: frozenset[str] | None = None
    consumer: str = ""
    agents: frozenset[str] = frozenset()
    queues: frozenset[str] = frozenset()

    @property
    def wanted(self) -> Filter:
        """The filter; None: everything."""
        return names_wanted(self.devices, self.agents, self.queues)


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The answer: whether a snapshot comes before the events, and the place of the stream. Without one events follow
    that come after ``after``; None from a server that does not say."""

    snapshot: bool
    epoch: int
    first: int
    last: int
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Events first … last of an epoch will not come; why is the code. A snapshot follows."""

    code: int
    epoch: int
    first: int
    last: int


def pack_hello(hello: Hello) -> bytes:
    return BODIES[Kind.HELLO].build(
        {
            "magic": MAGIC,
            "version_lowest": hello.version_lowest,
            "version_highest": hello.version_highest,
            "role": hello.role or NO_ROLE,
            "name": hello.name,
            "device": hello.device or None,
            "client_first": hello.client_first,
        }
    )


def read_hello(body: bytes) -> Hello | Problem:
    """The HELLO in a body; NOT_ULP when its magic is not ours."""
    if body[: len(MAGIC)] != MAGIC:
        return Problem(Code.NOT_ULP, "HELLO does not begin with ULP1")
    values = BODIES[Kind.HELLO].parse(body)
    if isinstance(values, Problem):
        return values
    if values["role"] not in (NO_ROLE, *Role):
        return Problem(Code.ROLE_REFUSED, f"role {values['role']} is none that this version knows")
    name = values.get("name", "")
    if len(name.encode()) > NAME_BYTES_MAX:
        return Problem(Code.MALFORMED, f"name longer than {NAME_BYTES_MAX} bytes")
    if len(values.get("client_first", "").encode()) > SCRAM_BYTES_MAX:
        return Problem(Code.MALFORMED, f"field client_first is longer than {SCRAM_BYTES_MAX} bytes")
    return Hello(
        name=name,
        role=Role(values["role"]) if values["role"] != NO_ROLE else None,
        device=DeviceNumber(values.get("device", "")),
        version_lowest=values["version_lowest"],
        version_highest=values["version_highest"],
        client_first=values.get("client_first"),
    )


def pack_welcome(welcome: Welcome) -> bytes:
    return BODIES[Kind.WELCOME].build(
        {
            "version": welcome.version,
            "role": welcome.role,
            "heartbeat_ms": welcome.heartbeat_ms,
            "term": welcome.term,
            "session": welcome.session,
            "clients_expected": welcome.clients_expected,
            "name": welcome.name,
            "server_final": welcome.server_final,
            "streams": [
                {"index": one.index, "epoch": one.epoch, "first": one.first, "last": one.last, "name": one.name}
                for one in welcome.streams
            ],
        }
    )


def read_welcome(body: bytes) -> Welcome | Problem:
    values = BODIES[Kind.WELCOME].parse(body)
    if isinstance(values, Problem):
        return values
    if values["role"] not in tuple(Role):
        return Problem(Code.MALFORMED, f"role {values['role']} is none that this version knows")
    streams = tuple(
        StreamPlace(one.index, one.name, one.epoch, one.first, one.last) for one in values.get("streams", ())
    )
    return Welcome(
        name=values.get("name", ""),
        session=values["session"],
        role=Role(values["role"]),
        heartbeat_ms=values["heartbeat_ms"],
        term=values["term"],
        streams=streams,
        clients_expected=values["clients_expected"],
        version=values["version"],
        server_final=values.get("server_final"),
    )


def pack_challenge(server_first: str) -> bytes:
    return BODIES[Kind.CHALLENGE].build({"server_first": server_first})


def read_challenge(body: bytes) -> str | Problem:
    return _scram_message(Kind.CHALLENGE, "server_first", body)


def pack_proof(client_final: str) -> bytes:
    return BODIES[Kind.PROOF].build({"client_final": client_final})


def read_proof(body: bytes) -> str | Problem:
    return _scram_message(Kind.PROOF, "client_final", body)


def _scram_message(kind: Kind, name: str, body: bytes) -> str | Problem:
    values = BODIES[kind].parse(body)
    if isinstance(values, Problem):
        return values
    message = values.get(name)
    if not isinstance(message, str):
        return Problem(Code.MALFORMED, f"field {name} is missing")
    if len(message.encode()) > SCRAM_BYTES_MAX:
        return Problem(Code.MALFORMED, f"field {name} is longer than {SCRAM_BYTES_MAX} bytes")
    return message


def pack_coded(kind: Kind, coded: Coded) -> bytes:
    return BODIES[kind].build({"code": coded.code, "text": coded.text or None})


def read_coded(kind: Kind, body: bytes) -> Coded:
    """BYE and REFUSED end a session whatever they hold: a body that cannot be is BAD_FRAME."""
    values = BODIES[kind].parse(body)
    if isinstance(values, Problem):
        return Coded(Code.BAD_FRAME, values.text)
    return Coded(values["code"], values.get("text", ""))


def pack_subscribe(subscribe: Subscribe) -> bytes:
    after = subscribe.after
    return BODIES[Kind.SUBSCRIBE].build(
        {
            "start": after is not None,
            "epoch": after.epoch if after else 0,
            "after": after.number if after else 0,
            "devices": None if subscribe.devices is None else sorted(subscribe.devices),
            "agents": sorted(subscribe.agents) or None,
            "queues": sorted(subscribe.queues) or None,
            "consumer": subscribe.consumer or None,
        }
    )


def read_subscribe(body: bytes) -> Subscribe | Problem:
    values = BODIES[Kind.SUBSCRIBE].parse(body)
    if isinstance(values, Problem):
        return values
    if values["start"] not in (0, 1):
        return Problem(Code.MALFORMED, f"start {values['start']} is neither now (0) nor after (1)")
    devices, consumer = values.get("devices"), values.get("consumer", "")
    if len(consumer.encode()) > NAME_BYTES_MAX:
        return Problem(Code.MALFORMED, f"field consumer is longer than {NAME_BYTES_MAX} bytes")
    return Subscribe(
        after=EventId(values["epoch"], values["after"]) if values["start"] else None,
        devices=None if devices is None else frozenset(devices),
        consumer=consumer,
        agents=frozenset(values.get("agents", ())),
        queues=frozenset(values.get("queues", ())),
    )


def pack_subscribed(subscribed: Subscribed) -> bytes:
    return BODIES[Kind.SUBSCRIBED].build(
        {
            "snapshot": subscribed.snapshot,
            "epoch": subscribed.epoch,
            "first": subscribed.first,
            "last": subscribed.last,
            "after": subscribed.after,
        }
    )


def read_subscribed(body: bytes) -> Subscribed | Problem:
    values = BODIES[Kind.SUBSCRIBED].parse(body)
    if isinstance(values, Problem):
        return values
    after = values.get("after")
    return Subscribed(bool(values["snapshot"]), values["epoch"], values["first"], values["last"], after)


def pack_gap(gap: Gap) -> bytes:
    return BODIES[Kind.GAP].build({"code": gap.code, "epoch": gap.epoch, "first": gap.first, "last": gap.last})


def read_gap(body: bytes) -> Gap | Problem:
    values = BODIES[Kind.GAP].parse(body)
    if isinstance(values, Problem):
        return values
    return Gap(values["code"], values["epoch"], values["first"], values["last"])
