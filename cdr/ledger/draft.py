"""A conversation while it is open: its parts, one for each device, and what its first outside party lives through.

Mutable, and nothing else than what a record, a later event or a restart needs.
"""

from dataclasses import dataclass, field

from cdr.records import Ending, PartState, Role
from model.ids import EventId
from model.states import ConnectionState, PortKind

STRETCHES_MAX = 5_000
"""Of one timeline: a conference in which somebody comes or goes every second for an hour. What comes after is counted
in the last one's state no more, and told as a problem."""


@dataclass(slots=True)
class Part:
    """A device's part in a conversation, over all calls that the switch makes of it.

    ``kind`` is what port.cfg says of the device, None for a party outside it. ``connection`` and ``key`` are its
    connection's in ``call_id`` now. ``queue`` is the switch's queue that chose it. ``unanswered``: only the
    network has been reached, the party has not answered. ``agent`` is None until the CTI server has told who was there.
    """

    began: EventId
    ordinal: int
    device: str
    trunk: str
    key: str
    kind: PortKind | None
    first_call_id: EventId
    call_id: EventId
    role: Role
    queue: str
    connection: ConnectionState
    began_us: int
    since_us: int
    state: PartState = PartState.DIALLING
    spans: dict[PartState, int] = field(default_factory=dict)
    unanswered: bool = False
    answered_us: int | None = None
    answered: EventId | None = None
    ended_us: int | None = None
    ended: EventId | None = None
    ending: Ending = Ending.HUNG_UP
    cause: str = ""
    ended_by: str = ""
    agent: str | None = None
    wrap_up_us: int = 0

    @property
    def is_live(self) -> bool:
        return self.ended_us is None

    @property
    def is_outside(self) -> bool:
        return self.kind is None or self.kind is PortKind.TRUNK

    @property
    def is_person(self) -> bool:
        """An extension: neither a queue, nor a menu, nor outside."""
        return self.kind is PortKind.EXT

    def spend(self, until_us: int, state: PartState | None = None) -> None:
        """What has passed until now was spent in its state, or in ``state``."""
        spent = until_us - self.since_us
        if spent > 0:
            of = self.state if state is None else state
            self.spans[of] = self.spans.get(of, 0) + spent
            self.since_us = until_us


@dataclass(slots=True)
class Stretch:
    """A stretch of the timeline. ``credited`` is the index of the part that the seconds belong to, -1 for nobody."""

    state: PartState
    began_us: int
    ended_us: int
    parties: tuple[str, ...]
    credited: int
    queue: str

    def continues(self, other: "Stretch") -> bool:
        """Whether the other is the same, later."""
        return (self.state, self.parties, self.credited, self.queue) == (
            other.state,
            other.parties,
            other.credited,
            other.queue,
        )


@dataclass(slots=True)
class Conversation:
    """A story from its first event to the end of its last call.

    ``subject`` is the index of the part whose timeline is kept: the first outside party, in an internal conversation
    the caller, and whoever stays when the caller transfers it. ``first_subject`` is the one it began with.
    ``talked_us``: when the subject first talked to a person. ``expected`` says why a device is about to come:
    transferred to, forwarded; ``queue`` is the queue it was sent to and has not left by an answer. ``gaps``: streams
    that have lost something while it went on. ``ended`` is the event that ended it; ``winner`` the conversation it went
    on in.
    """

    conversation_id: EventId
    calling: str
    called: str
    began_us: int
    last_us: int
    calls: list[EventId] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    subject: int = -1
    first_subject: int = -1
    talked_us: int | None = None
    stretches: list[Stretch] = field(default_factory=list)
    expected: dict[str, Role] = field(default_factory=dict)
    queue: str = ""
    transfers: int = 0
    conferences: int = 0
    failure: str = ""
    gaps: set[str] = field(default_factory=set)
    truncated: bool = False
    ended: EventId | None = None
    winner: EventId | None = None
    revision: int = 0

    def live(self) -> list[Part]:
        """Parts that are in it now."""
        return [part for part in self.parts if part.ended_us is None]

    def live_in(self, call_id: EventId) -> list[Part]:
        """Parts that are in this call now."""
        return [part for part in self.parts if part.ended_us is None and part.call_id == call_id]
