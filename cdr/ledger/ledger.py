"""The ledger: events of three streams in, records out. Pure; rebuilding from the journals gives the same rows.

It depends on the order within each stream alone. A conversation that has ended waits until the other streams have told
everything about it; if one of them is away, its rows are written as incomplete, and again under a new revision when it
has come back.
"""

from collections.abc import Iterable
from typing import Final

from cdr.ledger import freezing
from cdr.ledger.desks import Desks
from cdr.ledger.draft import Conversation
from cdr.ledger.invariants import broken
from cdr.ledger.sessions import IvrSessions
from cdr.ledger.stories import Stories
from cdr.ledger.visits import visits
from cdr.records import Record
from model.causes import Cause
from model.centre import CentreSnapshot
from model.centre_events import AgentEvent, CentreEvent, IvrEvent, SeenEvent, VisitEvent
from model.events import CallEvent, CallEventKind, DeviceEvent, Event
from model.ids import NO_DEVICE, EventId, Microseconds
from model.states import PortKind
from model.view import Call, Snapshot

GATEWAY: Final = "gateway"
CTI: Final = "cti"
IVR: Final = "ivr"

WAITING_MAX: Final = 100_000
"""Conversations that have ended and wait for a stream that is away: some 200 MB. Beyond it the oldest stay as they were
written, incomplete, until the records are rebuilt."""


