"""A small CTI server: from a gateway's stream it makes one of its own, as a real one would, only with less sense.

An agent sits at each of its desks, is busy in a call, wraps up for a while after it, and is ready again; now and then
one leaves and another comes. Each event says how far of the gateway's stream it had been read.
"""

import random
from collections.abc import Iterable
from dataclasses import replace

from model.centre import AgentNumber, AgentSession, AgentState
from model.centre_events import AgentEvent, AgentEventKind, CentreEvent, SeenEvent
from model.events import CallEvent, Event
from model.ids import DeviceNumber, EventId, Microseconds
from model.states import ConnectionState

WRAP_UP_US = 3_000_000
SEEN_EVERY = 7
"""Events of the gateway, after which the server says how far it has come."""


class MiniCti:
    """``events``: what it has told so far."""

    def __init__(self, devices: Iterable[str], seed: int, gateway_epoch: int) -> None:
        self._random = random.Random(seed)
        self._epoch = gateway_epoch
        self._seen = EventId(gateway_epoch, 0)
        self._now = Microseconds(0)
        self.events: list[CentreEvent] = []
        self._sessions: dict[str, AgentSession] = {}
        for device in devices:
            self._log_in(device)

    def read(self, event: Event) -> None:
        """The next event of the gateway."""
        self._seen, self._now = EventId(self._epoch, event.number), event.received_us
        for session in list(self._sessions.values()):
            if session.state is AgentState.WRAP_UP and session.since_us + WRAP_UP_US <= self._now:
                self._tell(replace(session, state=AgentState.READY, since_us=self._now, conversation_id=None))
        if isinstance(event, CallEvent):
            self._follow(event)
        if event.number % SEEN_EVERY == 0:
            self.say_seen()

    def say_seen(self) -> None:
        """Nothing more to say of what has been read."""
        self.events.append(SeenEvent(len(self.events) + 1, self._now, self._seen))

    def close(self) -> None:
        """Time goes on until nobody wraps up any more, and everybody goes home."""
        self._now = Microseconds(self._now + 2 * WRAP_UP_US)
        for session in list(self._sessions.values()):
            if session.state is AgentState.WRAP_UP:
                self._tell(replace(session, state=AgentState.READY, since_us=self._now, conversation_id=None))
            self._log_out(session.device)
        self.say_seen()

    def _follow(self, event: CallEvent) -> None:
        talking = {
            one.device: call.conversation_id
            for call in event.calls
            for one in call.connections
            if one.state is ConnectionState.CONNECTED
        }
        for change in event.devices:
            session = self._sessions.get(change.device)
            if session is None:
                continue
            conversation_id = talking.get(change.device)
            if conversation_id is not None and session.state is not AgentState.BUSY:
                self._tell(replace(session, state=AgentState.BUSY, since_us=self._now, conversation_id=conversation_id))
            elif conversation_id is None and session.state is AgentState.BUSY and not self._holds(event, change.device):
                self._tell(replace(session, state=AgentState.WRAP_UP, since_us=self._now))
            elif session.state is AgentState.READY and self._random.random() < 0.1:
                self._log_out(change.device)
                self._log_in(change.device)

    @staticmethod
    def _holds(event: CallEvent, device: str) -> bool:
        return any(one.device == device for call in event.calls for one in call.connections)

    def _log_in(self, device: str) -> None:
        number = len(self.events) + 1
        agent = AgentNumber(f"A{number}")
        session_id = EventId(9, number)
        session = AgentSession(
            session_id, agent, agent, DeviceNumber(device), AgentState.READY, self._now, Microseconds(self._now)
        )
        self._tell(session, AgentEventKind.AGENT_LOGGED_IN)

    def _log_out(self, device: str) -> None:
        gone = replace(self._sessions[device], state=AgentState.LOGGED_OUT, since_us=self._now, conversation_id=None)
        self._tell(gone, AgentEventKind.AGENT_LOGGED_OUT)
        del self._sessions[device]

    def _tell(self, session: AgentSession, kind: AgentEventKind = AgentEventKind.AGENT_STATE_CHANGED) -> None:
        self._sessions[session.device] = session
        self.events.append(AgentEvent(kind, len(self.events) + 1, self._now, self._seen, session))
