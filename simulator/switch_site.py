"""The simulated switch with everything around it, still without I/O: clients, wires, traffic, scenario, freezing.

Bytes of clients and the passing of time go in; writes for clients come out. `server` puts it on the network, tests use
it as it is.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from gateway.links.csta_xml.messages import SystemStatusValue
from simulator.faults import Faults, FaultyWire, shuffled
from simulator.habits import Habits
from simulator.session import SwitchSession
from simulator.switch import Plan, Switch
from simulator.traffic import Mix, Traffic


@dataclass(slots=True)
class _Client:
    session: SwitchSession
    wire: FaultyWire
    writes: list[bytes] = field(default_factory=list)


class Site:
    """One switch and its clients. Times are microseconds, from any beginning, never decreasing."""

    def __init__(self, plan: Plan, habits: Habits, mix: Mix, faults: Faults, seed: int) -> None:
        self.switch = Switch(plan)
        self.traffic = Traffic(self.switch, mix, seed)
        self.faults = faults
        self.status = SystemStatusValue.NORMAL
        self.is_frozen = False
        self._habits = habits
        self._seed = seed
        self._random = random.Random(seed)
        self._clients: dict[int, _Client] = {}
        self._connected = 0
        self._now_us = 0
        self._lag_us = 0

    @property
    def clients(self) -> list[int]:
        return list(self._clients)

    @property
    def deadline_us(self) -> int | None:
        """When `pass_time` has something to do next."""
        dues = [client.session.deadline_us for client in self._clients.values()]
        dues += [client.wire.deadline_us for client in self._clients.values()]
        if not self.is_frozen:
            for due_us in (self.switch.deadline_us, self.traffic.deadline_us):
                dues.append(None if due_us is None else due_us + self._lag_us)
        return min((due_us for due_us in dues if due_us is not None), default=None)

    def connect(self, now_us: int) -> int | None:
        """A new client; None when there are too many."""
        if len(self._clients) >= self._habits.sessions_max:
            return None
        self._connected += 1
        number = self._connected
        session = SwitchSession(number, self.switch, self._habits, self._dispatch)
        self._clients[number] = _Client(session, FaultyWire(self.faults, self._seed + number))
        session.connected(now_us, self.status)
        self._move_output(now_us)
        return number

    def disconnect(self, client: int) -> None:
        gone = self._clients.pop(client, None)
        if gone is not None:
            gone.session.closed()

    def receive(self, client: int, received: bytes, now_us: int) -> None:
        """Bytes of a client; a client whose session is over must be cut, see `is_open`."""
        if not self.is_frozen:
            self.switch.pass_time(now_us - self._lag_us)
            self._dispatch()
        self._clients[client].session.receive(received, now_us, self.status)
        self._move_output(now_us)

    def is_open(self, client: int) -> bool:
        return client in self._clients and self._clients[client].session.is_open

    def session(self, client: int) -> SwitchSession:
        return self._clients[client].session

    def pass_time(self, now_us: int) -> None:
        """Everything that is due by `now_us` happens."""
        if self.is_frozen:
            self._lag_us += now_us - self._now_us
        self._now_us = now_us
        if not self.is_frozen:
            self.switch.pass_time(now_us - self._lag_us)
            self.traffic.pass_time(now_us - self._lag_us)
        for client in list(self._clients.values()):
            client.session.pass_time(now_us, self.status)
        self.settle(now_us)

    def settle(self, now_us: int) -> None:
        """Spread the events of what was done to the switch directly (admin, scenario, tests)."""
        self._dispatch()
        self._move_output(now_us)

    def take_writes(self, client: int) -> list[bytes]:
        """What is to be written to the client now, each piece by itself."""
        held = self._clients[client]
        taken, held.writes = held.writes, []
        return taken

    def freeze(self, now_us: int) -> None:
        """No timer and no traffic acts any more, and what waits on the wires leaves at once."""
        self.pass_time(now_us)
        self.is_frozen = True
        for client in self._clients.values():
            client.writes.extend(client.wire.flush())

    def thaw(self, now_us: int) -> None:
        """Go on where it stopped: the time between did not pass for the switch."""
        self.pass_time(now_us)
        self.is_frozen = False

    def set_status(self, status: SystemStatusValue, now_us: int) -> None:
        """The switch's status changes and every client is told."""
        self.status = status
        for client in self._clients.values():
            client.session.tell_status(status)
        self._move_output(now_us)

    def _dispatch(self) -> None:
        reports = self.switch.take_reports()
        if self.faults.shuffle_monitors and len(reports) > 1:
            reports = shuffled(reports, self._random)
        for report in reports:
            client = self._clients.get(report.client)
            if client is not None:
                client.session.report(report.event)

    def _move_output(self, now_us: int) -> None:
        for client in self._clients.values():
            for outgoing in client.session.take_output():
                client.wire.send(outgoing, now_us)
            client.writes.extend(client.wire.due(now_us))
