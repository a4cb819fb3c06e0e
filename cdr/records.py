"""Call records: what a row of each table holds. Values, frozen once their conversation has ended.

Times are microseconds since 1970 UTC; spans are microseconds. Each table's identity is the first field. A record that
is written again, because a stream that was missing came back, replaces the one of that identity under the next
revision.
"""

from enum import StrEnum

from model.ids import Microseconds
from model.value import value


class Direction(StrEnum):
    """By who calls whom when the conversation begins."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"
    TANDEM = "tandem"
    """From outside to outside."""


class Result(StrEnum):
    """What became of a conversation."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    BLOCKED = "blocked"
    VOICEMAIL = "voicemail"
    RECONCILED = "reconciled"
    """Nobody saw how it ended: the switch did not have it any more."""
    JOINED = "joined"
    """Nobody answered here, since it went on in an earlier one: transferred while it rang, a number dialled to pick up
    or to fetch another call."""


class Where(StrEnum):
    """Where a caller who abandoned was."""

    NOWHERE = ""
    DIALLING = "dialling"
    MENU = "menu"
    QUEUE = "queue"
    RINGING = "ringing"
    HOLD = "hold"


class Role(StrEnum):
    """Why a device is in a conversation."""

    CALLER = "caller"
    CALLED = "called"
    FORWARDED = "forwarded"
    """It got what was meant for another: forwarding, deflection, no answer there."""
    DISTRIBUTED = "distributed"
    """A queue or a ring group chose it."""
    QUEUE = "queue"
    MENU = "menu"
    CONSULTED = "consulted"
    TRANSFERRED_TO = "transferred_to"
    CONFERENCED = "conferenced"
    PICKED_UP = "picked_up"
    PARKED = "parked"
    RETRIEVED = "retrieved"
    OTHER = "other"


class Ending(StrEnum):
    """How a device's part ended."""

    HUNG_UP = "hung_up"
    """It left, and somebody else still was there."""
    OTHERS_LEFT = "others_left"
    TRANSFERRED = "transferred"
    """It gave the call away."""
    DIVERTED = "diverted"
    """It rang here and went elsewhere: forwarded, deflected, no answer."""
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    NO_ANSWER = "no_answer"
    """It rang until the caller left or the switch gave up."""
    BUSY = "busy"
    FAILED = "failed"
    JOINED = "joined"
    """A second part of a device that goes on in its first: a conference."""
    RECONCILED = "reconciled"


class PartState(StrEnum):
    """What a device lives through in a conversation, at any moment exactly one of these."""

    DIALLING = "dialling"
    """Off hook, and nobody is called yet."""
    WAITING = "waiting"
    """There, while others ring."""
    MENU = "menu"
    """With an IVR port and nobody else."""
    QUEUED = "queued"
    """In a queue, or the queue itself."""
    RINGING = "ringing"
    TALKING = "talking"
    HOLDING = "holding"
    """It holds the call."""
    HELD = "held"
    """It is there, and everybody else holds."""
    PARKED = "parked"
    ALONE = "alone"
    """Everybody else has left."""
    FAILED = "failed"
    """Busy tone and the like."""
    UNCERTAIN = "uncertain"
    """After the last moment of which anything is known."""


@value
class Spans:
    """How a part's life is divided, one span for each ``PartState``; together they are all of it."""

    dialling_us: int = 0
    waiting_us: int = 0
    menu_us: int = 0
    queued_us: int = 0
    ringing_us: int = 0
    talking_us: int = 0
    holding_us: int = 0
    held_us: int = 0
    parked_us: int = 0
    alone_us: int = 0
    failed_us: int = 0
    uncertain_us: int = 0


@value
class LegRecord:
    """One device's part in one conversation: one row, over all calls that the switch makes of it.

    ``leg_id`` is ``EPOCH:NUMBER/N``: the event that began it, and which of the legs that this event began.
    ``agent`` was logged in at the device when it answered, or when the leg began. ``wrap_up_us`` comes after the leg
    and is none of its spans.
    """

    leg_id: str
    conversation_id: str
    first_call_id: str
    last_call_id: str
    device: str
    trunk: str
    inside: bool
    role: Role
    agent: str
    began_us: Microseconds
    answered_us: Microseconds | None
    ended_us: Microseconds
    spans: Spans
    wrap_up_us: int
    ending: Ending
    cause: str
    """ECMA-269 12.2.15, as the switch said it."""
    ended_by: str
    """The device that ended it: itself, or another."""
    revision: int = 1
    complete: bool = True


