"""The link to one Asterisk: sockets and time around the pure parts, and nothing decided here.

One task reads, in ``run``; ``execute`` is called from others. A reader that falls behind is cut off by Asterisk in the
middle of a message (never with a gap): the buffer here is bounded, the last incomplete block is lost with the
connection, and the snapshot after the reconnection is the cure.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import structlog

from gateway.doors import Door
from gateway.intake import Intake
from gateway.links.asterisk import commands
from gateway.links.asterisk.ami import Event, Poison
from gateway.links.asterisk.connection import CHUNK_BYTES, AmiConnection
from gateway.links.asterisk.effects import Alarm, Effect, SnapshotWanted
from gateway.links.asterisk.normalise import Normaliser
from gateway.links.asterisk.orders import Order, Orders
from gateway.links.asterisk.session import (
    AmiSession,
    Answer,
    End,
    Ended,
    LoggedIn,
    LoggingIn,
    Output,
    SwitchSnapshot,
)
from gateway.links.base import CommandTarget, Done, LinkSink
from gateway.links.played import Wire
from gateway.links.reachability import why_not_connected
from gateway.portcfg import Port
from model.commands import Command, Outcome, Refusal
from model.ids import ConnectionKey, DeviceNumber, Microseconds, RequestRef, SwitchCallId
from model.states import LinkState
from runtime.backoff import Backoff
from runtime.clock import MICROSECONDS, Clock

log = structlog.get_logger("gateway.asterisk")

CONNECT_SECONDS_MAX = 10.0
"""A switch on the same site answers in milliseconds; a firewall that drops never does."""

CONFIRM_SECONDS = 5.0
"""For the event that proves an action done; the switch acts within milliseconds, an overloaded one within a second."""

RING_SECONDS = 30
"""How long a device that shall make a call may be rung first."""

ALARM_PAUSE_US = Microseconds(10 * MICROSECONDS)
"""Between two alarms of one kind: a forger must not fill the log."""


@dataclass(frozen=True, slots=True)
class AsteriskSettings:
    """How to reach the manager interface; ``context`` is the dialplan context in which numbers are dialled."""

    host: str
    user: str
    secret: str
    port: int = 5038
    context: str = "internal"
    ring_seconds: int = RING_SECONDS
    connect_seconds: float = CONNECT_SECONDS_MAX
    confirm_seconds: float = CONFIRM_SECONDS


class AsteriskLink:
    """A ``gateway.links.base.Link`` over AMI."""

    def __init__(
        self,
        settings: AsteriskSettings,
        ports: Sequence[Port],
        sink: LinkSink,
        clock: Clock,
        backoff: Backoff,
        intake: Intake | None = None,
    ) -> None:
        self._settings = settings
        self.sink = sink
        self._intake = intake or Intake(clock)
        self._clock = self._intake.clock
        self._backoff = backoff
        self._normaliser = Normaliser(ports)
        self._session: AmiSession | None = None
        self._connection: AmiConnection | None = None
        self._state = (LinkState.DOWN, "not started")
        self._orders = Orders(settings.context, settings.confirm_seconds, self._normaliser)
        self._alarms: dict[str, tuple[Microseconds, int]] = {}
        self._counts: Counter[str] = Counter()
        self._own_ids = 0
        self._proofs_wanted = 1
        """Complete snapshots that it takes to be up: after a loss two, since the model believes no single absence."""

    # -- what the gateway calls -----------------------------------------------------------------------------------

    @property
    def normaliser(self) -> Normaliser:
        """What is known of the switch; not to be changed."""
        return self._normaliser

    @property
    def session(self) -> AmiSession | None:
        """The session with the switch, None while there is none; not to be changed."""
        return self._session

    @property
    def counts(self) -> Counter[str]:
        """See ``gateway.links.base.Link``: ``blocks_poisoned`` are not what Asterisk writes, ``events_distrusted``
        contradict what is known, ``snapshots_incomplete`` list channels in such blocks, ``requests_unanswered`` have
        no proof within their time."""
        unanswered = self._orders.unanswered
        return self._counts + Counter(events_distrusted=self._normaliser.poison_count, requests_unanswered=unanswered)

    def cut(self) -> None:
        """Drop the connection, as a network would; ``run`` connects again."""
        if self._connection is not None:
            self._connection.abort()

    def serve(self, ports: Iterable[Port]) -> None:
        """See ``gateway.links.base.Link``: channels that are up keep the devices and trunk ports they have."""
        self._normaliser.board.devices.set_ports(tuple(ports))

    def verify_call(self, call: SwitchCallId, key: ConnectionKey) -> None:
        """Ask the switch. It cannot be asked for one call: the answer comes to the sink as a whole_switch."""
        self._want_snapshot(f"call {call} is in doubt")

    def verify_device(self, device: DeviceNumber) -> None:
        """Ask the switch; the answer comes to the sink as a whole_switch."""
        self._want_snapshot(f"device {device} is in doubt")

    async def run(self) -> None:
        """Keep the link up for ever, connecting again after each loss, until cancelled."""
        try:
            while True:
                started_us = self._clock.monotonic_us()
                try:
                    reason = await self._live()
                except OSError as error:
                    reason = (LinkState.DOWN, _connection_lost(error))
                self._lose(*reason)
                self._backoff.session_ended((self._clock.monotonic_us() - started_us) / MICROSECONDS)
                await asyncio.sleep(self._backoff.next_wait_seconds())
        finally:
            self._lose(LinkState.DOWN, "stopped")

    def execute(self, command: Command, target: CommandTarget, request: RequestRef, done: Done) -> None:
        """See ``gateway.links.base.Link``."""
        self._own_ids += 1
        session, settings, board = self._session, self._settings, self._normaliser.board
        own_id = f"{session.prefix}-call-{self._own_ids}" if session is not None else ""
        planned = commands.plan(command, target, board, settings.context, settings.ring_seconds, own_id)
        if isinstance(planned, Outcome):
            done(planned)
        elif session is None or not self._state[0].is_up:
            done(Outcome(Refusal.LINK_DOWN, f"the link is {self._state[0].name.lower()}: {self._state[1]}"))
        else:
            log.info("command_sent", kind=command.kind.name.lower(), device=command.device, action=planned.action)
            due_us = Microseconds(self._monotonic_us() + int(settings.confirm_seconds * MICROSECONDS))
            order = Order(planned, request, DeviceNumber(command.destination), done, due_us)
            self._orders.begin(order, session.ask)
            self._wake()

    # -- one connection -------------------------------------------------------------------------------------------

    async def _live(self) -> tuple[LinkState, str]:
        """One connection from beginning to end; returns what to say of it."""
        settings = self._settings
        self._connecting()
        try:
            connection = await AmiConnection.open(settings.host, settings.port, settings.connect_seconds)
        except (OSError, TimeoutError) as error:
            return LinkState.DOWN, why_not_connected(error, settings.host, settings.port)
        session = self._open(connection, f"ultra-{secrets.token_hex(8)}")
        try:
            return await self._converse(session, connection)
        finally:
            connection.close()

    async def _converse(self, session: AmiSession, connection: AmiConnection) -> tuple[LinkState, str]:
        while True:
            chunk = await connection.read(self._wait_seconds(session))
            if chunk == b"":
                return LinkState.DOWN, "the switch closed the connection"
            if (ended := self._heard(chunk)) is not None:
                return ended
            await connection.drain()

    # -- what happens to the link: each is a door of the gateway --------------------------------------------------

    def take_unread(self) -> bytes:
        """See ``gateway.links.base.Link``."""
        return b"" if self._session is None else self._session.parser.take_unread()

    def play(self, door: Door, brought: tuple[Any, ...], wire: Wire) -> None:
        """See ``gateway.links.base.Link``."""
        if door is Door.CONNECTING:
            self._connecting()
        elif door is Door.SESSION:
            self._open(cast(AmiConnection, wire), *brought)
        elif door is Door.OVER:
            self._lose(*brought)
        elif door in (Door.RECEIVED, Door.DUE) and self._session is not None:
            self._heard(brought[0] if brought else None)
        else:
            raise ValueError(f"{door.name} on a link without a connection")

    def _connecting(self) -> None:
        reason = f"connecting to {self._settings.host}:{self._settings.port}"
        self._intake.take(Door.CONNECTING, partial(self._say, LinkState.CONNECTING, reason))

    def _open(self, connection: AmiConnection, prefix: str) -> AmiSession:
        return self._intake.take(Door.SESSION, partial(self._begin_session, connection, prefix), (prefix,))

    def _begin_session(self, connection: AmiConnection, prefix: str) -> AmiSession:
        self._connection = connection
        self._session = AmiSession(self._settings.user, self._settings.secret, prefix, self._monotonic_us())
        return self._session

    def _heard(self, chunk: bytes | None) -> tuple[LinkState, str] | None:
        """Bytes came, or none and something is due; what to say of the session when it is over."""
        if chunk is None:
            return self._intake.take(Door.DUE, partial(self._step, chunk))
        return self._intake.take(Door.RECEIVED, partial(self._step, chunk), (chunk,))

    def _lose(self, state: LinkState, reason: str) -> None:
        self._intake.take(Door.OVER, partial(self._lost, state, reason), (state, reason))

    def _step(self, chunk: bytes | None) -> tuple[LinkState, str] | None:
        session = self._session
        assert session is not None, "only what a session reads comes here"
        monotonic_us = self._monotonic_us()
        outputs = session.tick(monotonic_us) if chunk is None else session.receive(chunk, monotonic_us)
        now_us = self._now_us()
        for output in outputs:
            if isinstance(output, Ended):
                refused = output.end in (End.LOGIN_REFUSED, End.WRONG_PROTOCOL)
                return (LinkState.REFUSED if refused else LinkState.DOWN), output.reason
            self._take(session, output, now_us)
        if chunk is None or len(chunk) < CHUNK_BYTES:
            self._pass_on(self._normaliser.tick(now_us))
            self._orders.expire(monotonic_us)
        self._send(session)
        return None

    def _send(self, session: AmiSession) -> None:
        outgoing = session.bytes_to_send()
        if outgoing and self._connection is not None:
            self._intake.sent(outgoing)
            self._connection.write(outgoing)

    def _wait_seconds(self, session: AmiSession) -> float:
        """Until something is due: the session counts monotonic time, the normaliser what stands in its reports."""
        dues = [session.due_us] if self._orders.due_us is None else [session.due_us, self._orders.due_us]
        wait_us = min(dues) - self._monotonic_us()
        if (due_us := self._normaliser.due_us) is not None:
            wait_us = min(wait_us, due_us - self._now_us())
        return max(0, wait_us) / MICROSECONDS

    def _take(self, session: AmiSession, output: Output, now_us: Microseconds) -> None:
        if isinstance(output, Event):
            self._pass_on(self._normaliser.receive(output, now_us))
            self._orders.seen(output)
        elif isinstance(output, Answer):
            self._orders.answered(output.action_id, output.response, session.ask)
        elif isinstance(output, SwitchSnapshot):
            self._adopt(output, now_us)
        elif isinstance(output, Poison):
            self._counts["blocks_poisoned"] += 1
            log.debug("ami_block_poisoned", reason=output.reason, sample=output.sample)
            self._pass_on([Alarm("ami_poisoned", output.reason), SnapshotWanted(output.reason)])
        elif isinstance(output, LoggingIn):
            self._say(LinkState.LOGGING_IN, f"logging in as {self._settings.user}, manager {output.version}")
        elif isinstance(output, LoggedIn):
            self._say(LinkState.INITIALISING, "logged in, waiting for the switch's calls")

    def _pass_on(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Alarm):
                self._alarm(effect)
            elif isinstance(effect, SnapshotWanted):
                self._want_snapshot(effect.reason)
            else:
                self.sink.report(effect)

    def _adopt(self, answer: SwitchSnapshot, now_us: Microseconds) -> None:
        asked_us = Microseconds(now_us - (self._monotonic_us() - answer.asked_us))
        calls = self._normaliser.adopt(
            answer.statuses, answer.bridges, asked_us, now_us, is_complete=answer.is_complete
        )
        if answer.is_complete:
            self.sink.whole_switch(calls, asked_us)
            self._proofs_wanted -= 1
            if self._proofs_wanted > 0:
                self._want_snapshot("one absence proves nothing")
                return
            self._say(LinkState.UP, f"up, manager of {self._settings.host}:{self._settings.port}")
        else:
            self._counts["snapshots_incomplete"] += 1
            for call in calls:
                self.sink.report(call)
            self._say(LinkState.DEGRADED, "the switch's list of channels holds forged blocks; asking again")

    def _want_snapshot(self, reason: str) -> None:
        if self._session is not None:
            log.debug("snapshot_wanted", reason=reason)
            self._session.want_snapshot(self._monotonic_us())
            self._wake()

    # -- requests -------------------------------------------------------------------------------------------------

    def _wake(self) -> None:
        """Send what the session has queued, and let the reading task wait no longer than it should now."""
        if self._session is not None and self._connection is not None:
            self._send(self._session)
            self._connection.due_in(self._wait_seconds(self._session))

    # -- state ----------------------------------------------------------------------------------------------------

    def _say(self, state: LinkState, reason: str) -> None:
        if (state, reason) != self._state:
            self._state = (state, reason)
            log.debug("link_state_told", state=state.name.lower(), reason=reason)
            self.sink.link_state(state, reason)

    def _lost(self, state: LinkState, reason: str) -> None:
        self._session = self._connection = None
        self._normaliser.disarm()
        self._proofs_wanted = 2 if self._normaliser.board.calls or self._state[0].is_up else self._proofs_wanted
        self._orders.lost(reason)
        self._say(state, reason)

    def _alarm(self, alarm: Alarm) -> None:
        """Pass on the first of a kind at once, then one in ALARM_PAUSE_US with the number of those kept back."""
        now_us = self._monotonic_us()
        last_us, kept = self._alarms.get(alarm.code, (None, 0))
        if last_us is not None and now_us < last_us + ALARM_PAUSE_US:
            self._alarms[alarm.code] = (last_us, kept + 1)
            return
        self._alarms[alarm.code] = (now_us, 0)
        self.sink.alarm(alarm.code, alarm.text + (f" ({kept} more before it)" if kept else ""))

    def _now_us(self) -> Microseconds:
        return Microseconds(self._clock.wall_us())

    def _monotonic_us(self) -> Microseconds:
        return Microseconds(self._clock.monotonic_us())


def _connection_lost(error: OSError) -> str:
    return f"the connection broke: {error.strerror or error}"
