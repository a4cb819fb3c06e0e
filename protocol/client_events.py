"""What a client's session tells its owner: items of the subscription, answers, its begin and its end."""

from dataclasses import dataclass

from model.centre import CentreSnapshot
from model.centre_events import CentreEvent
from model.events import Event
from model.view import Snapshot
from protocol.messages import Gap, Subscribed, Welcome
from protocol.requests import Reply


@dataclass(frozen=True, slots=True)
class SubscriptionBegan:
    """The server took the subscription; whether a snapshot comes first."""

    answer: Subscribed


@dataclass(frozen=True, slots=True)
class SubscriptionRefused:
    """The server did not take the subscription."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class SnapshotTaken:
    """The whole (filtered) state at one number of an epoch."""

    epoch: int
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class EventSeen:
    """One event of the stream, at its place."""

    epoch: int
    event: Event


@dataclass(frozen=True, slots=True)
class CentreSnapshotTaken:
    """As ``SnapshotTaken``, of a stream of the CTI server or the IVR."""

    epoch: int
    snapshot: CentreSnapshot


@dataclass(frozen=True, slots=True)
class CentreEventSeen:
    """As ``EventSeen``, of a stream of the CTI server or the IVR."""

    epoch: int
    event: CentreEvent


@dataclass(frozen=True, slots=True)
class PositionSeen:
    """Nothing that passes the filter lies between the last event and this number."""

    epoch: int
    number: int


@dataclass(frozen=True, slots=True)
class Replied:
    """The answer to a request."""

    number: int
    reply: Reply


@dataclass(frozen=True, slots=True)
class Welcomed:
    """The session is open."""

    welcome: Welcome


@dataclass(frozen=True, slots=True)
class Ended:
    """The session is over. ``refused``: it never began."""

    code: int
    text: str
    refused: bool = False


CentreItem = CentreSnapshotTaken | CentreEventSeen
Item = SubscriptionBegan | SubscriptionRefused | SnapshotTaken | EventSeen | CentreItem | Gap | PositionSeen
ClientEvent = Item | Replied | Welcomed | Ended
