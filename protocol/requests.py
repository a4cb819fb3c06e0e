"""Requests and replies: what a client may ask beside a subscription, as values and as bodies.

Three groups share one body: call requests (the model's commands), queries, admin requests. Who may ask what is
``protocol.kinds.may_ask``; nothing here decides it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from model.commands import Command, CommandKind, Outcome, Refusal
from model.ids import NO_DEVICE, CallId, DeviceNumber
from model.view import Call, Condition, Device, Licence, Link
from protocol.bodies import BODIES, REQUEST_VALUE
from protocol.body import FIELD_HEADER
from protocol.codec import call_id_of, call_of, condition_of, device_of, licence_of, link_of
from protocol.errors import Code, Problem, code_of_refusal
from protocol.kinds import CALL_REQUESTS, Kind, Role
from protocol.limits import FIELD_BYTES_MAX, IDEMPOTENCY_KEY_BYTES_MAX, REPLY_TEXT_BYTES_MAX
from protocol.packing import pack_call, pack_device, pack_licence, pack_link


@dataclass(frozen=True, slots=True)
class Request:
    """A call request, query or admin request, as its frame says; which fields count depends on its kind."""

    kind: Kind
    device: DeviceNumber = NO_DEVICE
    call_id: CallId | None = None
    destination: str = ""
    value: bool = False
    idempotency_key: str = ""
    level: str = ""

    def command(self) -> Command:
        """The model's command of a call request."""
        return Command(CommandKind(self.kind), self.device, self.call_id, self.destination, self.value)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One open session, as QUERY_SESSIONS lists it. ``filter_devices`` 0: everything, or no subscription; ``events``
    that its subscription has been handed so far; ``user`` without a log-in and ``consumer`` of no durable one empty."""

    session: int
    role: Role
    connected_us: int
    behind_events: int
    waiting_bytes: int
    filter_devices: int
    peer: str
    name: str
    events: int = 0
    user: str = ""
    consumer: str = ""


@dataclass(frozen=True, slots=True)
class ConsumerRow:
    """A durable consumer of the settings, there or not: ``session`` 0 when it is away. ``behind_events`` lie after the
    number that it has confirmed."""

    confirmed: int
    behind_events: int
    session: int
    name: str


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """Alarms of one code since the daemon's start: how many, when the last one came, and what it said."""

    count: int
    last_us: int
    code: str
    text: str


Row = SessionRow | ConsumerRow | AlarmRow
AnyRow = TypeVar("AnyRow", SessionRow, ConsumerRow, AlarmRow)


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request: the outcome's code, and what a query or an admin request asked for."""

    code: int = Code.ACCEPTED
    text: str = ""
    switch_error: str = ""
    call_id: CallId | None = None
    call: Call | None = None
    device: Device | None = None
    link: Link | None = None
    licence: Licence | None = None
    sessions: tuple[SessionRow, ...] = ()
    sessions_total: int = 0
    lines: tuple[str, ...] = ()
    consumers: tuple[ConsumerRow, ...] = ()
    conditions: tuple[Condition, ...] = ()
    alarms: tuple[AlarmRow, ...] = ()

    @property
    def accepted(self) -> bool:
        return self.code == Code.ACCEPTED

    @classmethod
    def of_outcome(cls, outcome: Outcome) -> "Reply":
        return cls(code_of_refusal(outcome.refusal), outcome.text, outcome.switch_error, outcome.call_id)

    def outcome(self) -> Outcome:
        """The model's outcome; a code that the model does not name is NOT_SUPPORTED with the code in the text."""
        try:
            refusal = None if self.accepted else Refusal(self.code)
            text = self.text
        except ValueError:
            refusal, text = Refusal.NOT_SUPPORTED, f"{self.text} (code {self.code})".strip()
        return Outcome(refusal, text, self.switch_error, self.call_id)


def pack_request(request: Request) -> bytes:
    """The body of a request frame."""
    return BODIES[request.kind].build(
        {
            "flags": REQUEST_VALUE if request.value else 0,
            "device": request.device or None,
            "call_id": _id_values(request.call_id),
            "destination": request.destination or None,
            "idempotency_key": request.idempotency_key or None,
            "level": request.level or None,
        }
    )


