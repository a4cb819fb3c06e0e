"""Bytes of the events and snapshots of the CTI server and the IVR to the model's values, and back.

As ``protocol.codec`` for the gateway's, but built by the declaration too: they are few.
"""

from collections.abc import Callable
from typing import Any, Final

from model.centre import (
    AgentNumber,
    AgentSession,
    AgentState,
    IvrOutcome,
    IvrSession,
    QueueName,
    QueueVisit,
    VisitOutcome,
)
from model.centre_events import (
    AgentEvent,
    AgentEventKind,
    CentreEvent,
    Concern,
    ConcernKind,
    IvrEvent,
    IvrEventKind,
    SeenEvent,
    VisitEvent,
    VisitEventKind,
)
from model.ids import CallId, ConversationId, DeviceNumber, EventId, Microseconds
from protocol.bodies import BODIES
from protocol.errors import Code, Problem
from protocol.kinds import AGENT_EVENTS, CENTRE_EVENTS, CENTRE_SNAPSHOTS, IVR_EVENTS, VISIT_EVENTS, Kind
from protocol.times import time_of

CentrePart = AgentSession | QueueVisit | IvrSession | EventId
"""The last is how much of the gateway's stream has been seen."""
NONE_US: Final = 0
"""On the wire: it has not ended."""
_NO_ID: Final = {"epoch": 0, "number": 0}


def pack_centre_event(event: CentreEvent) -> tuple[int, bytes]:
    """The kind and the body of an event."""
    values: dict[str, Any] = {
        "received_us": event.received_us,
        "seen_epoch": event.seen.epoch,
        "seen_number": event.seen.number,
    }
    if isinstance(event, SeenEvent):
        return Kind.SEEN, BODIES[Kind.SEEN].build(values)
    if isinstance(event, VisitEvent):
        values["visit"] = _pack_visit(event.visit)
        was: tuple[Concern, ...] = (
            (ConcernKind.AGENT, event.was_agent),
            (ConcernKind.DEVICE, event.was_device),
        )
        values["was"] = [_pack_concern(one) for one in was if one[1]] or None
    elif isinstance(event, AgentEvent):
        values["agent_session"] = _pack_agent(event.session)
    else:
        values["ivr_session"] = _pack_ivr(event.session)
    values["concerned"] = [_pack_concern(one) for one in sorted(set(event.concerned))]
    return event.kind, BODIES[Kind(event.kind)].build(values)


def centre_snapshot_body(part: CentrePart) -> tuple[int, bytes]:
    """The kind and the body of the snapshot frame that carries one value."""
    values: dict[str, Any]
    if isinstance(part, EventId):
        kind, values = Kind.SNAPSHOT_SEEN, {"seen": _pack_id(part)}
    elif isinstance(part, AgentSession):
        kind, values = Kind.SNAPSHOT_AGENT, {"agent_session": _pack_agent(part)}
    elif isinstance(part, QueueVisit):
        kind, values = Kind.SNAPSHOT_QUEUE_VISIT, {"visit": _pack_visit(part)}
    else:
        kind, values = Kind.SNAPSHOT_IVR_SESSION, {"ivr_session": _pack_ivr(part)}
    return kind, BODIES[kind].build(values)


def decode_centre(kind: int, number: int, body: bytes) -> CentreEvent | Problem:
    """The event in a frame. A kind that is none of these, or a body that cannot be, is a ``Problem``."""
    if kind not in CENTRE_EVENTS:
        return Problem(Code.NOT_SUPPORTED, f"kind {kind:#06x} is no event of a CTI server or an IVR")
    values = BODIES[Kind(kind)].parse(body)
    if isinstance(values, Problem):
        return values
    try:
        received_us = time_of(values["received_us"])
        seen = EventId(values["seen_epoch"], values["seen_number"])
        if kind in AGENT_EVENTS:
            session = agent_of(values["agent_session"])
            event: CentreEvent = AgentEvent(AgentEventKind(kind), number, received_us, seen, session)
        elif kind in VISIT_EVENTS:
            was = {_concern(one)[0]: _concern(one)[1] for one in values.get("was", ())}
            event = VisitEvent(
                VisitEventKind(kind),
                number,
                received_us,
                seen,
                visit_of(values["visit"]),
                AgentNumber(was.get(ConcernKind.AGENT, "")),
                DeviceNumber(was.get(ConcernKind.DEVICE, "")),
            )
        elif kind in IVR_EVENTS:
            running = ivr_of(values["ivr_session"])
            event = IvrEvent(IvrEventKind(kind), number, received_us, seen, running)
        else:
            event = SeenEvent(number, received_us, seen)
        named = event.concerned
        told = sorted(_concern(one) for one in values["concerned"]) if named else []
    except KeyError as missing:
        return Problem(Code.MALFORMED, f"field {missing.args[0]} is missing")
    except ValueError as error:
        return Problem(Code.MALFORMED, str(error))
    if told != sorted(set(named)):
        return Problem(Code.MALFORMED, "the list of what it concerns is not that of what it tells")
    return event


