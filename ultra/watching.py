"""What one subscriber has seen of a gateway: its mirror, what came and how fast, and whether it is still connected.

Fed with the items of ``protocol.client.follow``; screens and checks read it. Pure: the time is an argument.
"""

from collections import deque
from typing import Final

from model.events import CallEvent, Event, MismatchEvent
from model.mirror import Mirror
from model.view import Call
from protocol.client import EventSeen, Gap, Item, Lost, SnapshotTaken
from protocol.errors import UlpError
from protocol.messages import Welcome

RATE_SECONDS: Final = 5.0
"""A rate is what came within the last so many seconds: quiet enough to be read, quick enough to show a change."""


class Rate:
    """Happenings a second, over the last ``RATE_SECONDS``. Times never decrease."""

    def __init__(self) -> None:
        self._slices: deque[tuple[float, int]] = deque()
        self._count = 0
        self._began: float | None = None

    def note(self, now: float, count: int = 1) -> None:
        """So many happened now."""
        if self._began is None:
            self._began = now
        self._slices.append((now, count))
        self._count += count
        self._forget(now)

    def per_second(self, now: float) -> float:
        """The rate; at the beginning over the time there was, at least a second."""
        self._forget(now)
        if self._began is None:
            return 0.0
        return self._count / min(max(now - self._began, 1.0), RATE_SECONDS)

    def _forget(self, now: float) -> None:
        while self._slices and self._slices[0][0] <= now - RATE_SECONDS:
            self._count -= self._slices.popleft()[1]


class Watch:
    """One subscription to everything, seen from its consumer."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.mirror: Mirror | None = None
        self.epoch: int | None = None
        self.trouble: UlpError | None = None
        """Why there is no connection; None while there is one."""
        self.retry_at = 0.0
        self.events = self.mismatches = self.gaps = 0
        self.calls_begun = self.calls_ended = 0
        self.ends_without_call = 0
        """Calls that ended a second time, or without having begun."""
        self.event_rate = Rate()
        self.call_rate = Rate()

    @property
    def calls_live(self) -> int:
        return 0 if self.mirror is None else len(self.mirror.calls)

    def take(self, item: Item | Lost | Welcome, now: float) -> None:
        """The next item of the subscription, at a monotonic time in seconds."""
        match item:
            case EventSeen(_, event):
                self._event(event, now)
            case SnapshotTaken(epoch, snapshot):
                before = set() if self.mirror is None else set(self.mirror.calls)
                self.epoch, self.mirror = epoch, Mirror(snapshot)
                self.calls_begun += len(self.mirror.calls.keys() - before)
                self.calls_ended += len(before - self.mirror.calls.keys())
            case Gap():
                self.gaps += 1
            case Welcome():
                self.trouble = None
            case Lost(error, retry_seconds):
                self.trouble, self.retry_at = error, now + retry_seconds

    def _event(self, event: Event, now: float) -> None:
        assert self.mirror is not None, "a subscription begins with its snapshot"
        self.events += 1
        self.event_rate.note(now)
        if isinstance(event, MismatchEvent):
            self.mismatches += 1
        if isinstance(event, CallEvent):
            for call in event.calls:
                self._call(call, event.number, now)
        self.mirror.apply(event)

    def _call(self, call: Call, number: int, now: float) -> None:
        is_known = self.mirror is not None and call.call_id in self.mirror.calls
        # A call that we never saw may end in the event that began it, and in no other.
        if not is_known and call.ended and call.call_id.number != number:
            self.ends_without_call += 1
            return
        if not is_known:
            self.calls_begun += 1
            self.call_rate.note(now)
        if call.ended:
            self.calls_ended += 1