class Ledger:
    """``streams``: those besides the gateway's that there are (``cti``, ``ivr``) and that rows wait for."""

    def __init__(self, streams: Iterable[str] = ()) -> None:
        self.stream = ""
        self.streams = tuple(streams)
        self.stories = Stories()
        self.desks = Desks()
        self.ivr = IvrSessions()
        self.kinds: dict[str, PortKind] = {}
        self.taken = EventId(0, 0)
        self.heard_us = 0
        self.touched: set[EventId] = set()
        """Conversations that have changed since the last batch."""
        self.reconfigured: set[str] = set()
        """Devices that have."""
        self.waiting: dict[EventId, Conversation] = {}
        """Those that have ended, by their id, in the order in which they ended."""
        self._records: list[Record] = []
        self._after_work: dict[EventId, Conversation] = {}

    def take_records(self) -> list[Record]:
        """The records that are ready, once."""
        ready, self._records = self._records, []
        return ready

    @property
    def has_something_to_write(self) -> bool:
        """Whether there are records, or something that must be known again, since the last batch."""
        desks = self.desks
        touched = (self.touched, self.reconfigured, desks.touched_desks, desks.touched_visits,
                   desks.touched_first_visits, self.ivr.touched)  # fmt: skip
        return bool(self._records) or any(touched)

    # -- the gateway's stream ------------------------------------------------------------------------------------

    def take(self, epoch: int, event: Event) -> None:
        """The next event of the gateway's stream."""
        self.taken = EventId(epoch, event.number)
        self.heard_us = max(self.heard_us, event.received_us)
        if isinstance(event, CallEvent):
            self._take_call(event)
        elif isinstance(event, DeviceEvent):
            self.reconfigured.add(event.device.number)
            if event.removed:
                self.kinds.pop(event.device.number, None)
            else:
                self.kinds[event.device.number] = event.device.kind

    def take_snapshot(self, epoch: int, snapshot: Snapshot) -> None:
        """What is so after events that are lost or were never seen: live calls go on from here, marked as incomplete;
        calls that are not in it ended meanwhile, nobody knows when."""
        self.reconfigured.update(self.kinds)
        self.kinds = {device.number: device.kind for device in snapshot.devices}
        self.reconfigured.update(self.kinds)
        self.taken = EventId(epoch, snapshot.number)
        known = {call.call_id for call in snapshot.calls}
        now = max([self.heard_us, *(one.since_us for call in snapshot.calls for one in call.connections)])
        gone = [
            Call(call_id, story.conversation_id, "", story.began_us, "", "", "", (), ended=True)  # type: ignore[arg-type]
            for call_id, story in self.stories.of_call.items()
            if call_id not in known
        ]
        for call in (*gone, *snapshot.calls):
            event = CallEvent(
                CallEventKind.RECONCILED,
                snapshot.number,
                Microseconds(now),
                Cause.RECONCILED,
                NO_DEVICE,
                (call,),
                (),
                last_proof_us=Microseconds(self.heard_us or now),
            )
            self._take_call(event, whole=False)
        self.heard_us = now

    def _take_call(self, event: CallEvent, *, whole: bool = True) -> None:
        for story in self.stories.take(event, self.taken, self.kinds):
            self.touched.add(story.conversation_id)
            if not whole:
                story.gaps.add(GATEWAY)
            if story.ended is not None and story.ended == self.taken:
                self.waiting[story.conversation_id] = story
        self._finish()

    # -- the other streams ---------------------------------------------------------------------------------------

    def take_centre(self, stream: str, epoch: int, event: CentreEvent) -> None:
        """The next event of the CTI server's or the IVR's stream."""
        match event:
            case AgentEvent():
                self._records += self.desks.take_agent(event, str(EventId(epoch, event.number)))
                self.desks.seen(event)
                self._finish_work()
            case VisitEvent():
                self._records += self.desks.take_visit(event)
                self.desks.seen(event)
            case IvrEvent():
                self._records += self.ivr.take(event)
                self.ivr.seen(event)
            case SeenEvent():
                (self.ivr if stream == IVR else self.desks).seen(event)
        self._finish()

    def take_centre_snapshot(self, stream: str, epoch: int, snapshot: CentreSnapshot) -> None:
        """What is so at the CTI server or the IVR after events that are lost or were never seen. Whatever conversation
        is not finished may lack something."""
        for conversation_id in self.unfinished_ids:
            story = self.unfinished(conversation_id)
            assert story is not None, "its id is listed"
            story.gaps.add(stream)
            self.touched.add(conversation_id)
        now = Microseconds(self.heard_us)
        if stream == IVR:
            self._records += self.ivr.take_snapshot(snapshot, now)
        else:
            self._records += self.desks.take_snapshot(epoch, snapshot, now)
            self._finish_work()
        self._finish()

    # -- conversations that have ended ---------------------------------------------------------------------------

    def write_incomplete(self, ended_before_us: int) -> None:
        """Write what has waited since then as it is known now."""
        for story in self.waiting.values():
            if story.last_us >= ended_before_us:
                break
            if story.revision == 0:
                self._write(story)

    def _finish(self) -> None:
        mark = min([self.taken, *(self._mark(stream) for stream in self.streams)])
        for story in list(self._ready(mark)):
            del self.waiting[story.conversation_id]
            if self.desks.wraps_up(story.conversation_id, self._end_of(story)):
                self._after_work[story.conversation_id] = story
            self._write(story)
        while len(self.waiting) > WAITING_MAX:
            story = self.waiting.pop(next(iter(self.waiting)))
            if story.revision == 0:
                self._write(story)
            self.touched.add(story.conversation_id)

    def _finish_work(self) -> None:
        for conversation_id, story in list(self._after_work.items()):
            if not self.desks.wraps_up(conversation_id, self._end_of(story)):
                del self._after_work[conversation_id]
                self._write(story)

    def _ready(self, mark: EventId) -> Iterable[Conversation]:
        for story in self.waiting.values():
            if self._end_of(story) > mark:
                return
            yield story

    def _mark(self, stream: str) -> EventId:
        return self.ivr.mark if stream == IVR else self.desks.mark

    @staticmethod
    def _end_of(story: Conversation) -> EventId:
        assert story.ended is not None, "only conversations that have ended wait"
        return story.ended

    def missing(self, story: Conversation) -> tuple[str, ...]:
        """The streams that have not told everything about a conversation that has ended."""
        ended = self._end_of(story)
        absent = [stream for stream in self.streams if self._mark(stream) < ended]
        if CTI in self.streams and CTI not in absent and self.desks.wraps_up(story.conversation_id, ended):
            absent.append(CTI)
        return tuple(one for one in (GATEWAY, CTI, IVR) if one in story.gaps or one in absent)

    def _write(self, story: Conversation) -> None:
        ended = self._end_of(story)
        story.revision += 1
        for part in story.parts:
            if part.is_person:
                part.agent = self.desks.agent_at(part.device, part.answered or part.began)
                part.wrap_up_us = self.desks.wrap_up_us(story.conversation_id, part.device, part.agent, ended)
        missing = self.missing(story)
        queue = self.desks.queue_of(story.conversation_id, ended)
        self._records.append(freezing.conversation(story, self.stream, queue, missing))
        self._records += freezing.legs(story, missing)
        self._records += freezing.segments(story)
        self._records += visits(story, missing)
        self._records += broken(story)
        self.touched.add(story.conversation_id)

    # -- what is kept ----------------------------------------------------------------------------------------------

    def unfinished(self, conversation_id: EventId) -> Conversation | None:
        """A conversation that goes on, or whose rows are not complete."""
        for held in (self.stories.open, self.waiting, self._after_work):
            if (story := held.get(conversation_id)) is not None:
                return story
        return None

    @property
    def unfinished_ids(self) -> list[EventId]:
        """All of those."""
        return [*self.stories.open, *self.waiting, *self._after_work]

    def keep(self, story: Conversation) -> None:
        """A conversation read back from its draft; those that have ended come in the order in which they did."""
        if story.ended is None:
            self.stories.keep(story)
        elif all(self._mark(stream) >= story.ended for stream in self.streams):
            self._after_work[story.conversation_id] = story
        else:
            self.waiting[story.conversation_id] = story

    def forget(self) -> None:
        """Drop what the CTI server told of agents and queues and nobody can ask for any more. To be called now and
        then; it changes no row."""
        self.desks.forget(self.unfinished_ids, self.taken)