@value
class SegmentRecord:
    """A stretch of what the first outside party lived through (of an internal conversation: the caller).

    ``segment_id`` is ``CONVERSATION/N``; they follow one another without a gap. ``parties`` are the devices that take
    part, sorted. A talking stretch credits one agent: the inside party that has been there longest.
    """

    segment_id: str
    conversation_id: str
    state: PartState
    began_us: Microseconds
    ended_us: Microseconds
    parties: tuple[str, ...]
    device: str
    agent: str
    queue: str
    certain: bool = True
    revision: int = 1


@value
class ConversationRecord:
    """A story that a caller lived through, over transfers, queues, conferences.

    ``winner_id`` is set where it went on in an earlier one; what happened after that stands there. ``stream`` is the
    name of the gateway's stream (site and daemon).
    """

    conversation_id: str
    stream: str
    direction: Direction
    caller: str
    called: str
    trunk: str
    first_device: str
    first_agent: str
    last_device: str
    last_agent: str
    queue: str
    result: Result
    abandoned_where: Where
    cause: str
    began_us: Microseconds
    answered_us: Microseconds | None
    ended_us: Microseconds
    waiting_us: int
    """Of the first outside party: until somebody inside answered, without menus and queues."""
    menu_us: int
    queued_us: int
    talking_us: int
    held_us: int
    uncertain_us: int
    transfers: int
    conferences: int
    winner_id: str = ""
    revision: int = 1
    complete: bool = True
    missing: tuple[str, ...] = ()
    """Streams that had not told everything when this was written: ``cti``, ``ivr``; ``gateway`` where it has a gap."""


@value
class AgentSessionRecord:
    """An agent's log-in until log-out. ``ended_us`` None: it goes on; it is written when it begins."""

    session_id: str
    agent: str
    name: str
    device: str
    began_us: Microseconds
    ended_us: Microseconds | None
    reason: str
    revision: int = 1
    complete: bool = True


@value
class AgentPeriodRecord:
    """A stretch in one state. ``period_id`` is the event that began it."""

    period_id: str
    session_id: str
    agent: str
    device: str
    state: str
    reason: str
    conversation_id: str
    began_us: Microseconds
    ended_us: Microseconds
    revision: int = 1
    complete: bool = True


@value
class QueueVisitRecord:
    """A call's stay in a queue, of the CTI server (``source`` cti) or of the switch (``gateway``)."""

    visit_id: str
    conversation_id: str
    source: str
    queue: str
    outcome: str
    agent: str
    device: str
    entered_us: Microseconds
    left_us: Microseconds
    priority: int
    position: int
    offers: int
    revision: int = 1
    complete: bool = True


@value
class IvrSessionRecord:
    """A flow that ran for a caller."""

    session_id: str
    conversation_id: str
    port: str
    flow: str
    outcome: str
    node: str
    """The last one it was in."""
    nodes: int
    digits: str
    destination: str
    reason: str
    began_us: Microseconds
    ended_us: Microseconds
    revision: int = 1
    complete: bool = True


@value
class ProblemRecord:
    """An invariant that a conversation's records break: a fault of ours or of the switch, never a reason to drop them.
    ``problem_id`` is ``CONVERSATION/CODE/N``."""

    problem_id: str
    conversation_id: str
    code: str
    text: str
    found_us: Microseconds


Record = (
    ConversationRecord
    | LegRecord
    | SegmentRecord
    | AgentSessionRecord
    | AgentPeriodRecord
    | QueueVisitRecord
    | IvrSessionRecord
    | ProblemRecord
)


@value
class Draft:
    """What the ledger must know again after a restart: of a conversation still open, an agent at work, a device.

    ``key`` is unique among those of its ``kind``; ``body`` is text that only the ledger reads. An empty body: it is
    over, forget it.
    """

    kind: str
    key: str
    body: str


@value
class Place:
    """How far a stream has been taken. ``stream`` is gateway, cti or ivr."""

    stream: str
    name: str
    """As WELCOME names it."""
    epoch: int
    number: int


@value
class Batch:
    """What is written in one transaction, or not at all: rows, drafts, places."""

    records: tuple[Record, ...]
    drafts: tuple[Draft, ...]
    places: tuple[Place, ...]
