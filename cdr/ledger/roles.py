"""Why a device comes into a conversation, and how its part ends: read from the event that does it."""

from collections.abc import Mapping
from typing import Final

from cdr.ledger.draft import Conversation, Part
from cdr.records import Ending, Role
from model.causes import Cause
from model.events import CallEvent, CallEventKind
from model.states import ConnectionState, PortKind
from model.view import Call, Connection

UNANSWERED: Final = frozenset(
    cause.text
    for cause in (
        Cause.CALL_FORWARD_NO_ANSWER,
        Cause.CALL_NOT_ANSWERED,
        Cause.ALERT_TIME_EXPIRED,
        Cause.MAX_TIMEOUT,
        Cause.TIMEOUT,
        Cause.RECALL_NO_ANSWER,
        Cause.NO_AVAILABLE_AGENTS,
    )
)
"""It rang long enough."""
BUSY: Final = frozenset(
    cause.text
    for cause in (Cause.BUSY, Cause.CALL_REJECTED, Cause.DO_NOT_DISTURB, Cause.BUSY_OVERFLOW, Cause.RECALL_BUSY)
)
"""The called party would not or could not take it."""
BLOCKED: Final = frozenset(
    cause.text
    for cause in (
        Cause.BLOCKED,
        Cause.TRUNKS_BUSY,
        Cause.SELECTED_TRUNK_BUSY,
        Cause.NETWORK_CONGESTION,
        Cause.RESOURCES_NOT_AVAILABLE,
        Cause.ACD_SATURATED,
        Cause.CAPACITY_OVERFLOW,
    )
)
"""There was no circuit or no room for it."""


def role_of(story: Conversation, call: Call, one: Connection, kinds: Mapping[str, PortKind], event: CallEvent) -> Role:
    """The role of a device that this event brings in."""
    kind = kinds.get(one.device)
    expected = story.expected.pop(one.device, None)
    if kind is PortKind.QUEUE:
        return Role.QUEUE
    if kind is PortKind.IVR:
        return Role.MENU
    if one.state is ConnectionState.QUEUED:
        return Role.PARKED
    if event.cause is Cause.CALL_PICKUP:
        return Role.PICKED_UP
    if event.cause is Cause.PARK and event.kind is CallEventKind.ESTABLISHED:
        return Role.RETRIEVED
    if expected is not None:
        return expected
    if event.kind is CallEventKind.CONFERENCED:
        return Role.CONFERENCED
    if event.kind is CallEventKind.TRANSFERRED:
        return Role.TRANSFERRED_TO
    if _is_caller(story, call, one):
        return Role.CALLER
    if story.queue or _dialled_a_queue(story, call, kinds):
        story.queue = story.queue or call.called
        return Role.DISTRIBUTED
    if event.cause is Cause.CONSULTATION:
        return Role.CONSULTED
    if call.last_redirection and call.last_redirection != one.device:
        return Role.FORWARDED
    return Role.CALLED


def _dialled_a_queue(story: Conversation, call: Call, kinds: Mapping[str, PortKind]) -> bool:
    """Whether the number dialled is a queue that found somebody at once and never said *queued*."""
    been = any(part.role in (Role.QUEUE, Role.DISTRIBUTED) for part in story.parts)
    return not been and kinds.get(call.called) is PortKind.QUEUE


def _is_caller(story: Conversation, call: Call, one: Connection) -> bool:
    """Who calls has the calling number; a nameless one is whoever did not get the call."""
    if any(part.role is Role.CALLER for part in story.parts):
        return False
    if one.state not in (ConnectionState.INITIATED, ConnectionState.CONNECTED, ConnectionState.FAIL):
        return False
    return one.device == call.calling or (not story.parts and one.device != call.called)


def expect(story: Conversation, event: CallEvent, kinds: Mapping[str, PortKind]) -> None:
    """What an event tells of a device that will come: the target of a transfer, the one a call is sent on to."""
    if not event.other:
        return
    if event.kind in (CallEventKind.TRANSFERRED, CallEventKind.DIVERTED) and kinds.get(event.other) is PortKind.QUEUE:
        story.queue = event.other
    elif event.kind is CallEventKind.TRANSFERRED:
        story.queue = ""
        there = next((part for part in story.live() if part.device == event.other), None)
        if there is None:
            story.expected[event.other] = Role.TRANSFERRED_TO
        elif event.cause is Cause.SINGLE_STEP_TRANSFER:  # told after its target is there: never waited for, and named
            there.role = Role.TRANSFERRED_TO
    elif event.kind is CallEventKind.DIVERTED:
        sender = next((part for part in reversed(story.parts) if part.device == event.subject), None)
        if event.cause is Cause.CALL_PICKUP:
            story.expected[event.other] = Role.PICKED_UP
        elif event.cause is Cause.PARK:
            story.expected[event.other] = Role.PARKED
        elif sender is not None and sender.role is Role.QUEUE:
            story.expected[event.other] = Role.DISTRIBUTED
        elif event.cause is Cause.RECALL:
            story.expected[event.other] = Role.OTHER
        else:
            story.expected[event.other] = Role.FORWARDED


def ending_of(part: Part, event: CallEvent, others_talk: bool, left_alone: bool) -> Ending:
    """How this event ends a part. ``others_talk``: somebody else has answered the call; ``left_alone``: whom it talked
    to has left it."""
    if event.kind is CallEventKind.RECONCILED:
        return Ending.RECONCILED
    if event.kind is CallEventKind.TRANSFERRED:
        return Ending.TRANSFERRED
    if event.kind is CallEventKind.CONFERENCED:
        return Ending.JOINED
    if part.connection is ConnectionState.FAIL:
        return ending_of_failure(part.cause)
    if part.connection in (ConnectionState.ALERTING, ConnectionState.QUEUED):
        return _ending_of_unanswered(part, event, others_talk)
    if part.unanswered:
        return Ending.BUSY if event.cause.text in BUSY else Ending.NO_ANSWER
    if event.kind is CallEventKind.DIVERTED:
        return Ending.DIVERTED
    if left_alone:
        return Ending.OTHERS_LEFT
    released_by = event.other or event.subject
    if event.kind is CallEventKind.CALL_CLEARED or released_by not in (part.device, part.trunk):
        return Ending.OTHERS_LEFT
    return Ending.HUNG_UP


def ending_of_failure(cause: str) -> Ending:
    """What a failed connection came to."""
    if cause in BUSY:
        return Ending.BUSY
    return Ending.NO_ANSWER if cause in UNANSWERED else Ending.FAILED


def _ending_of_unanswered(part: Part, event: CallEvent, others_talk: bool) -> Ending:
    if event.kind is CallEventKind.DIVERTED:
        if part.role in (Role.QUEUE, Role.PARKED):
            return Ending.DIVERTED
        if event.cause is Cause.CALL_PICKUP:
            return Ending.ANSWERED_ELSEWHERE
        return Ending.NO_ANSWER if event.cause.text in UNANSWERED else Ending.DIVERTED
    if event.cause.text in BUSY:
        return Ending.BUSY
    if others_talk and part.connection is ConnectionState.ALERTING:
        return Ending.ANSWERED_ELSEWHERE
    return Ending.NO_ANSWER


def ended_by(part: Part, event: CallEvent) -> str:
    """The device that ended a part, as the event tells it; empty where nobody knows."""
    if event.kind is CallEventKind.RECONCILED:
        return ""
    if event.kind in (CallEventKind.CONNECTION_CLEARED, CallEventKind.DIVERTED):
        return (event.subject if event.kind is CallEventKind.DIVERTED else event.other) or event.subject
    return event.subject or part.device
