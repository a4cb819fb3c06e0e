"""What the CTI server and the IVR know and the switch does not: agents, visits to queues, sessions with callers.

Immutable values like those of ``model.view``: the owner tells the whole of each thing that changed, mirrors replace.
Numbers of the enums are wire values, never reused.
"""

from enum import IntEnum
from typing import NewType

from model.ids import NO_DEVICE, CallId, ConversationId, DeviceNumber, EventId, Microseconds
from model.value import value

AgentNumber = NewType("AgentNumber", str)
"""An agent's number (座席工号), unique in a site and not a device: agents change desks."""

NO_AGENT = AgentNumber("")

NOTHING_SEEN = EventId(0, 0)

QueueName = NewType("QueueName", str)
"""A queue of the CTI server, by the name its administrators gave it."""


class AgentState(IntEnum):
    """ECMA-269 6.1.8 agent states, and why an agent takes no calls in words of its own (``AgentSession.reason``)."""

    LOGGED_OUT = 0
    NOT_READY = 1
    READY = 2
    RESERVED = 3
    """Chosen for a call that has not been answered yet."""
    BUSY = 4
    """In a call of a queue or of its own."""
    WRAP_UP = 5
    """Working after a call (ECMA-269: working after call)."""


@value
class AgentSession:
    """An agent at a desk, from log-in to log-out. ``session_id`` is the event that began it. ``reason`` is the reason
    of *not ready* or of the log-out. ``conversation_id`` is that of the call in which, or after which, the state is."""

    session_id: EventId
    agent: AgentNumber
    name: str
    device: DeviceNumber
    state: AgentState
    since_us: Microseconds
    began_us: Microseconds
    reason: str = ""
    conversation_id: ConversationId | None = None


class VisitOutcome(IntEnum):
    """How a visit to a queue ended."""

    WAITING = 0
    """It has not."""
    ANSWERED = 1
    ABANDONED = 2
    TIMED_OUT = 3
    OVERFLOWED = 4
    """Sent elsewhere because too many wait."""
    NOBODY_THERE = 5
    """Sent elsewhere because no agent is logged in, or all are paused."""
    TAKEN_AWAY = 6
    """Transferred, picked up or parked out of the queue."""
    LOST = 7
    """The CTI server or the switch lost sight of it."""


@value
class QueueVisit:
    """A call's stay in a queue. ``visit_id`` is the event that began it. ``agent`` and ``device`` are whom it is
    offered to now, or who answered. ``offers``: agents that it was offered to so far."""

    visit_id: EventId
    queue: QueueName
    conversation_id: ConversationId
    call_id: CallId
    entered_us: Microseconds
    outcome: VisitOutcome = VisitOutcome.WAITING
    left_us: Microseconds | None = None
    priority: int = 0
    position: int = 0
    """Its place when it entered, 1 for the next one."""
    agent: AgentNumber = NO_AGENT
    device: DeviceNumber = NO_DEVICE
    offers: int = 0


class IvrOutcome(IntEnum):
    """How a session with a caller ended."""

    RUNNING = 0
    COMPLETED = 1
    """The flow came to its end and hung up."""
    CALLER_LEFT = 2
    TRANSFERRED = 3
    FAILED = 4
    """By a fault of the flow or of the IVR: ``IvrSession.reason`` says which."""


@value
class IvrSession:
    """A flow that runs for a caller at an IVR port. ``session_id`` is the event that began it. ``node`` is the node it
    is in, ``nodes`` how many it has entered, ``digits`` what the caller pressed so far."""

    session_id: EventId
    port: DeviceNumber
    flow: str
    conversation_id: ConversationId
    call_id: CallId
    began_us: Microseconds
    outcome: IvrOutcome = IvrOutcome.RUNNING
    ended_us: Microseconds | None = None
    node: str = ""
    nodes: int = 0
    digits: str = ""
    destination: str = ""
    """Where it transferred the caller to."""
    reason: str = ""


@value
class CentreSnapshot:
    """Everything that goes on at exactly one number of a stream of the CTI server or the IVR, sorted by id. ``seen``:
    up to where in the gateway's stream everything has been told, by the last event that said so."""

    number: int
    seen: EventId = NOTHING_SEEN
    agents: tuple[AgentSession, ...] = ()
    visits: tuple[QueueVisit, ...] = ()
    ivr_sessions: tuple[IvrSession, ...] = ()
