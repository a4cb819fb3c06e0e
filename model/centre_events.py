"""What the CTI server and the IVR tell the world, each in a numbered stream of its own.

Each event says how much of the gateway's stream its writer had ``seen``: who joins the streams needs no clock for it.
"""

from enum import IntEnum

from model.centre import NO_AGENT, AgentNumber, AgentSession, IvrSession, QueueVisit
from model.ids import NO_DEVICE, DeviceNumber, EventId, Microseconds
from model.value import value


class ConcernKind(IntEnum):
    """What an event concerns, for filters."""

    DEVICE = 1
    AGENT = 2
    QUEUE = 3


Concern = tuple[ConcernKind, str]
"""A device, agent or queue that an event concerns, before it or after."""


class AgentEventKind(IntEnum):
    """Kinds of agent events; the numbers are ULP kinds (docs/protocol.md), never used twice."""

    AGENT_LOGGED_IN = 0x0401
    AGENT_STATE_CHANGED = 0x0402
    AGENT_LOGGED_OUT = 0x0403


class VisitEventKind(IntEnum):
    """Kinds of queue events."""

    QUEUE_ENTERED = 0x0411
    QUEUE_OFFERED = 0x0412
    """Offered to an agent, whose telephone rings."""
    QUEUE_OFFER_ENDED = 0x0413
    """Not answered, refused, or nobody there: it waits again."""
    QUEUE_LEFT = 0x0414


class IvrEventKind(IntEnum):
    """Kinds of IVR events."""

    IVR_SESSION_BEGAN = 0x0501
    IVR_NODE_ENTERED = 0x0502
    IVR_DIGITS_COLLECTED = 0x0503
    IVR_SESSION_ENDED = 0x0504


@value
class AgentEvent:
    """An agent's session began, changed its state, or ended: as it is now, or for the last time. A session stays at its
    device."""

    kind: AgentEventKind
    number: int
    received_us: Microseconds
    seen: EventId
    session: AgentSession

    @property
    def concerned(self) -> tuple[Concern, ...]:
        return (ConcernKind.DEVICE, self.session.device), (ConcernKind.AGENT, self.session.agent)


@value
class VisitEvent:
    """A call entered a queue, was offered, or left: the visit as it is now, or for the last time. ``was_agent`` and
    ``was_device`` are whom it was offered to before."""

    kind: VisitEventKind
    number: int
    received_us: Microseconds
    seen: EventId
    visit: QueueVisit
    was_agent: AgentNumber = NO_AGENT
    was_device: DeviceNumber = NO_DEVICE

    @property
    def concerned(self) -> tuple[Concern, ...]:
        visit = self.visit
        named = {
            (ConcernKind.QUEUE, str(visit.queue)),
            *((ConcernKind.AGENT, str(agent)) for agent in (visit.agent, self.was_agent) if agent),
            *((ConcernKind.DEVICE, str(device)) for device in (visit.device, self.was_device) if device),
        }
        return tuple(sorted(named))


@value
class IvrEvent:
    """A session with a caller began, went on, or ended: as it is now, or for the last time."""

    kind: IvrEventKind
    number: int
    received_us: Microseconds
    seen: EventId
    session: IvrSession

    @property
    def concerned(self) -> tuple[Concern, ...]:
        return ((ConcernKind.DEVICE, self.session.port),)


@value
class SeenEvent:
    """Everything that this stream has to say of the gateway's events up to ``seen`` has been said. Published when that
    has moved on and nothing else has been published for a second."""

    number: int
    received_us: Microseconds
    seen: EventId

    @property
    def concerned(self) -> tuple[Concern, ...]:
        """Everybody."""
        return ()


CentreEvent = AgentEvent | VisitEvent | IvrEvent | SeenEvent