def decode_centre_part(kind: int, body: bytes) -> CentrePart | Problem:
    """The value in one of their snapshot frames."""
    if kind not in CENTRE_SNAPSHOTS:
        return Problem(Code.NOT_SUPPORTED, f"kind {kind:#06x} carries no part of such a snapshot")
    values = BODIES[Kind(kind)].parse(body)
    if isinstance(values, Problem):
        return values
    name, read = _PARTS[Kind(kind)]
    try:
        return read(values[name])
    except KeyError:
        return Problem(Code.MALFORMED, f"field {name} is missing")
    except ValueError as error:
        return Problem(Code.MALFORMED, str(error))


def agent_of(value: Any) -> AgentSession:
    """An agent's session from its parsed element."""
    conversation = _id(value["conversation_id"])
    return AgentSession(
        session_id=_id(value["session_id"]),
        agent=AgentNumber(value["agent"]),
        name=value["name"],
        device=DeviceNumber(value["device"]),
        state=AgentState(value["state"]),
        since_us=time_of(value["since_us"]),
        began_us=time_of(value["began_us"]),
        reason=value["reason"],
        conversation_id=ConversationId(conversation) if conversation != EventId(0, 0) else None,
    )


def visit_of(value: Any) -> QueueVisit:
    """A visit to a queue from its parsed element."""
    return QueueVisit(
        visit_id=_id(value["visit_id"]),
        queue=QueueName(value["queue"]),
        conversation_id=ConversationId(_id(value["conversation_id"])),
        call_id=CallId(_id(value["call_id"])),
        entered_us=time_of(value["entered_us"]),
        outcome=VisitOutcome(value["outcome"]),
        left_us=_end(value["left_us"]),
        priority=value["priority"],
        position=value["position"],
        agent=AgentNumber(value["agent"]),
        device=DeviceNumber(value["device"]),
        offers=value["offers"],
    )


def ivr_of(value: Any) -> IvrSession:
    """A session of the IVR from its parsed element."""
    return IvrSession(
        session_id=_id(value["session_id"]),
        port=DeviceNumber(value["port"]),
        flow=value["flow"],
        conversation_id=ConversationId(_id(value["conversation_id"])),
        call_id=CallId(_id(value["call_id"])),
        began_us=time_of(value["began_us"]),
        outcome=IvrOutcome(value["outcome"]),
        ended_us=_end(value["ended_us"]),
        node=value["node"],
        nodes=value["nodes"],
        digits=value["digits"],
        destination=value["destination"],
        reason=value["reason"],
    )


def _id(value: Any) -> EventId:
    return EventId(value["epoch"], value["number"])


def _end(wire: int) -> Microseconds | None:
    return None if wire == NONE_US else time_of(wire)


def _concern(value: Any) -> Concern:
    return ConcernKind(value["what"]), value["name"]


def _pack_concern(concern: Concern) -> dict[str, Any]:
    return {"what": concern[0], "name": concern[1]}


def _pack_id(event_id: EventId) -> dict[str, int]:
    return {"epoch": event_id.epoch, "number": event_id.number}


def _pack_agent(session: AgentSession) -> dict[str, Any]:
    return {
        "session_id": _pack_id(session.session_id),
        "state": session.state,
        "since_us": session.since_us,
        "began_us": session.began_us,
        "conversation_id": _NO_ID if session.conversation_id is None else _pack_id(session.conversation_id),
        "agent": session.agent,
        "name": session.name,
        "device": session.device,
        "reason": session.reason,
    }


def _pack_visit(visit: QueueVisit) -> dict[str, Any]:
    return {
        "visit_id": _pack_id(visit.visit_id),
        "conversation_id": _pack_id(visit.conversation_id),
        "call_id": _pack_id(visit.call_id),
        "outcome": visit.outcome,
        "entered_us": visit.entered_us,
        "left_us": NONE_US if visit.left_us is None else visit.left_us,
        "priority": visit.priority,
        "position": visit.position,
        "offers": visit.offers,
        "queue": visit.queue,
        "agent": visit.agent,
        "device": visit.device,
    }


def _pack_ivr(session: IvrSession) -> dict[str, Any]:
    return {
        "session_id": _pack_id(session.session_id),
        "conversation_id": _pack_id(session.conversation_id),
        "call_id": _pack_id(session.call_id),
        "outcome": session.outcome,
        "began_us": session.began_us,
        "ended_us": NONE_US if session.ended_us is None else session.ended_us,
        "nodes": session.nodes,
        "port": session.port,
        "flow": session.flow,
        "node": session.node,
        "digits": session.digits,
        "destination": session.destination,
        "reason": session.reason,
    }


_PARTS: Final[dict[Kind, tuple[str, Callable[[Any], CentrePart]]]] = {
    Kind.SNAPSHOT_AGENT: ("agent_session", agent_of),
    Kind.SNAPSHOT_QUEUE_VISIT: ("visit", visit_of),
    Kind.SNAPSHOT_IVR_SESSION: ("ivr_session", ivr_of),
    Kind.SNAPSHOT_SEEN: ("seen", _id),
}