def read_request(kind: Kind, body: bytes) -> Request | Problem:
    """A request of any of the three groups; the fields that its kind cannot do without are checked here."""
    values = BODIES[kind].parse(body)
    if isinstance(values, Problem):
        return values
    device, call_id = values.get("device", ""), values.get("call_id")
    key = values.get("idempotency_key", "")
    if len(key.encode()) > IDEMPOTENCY_KEY_BYTES_MAX:
        return Problem(Code.MALFORMED, f"idempotency key longer than {IDEMPOTENCY_KEY_BYTES_MAX} bytes")
    if not device and (kind in CALL_REQUESTS or kind is Kind.QUERY_DEVICE):
        return Problem(Code.MALFORMED, "field device is missing")
    if call_id is None and kind is Kind.QUERY_CALL:
        return Problem(Code.MALFORMED, "field call_id is missing")
    if kind is Kind.SET_LOG_LEVEL and not values.get("level"):
        return Problem(Code.MALFORMED, "field level is missing")
    return Request(
        kind=kind,
        device=DeviceNumber(device),
        call_id=None if call_id is None else call_id_of(call_id),
        destination=values.get("destination", ""),
        value=bool(values["flags"] & REQUEST_VALUE),
        idempotency_key=key,
        level=values.get("level", ""),
    )


def pack_reply(reply: Reply) -> bytes:
    """The body of a REPLY: calls and devices come from ``protocol.packing``, the rest from the declaration."""
    body = BODIES[Kind.REPLY].build(
        {
            "code": reply.code,
            "text": cut(reply.text) or None,
            "switch_error": cut(reply.switch_error) or None,
            "call_id": _id_values(reply.call_id),
            "sessions": _rows_values(reply.sessions),
            "sessions_total": reply.sessions_total or None,
            "lines": fitting(reply.lines) or None,
            "consumers": _rows_values(reply.consumers),
            "conditions": _rows_values(reply.conditions),
            "alarms": _rows_values(reply.alarms),
        }
    )
    elements = (
        (4, reply.call and pack_call(reply.call)),
        (5, reply.device and pack_device(reply.device)),
        (6, reply.link and pack_link(reply.link)),
        (7, reply.licence and pack_licence(reply.licence)),
    )
    return body + b"".join(FIELD_HEADER.pack(tag, len(packed)) + packed for tag, packed in elements if packed)


def read_reply(body: bytes) -> Reply | Problem:
    """A server's REPLY."""
    values = BODIES[Kind.REPLY].parse(body)
    if isinstance(values, Problem):
        return values
    try:
        return Reply(
            code=values["code"],
            text=values.get("text", ""),
            switch_error=values.get("switch_error", ""),
            call_id=call_id_of(values["call_id"]) if "call_id" in values else None,
            call=call_of(values["call"]) if "call" in values else None,
            device=device_of(values["device"]) if "device" in values else None,
            link=link_of(values["link"]) if "link" in values else None,
            licence=licence_of(values["licence"]) if "licence" in values else None,
            sessions=tuple(map(_session_row, values.get("sessions", ()))),
            sessions_total=values.get("sessions_total", 0),
            lines=tuple(values.get("lines", ())),
            consumers=tuple(_value(ConsumerRow, row) for row in values.get("consumers", ())),
            conditions=tuple(map(condition_of, values.get("conditions", ()))),
            alarms=tuple(_value(AlarmRow, row) for row in values.get("alarms", ())),
        )
    except ValueError as error:
        return Problem(Code.MALFORMED, str(error))


def cut(text: str) -> str:
    """A text that fits a REPLY; the rest is for the log."""
    encoded = text.encode()
    if len(encoded) <= REPLY_TEXT_BYTES_MAX:
        return text
    return encoded[: REPLY_TEXT_BYTES_MAX - 3].decode(errors="ignore") + "…"


def fitting(lines: Sequence[str]) -> list[str]:
    """As many lines as fit one field; the last one says how many do not."""
    fit: list[str] = []
    room = FIELD_BYTES_MAX - 2 * REPLY_TEXT_BYTES_MAX
    for index, line in enumerate(map(cut, lines)):
        room -= 2 + len(line.encode())
        if room < 0:
            return [*fit, f"… {len(lines) - index} more"]
        fit.append(line)
    return fit


def _id_values(call_id: CallId | None) -> dict[str, int] | None:
    return None if call_id is None else {"epoch": call_id.epoch, "number": call_id.number}


def _rows_values(rows: Sequence[Row | Condition]) -> list[dict[str, Any]] | None:
    return [{one.name: getattr(row, one.name) for one in fields(row)} for row in rows] or None


def _value(kind: type[AnyRow], row: Any) -> AnyRow:
    return kind(**{one.name: row[one.name] for one in fields(kind)})


def _session_row(row: Any) -> SessionRow:
    return replace(_value(SessionRow, row), role=Role(row["role"]))
