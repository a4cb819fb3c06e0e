"""What an event costs the ledger while few, many and very many calls are live: it must not grow with them.

Each event is what the gateway tells of a call with two parties: it rings, is answered, ends. As in the daemon, rows and
drafts are taken out after every batch. The sites are measured in turn, a slice of traffic each, so that all of them
meet the same machine.
"""

import gc
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from cdr.ledger.drafts import Memory
from cdr.ledger.ledger import Ledger
from model.causes import Cause
from model.events import CallEvent, CallEventKind
from model.ids import CallId, ConnectionKey, ConversationId, DeviceNumber, EventId, Microseconds, SwitchCallId
from model.states import ConnectionState
from model.view import Call, Connection

LIVE = (100, 10_000, 100_000)
EVENTS_A_BATCH = 200
CALLS_A_SLICE = 500
SLICES = 15
SPACING_US = 1_000


class Site:
    """A ledger with calls that go on, and traffic beside them."""

    def __init__(self, live: int) -> None:
        self.live = live
        self.events = 0
        self._ledger = Ledger()
        self._memory = Memory()
        for _ in range(live):
            self._begin()

    @property
    def calls_open(self) -> int:
        """Calls that go on, as the ledger knows them."""
        return len(self._ledger.stories.open)

    def slice(self) -> float:
        """CPU microseconds for an event, over so many calls that begin and end."""
        before = self.events
        began = time.process_time()
        for _ in range(CALLS_A_SLICE):
            self._begin()()
        return (time.process_time() - began) / (self.events - before) * 1e6

    def _begin(self) -> Callable[[], None]:
        """A call that is answered; what is returned ends it."""
        number = self.events + 1
        caller, called = f"{number}", f"{number + 1}"
        began = Microseconds(number * SPACING_US)

        def call(*connections: Connection, ended: bool = False) -> Call:
            first = EventId(1, number)
            return Call(
                CallId(first), ConversationId(first), SwitchCallId(str(number)), began, DeviceNumber(caller),
                DeviceNumber(called), DeviceNumber(""), connections, ended,
            )  # fmt: skip

        def end() -> None:
            self._take(CallEventKind.CONNECTION_CLEARED, caller, call(ended=True))

        up = _party(caller, ConnectionState.CONNECTED)
        self._take(CallEventKind.DELIVERED, called, call(up, _party(called, ConnectionState.ALERTING)))
        self._take(CallEventKind.ESTABLISHED, called, call(up, _party(called, ConnectionState.CONNECTED)))
        return end

    def _take(self, kind: CallEventKind, subject: str, call: Call) -> None:
        self.events += 1
        time_us = Microseconds(self.events * SPACING_US)
        self._ledger.take(1, CallEvent(kind, self.events, time_us, Cause.NORMAL, DeviceNumber(subject), (call,), ()))
        if self.events % EVENTS_A_BATCH == 0:
            self._ledger.take_records()
            self._memory.changes(self._ledger)


def _party(device: str, state: ConnectionState) -> Connection:
    return Connection(ConnectionKey(device), DeviceNumber(device), state, Microseconds(0), DeviceNumber(""), True)


def run(lives: Sequence[int] = LIVE, slices_each: int = SLICES) -> dict[str, Any]:
    """Microseconds for an event by live calls, and each as a multiple of the first."""
    sites = [Site(live) for live in lives]
    gc.collect()
    slices: dict[int, list[float]] = {site.live: [] for site in sites}
    for _ in range(slices_each):
        for site in sites:
            slices[site.live].append(site.slice())
    costs = {live: median(found) for live, found in slices.items()}
    least = costs[lives[0]]
    return {
        "microseconds_per_event": {str(live): round(cost, 1) for live, cost in costs.items()},
        "growth": {str(live): round(cost / least, 2) for live, cost in costs.items()},
    }
