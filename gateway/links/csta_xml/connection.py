"""One TCP connection to the switch and the session on it. Moves bytes and wakes the session; decides nothing.

Whatever fails in here is our own bug, and it must not leave a link that looks alive: the connection is cut, and the
next one asks the switch for everything.
"""

import asyncio
import contextlib
import socket
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import cast

import structlog

from gateway.doors import Door
from gateway.intake import Intake
from gateway.links.csta_xml.session import SwitchSession

log = structlog.get_logger("gateway.csta_xml")

GOODBYE_SECONDS = 1.0
"""For the last words to leave when the link is stopped."""
UNSENT_BYTES_MAX = 1024 * 1024
"""What waits for a switch that does not read: a full window of requests is a tenth of it."""


class Connection(asyncio.Protocol):
    """``ended`` gives the reason, and whether the switch refused us. ``alarm`` hears of bugs."""

    def __init__(
        self,
        session: SwitchSession,
        loop: asyncio.AbstractEventLoop,
        now: Callable[[], float],
        alarm: Callable[[str, str], None],
        intake: Intake,
    ) -> None:
        self.ended: asyncio.Future[tuple[str, bool]] = loop.create_future()
        self._session = session
        self._loop = loop
        self._now = now
        self._alarm = alarm
        self._intake = intake
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = 0.0
        self._turn_is_due = False
        self._is_closed = False
        self._is_disowned = False
        self._failure: str | None = None

    @property
    def counts(self) -> Counter[str]:
        """What was odd on this connection."""
        return self._session.counts + Counter(links_failed=int(self._failure is not None))

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transports are no subclass
        with contextlib.suppress(OSError):
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._take(Door.CONNECTED, partial(self._guarded, self._session.start))

    def data_received(self, data: bytes) -> None:
        self._take(Door.RECEIVED, partial(self._guarded, partial(self._session.receive, data)), (data,))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self.broken(str(exc) if exc else "")

    # what happens, whether an event loop says so or a capture

    def broken(self, error: str) -> None:
        """The connection is gone; without an error the switch closed it."""
        self._take(Door.BROKEN, partial(self._broken, error), (error,))

    def time_passed(self) -> None:
        """Something may be due."""
        self._timer = None
        self._take(Door.DUE, partial(self._guarded, self._session.tick))

    def later_turn(self) -> None:
        """What was asked of the session between two messages of the switch leaves."""
        self._turn_is_due = False
        self._take(Door.LATER, partial(self._guarded, _nothing))

    def unread(self, unsent_bytes: int) -> None:
        """The switch does not read: so much waits for it."""
        self._take(Door.UNREAD, partial(self._unread, unsent_bytes), (unsent_bytes,))

    def goodbye(self) -> None:
        """The last words."""
        self._take(Door.GOODBYE, partial(self._guarded, self._session.stop))

    def disown(self) -> None:
        """The link has done with it: whoever waits for an answer is told that none comes, and nothing more is taken
        in."""
        self._is_closed = True
        self._guarded(self._session.connection_lost)
        self._is_disowned = True

    # the link's side

    def take_unread(self) -> bytes:
        """The bytes of a frame that is not whole yet; they are to be given again."""
        return self._session.take_unread()

    def act(self, what: Callable[[SwitchSession], None]) -> bool:
        """Let somebody use the session; what it wants to send leaves in the next turn of the loop. False if it failed,
        which is our bug."""
        try:
            what(self._session)
        except Exception:
            self._failed()
            return False
        if not self._turn_is_due:
            self._turn_is_due = True
            self._loop.call_soon(self.later_turn)
        return True

    async def say_goodbye(self) -> None:
        """Stop the application session and close."""
        if self._transport is None:
            return
        if not self._transport.is_closing():
            self.goodbye()
            self._transport.close()
        await asyncio.wait({self.ended}, timeout=GOODBYE_SECONDS)
        self._transport.abort()

    # helpers

    def _guarded(self, step: Callable[[], None]) -> None:
        """A step of the session, then what follows from it."""
        try:
            step()
            self._turn()
        except Exception:
            self._failed()

    def _failed(self) -> None:
        """Our bug: say so with what brought it about, and begin anew."""
        frame = self._session.frame_in_hand
        self._session.abandon()
        self._failure = "a fault of ours while taking in a message of the switch; the log has it"
        self._is_closed = True
        if self._transport is not None:
            self._transport.abort()
        body = "" if frame is None else frame.body.hex()
        log.exception("message_failed", invoke_id=None if frame is None else frame.invoke_id, frame=body)
        self._alarm("link_failed", self._failure)

    def _take(self, door: Door, act: Callable[[], None], brought: tuple[object, ...] = ()) -> None:
        if not self._is_disowned:
            self._intake.take(door, act, brought)

    def _broken(self, error: str) -> None:
        self._is_closed = True
        self._guarded(self._session.connection_lost)
        if not self.ended.done():
            lost = f"connection lost: {error}" if error else "the switch closed the connection"
            self.ended.set_result((self._failure or self._session.ended or lost, self._session.is_refused))

    def _unread(self, unsent_bytes: int) -> None:
        if not self._is_closed and self._transport is not None:
            self._failure = f"the switch does not read: {unsent_bytes} bytes wait for it"
            self._is_closed = True
            self._transport.abort()

    def _turn(self) -> None:
        """Send what is to be sent, close if the session is over, set the timer."""
        if self._is_closed or self._transport is None:
            return
        if sent := self._session.bytes_to_send():
            self._intake.sent(sent)
            self._transport.write(sent)
        if (unsent := self._transport.get_write_buffer_size()) > UNSENT_BYTES_MAX:
            self._loop.call_soon(self.unread, unsent)
        if self._session.ended is not None:
            self._is_closed = True
            self._transport.abort()
            return
        due = self._session.deadline()
        if self._timer is not None:
            if self._timer_due <= due:
                return  # it wakes early enough and looks again
            self._timer.cancel()
        self._timer_due = due
        self._timer = self._loop.call_later(max(0.0, due - self._now()), self.time_passed)


def _nothing() -> None:
    """No step of the session: only what follows from those before."""
