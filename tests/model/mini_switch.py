"""A few hundred lines of switch for the model's property tests: every monitor gets its own queue of reports.

It knows nothing of the call model. Monitors of devices in a call report each happening, in order for each monitor,
until their own device has left (ECMA-269 6.7.1); the test takes reports from the queues in any order it likes.
"""

from collections import deque
from dataclasses import dataclass, field, replace

from model.causes import Cause
from model.ids import ConnectionKey, DeviceNumber, Microseconds, SwitchCallId, SwitchConnection
from model.reports import (
    CallReport,
    CallSnapshot,
    DeviceSnapshot,
    Happening,
    PartySnapshot,
    Rekeying,
    Report,
    TransferReport,
)
from model.states import ConnectionState as S


@dataclass
class Party:
    device: str
    state: S


@dataclass
class MiniCall:
    switch_id: str
    calling: str
    called: str
    parties: dict[str, Party] = field(default_factory=dict)
    nid: str | None = None


class MiniSwitch:
    """Extensions, trunks and the calls between them; each public method is one thing people do at their phones."""

    def __init__(
        self,
        extensions: list[str],
        trunks: list[str],
        monitored: set[str],
        *,
        keeps_id: bool = False,
        reuses_ids: bool = False,
    ) -> None:
        self.extensions, self.trunks, self.monitored, self.keeps_id = extensions, trunks, monitored, keeps_id
        self.calls: dict[str, MiniCall] = {}
        self.queues: dict[str, deque[Report]] = {device: deque() for device in monitored}
        self._reuses_ids = reuses_ids
        self._next = 0

    # -- what people do ------------------------------------------------------------------------------------------

    def dial(self, a: str, b: str) -> str:
        call = self._new(a, b)
        call.parties[a] = Party(a, S.INITIATED)
        self._tell(call, Happening.SERVICE_INITIATED, a, a)
        call.parties[a].state = S.CONNECTED
        self._tell(call, Happening.ORIGINATED, a, a)
        self._offer(call, b)
        return call.switch_id

    def ring_in(self, trunk: str, number: str, b: str) -> str:
        call = self._new(number, b)
        call.nid = trunk
        call.parties[trunk] = Party(number, S.CONNECTED)
        self._offer(call, b)
        return call.switch_id

    def dial_out(self, a: str, trunk: str, number: str) -> str:
        call = self._new(a, number)
        call.parties[a] = Party(a, S.INITIATED)
        self._tell(call, Happening.SERVICE_INITIATED, a, a)
        call.parties[a].state = S.CONNECTED
        self._tell(call, Happening.ORIGINATED, a, a)
        call.parties[trunk] = Party(number, S.CONNECTED)
        self._tell(call, Happening.NETWORK_REACHED, trunk, trunk)
        return call.switch_id

    def answer(self, call_id: str, b: str) -> None:
        call = self.calls[call_id]
        call.parties[b].state = S.CONNECTED
        self._tell(call, Happening.ESTABLISHED, b, b)

    def hold(self, call_id: str, a: str) -> None:
        self.calls[call_id].parties[a].state = S.HOLD
        self._tell(self.calls[call_id], Happening.HELD, a, a)

    def retrieve(self, call_id: str, a: str) -> None:
        self.calls[call_id].parties[a].state = S.CONNECTED
        self._tell(self.calls[call_id], Happening.RETRIEVED, a, a)

    def divert(self, call_id: str, b: str, c: str) -> None:
        call = self.calls[call_id]
        self._tell(call, Happening.DIVERTED, b, b, other=c)
        del call.parties[b]
        self._offer(call, c)

    def hang_up(self, call_id: str, key: str) -> None:
        call = self.calls[call_id]
        self._tell(call, Happening.CONNECTION_CLEARED, key, call.parties[key].device)
        del call.parties[key]
        if len(call.parties) == 1:
            (rest,) = call.parties
            self._tell(call, Happening.CONNECTION_CLEARED, rest, call.parties[rest].device)
            del call.parties[rest]
        if not call.parties:
            del self.calls[call_id]

    def transfer(self, held_id: str, active_id: str, a: str) -> None:
        held, active = self.calls[held_id], self.calls[active_id]
        new_id = held_id if self.keeps_id else self._fresh_id()
        target = next(p.device for k, p in active.parties.items() if k != a)
        rows = [(held_id, k) for k in held.parties if k != a] + [(active_id, k) for k in active.parties if k != a]
        self._merge(held, active, new_id, rows, a, target, conference=False)

    def blind_transfer(self, call_id: str, a: str, c: str) -> None:
        """Single-step: A leaves at once, C rings; the list names only who was there."""
        call = self.calls[call_id]
        new_id = call_id if self.keeps_id else self._fresh_id()
        items = tuple(self._row(new_id, call_id, k, p.device) for k, p in call.parties.items() if k != a)
        for monitor in self._monitors_in(call):
            self.queues[monitor].append(self._transferred(monitor, False, call_id, None, a, c, items))
        parties = {k: p for k, p in call.parties.items() if k != a}
        del self.calls[call_id]
        self.calls[new_id] = MiniCall(new_id, call.calling, call.called, parties, call.nid)
        self._offer(self.calls[new_id], c)

    def conference(self, held_id: str, active_id: str, a: str) -> None:
        held, active = self.calls[held_id], self.calls[active_id]
        new_id = held_id if self.keeps_id else self._fresh_id()
        added = next(p.device for k, p in active.parties.items() if k != a)
        rows = [(held_id, k) for k in held.parties] + [(active_id, k) for k in active.parties if k != a]
        held.parties[a].state = S.CONNECTED
        self._merge(held, active, new_id, rows, a, added, conference=True)

    # -- what the switch knows -----------------------------------------------------------------------------------

    def legs_of(self, device: str, *states: S) -> list[str]:
        return [c.switch_id for c in self.calls.values() if device in c.parties and c.parties[device].state in states]

    def is_free(self, device: str) -> bool:
        return not any(device in call.parties for call in self.calls.values())

    def table(self) -> dict[str, dict[str, S]]:
        return {c.switch_id: {k: p.state for k, p in c.parties.items()} for c in self.calls.values()}

    def snapshot_call(self, call_id: str, asked_us: int, now: int) -> CallSnapshot:
        call = self.calls.get(call_id)
        parties = (
            ()
            if call is None
            else tuple(
                PartySnapshot(DeviceNumber(p.device), ConnectionKey(k), p.state) for k, p in call.parties.items()
            )
        )
        return CallSnapshot(SwitchCallId(call_id), Microseconds(asked_us), Microseconds(now), parties)

    def snapshot_device(self, device: str, asked_us: int, now: int) -> DeviceSnapshot:
        found = tuple(
            (connection(c.switch_id, device), c.parties[device].state)
            for c in self.calls.values()
            if device in c.parties
        )
        return DeviceSnapshot(DeviceNumber(device), Microseconds(asked_us), Microseconds(now), found)

    # -- how it tells --------------------------------------------------------------------------------------------

    def _fresh_id(self) -> str:
        """The next id; of a switch that reuses them the next of eight that no call has now."""
        self._next += 1
        while self._reuses_ids and str(self._next % 8) in self.calls:
            self._next += 1
        return str(self._next % 8 if self._reuses_ids else self._next)

    def _new(self, calling: str, called: str) -> MiniCall:
        call = MiniCall(self._fresh_id(), calling, called)
        self.calls[call.switch_id] = call
        return call

    def _offer(self, call: MiniCall, b: str) -> None:
        if self.is_free(b):
            call.parties[b] = Party(b, S.ALERTING)
            self._tell(call, Happening.DELIVERED, b, b)
        else:
            call.parties[b] = Party(b, S.FAIL)
            self._tell(call, Happening.FAILED, b, b, skip=b)

    def _tell(
        self, call: MiniCall, happening: Happening, key: str, subject: str, *, other: str | None = None, skip: str = ""
    ) -> None:
        for monitor, own in call.parties.items():
            if monitor in self.monitored and monitor != skip and own.state is not S.FAIL:
                self.queues[monitor].append(
                    CallReport(
                        happening,
                        DeviceNumber(monitor),
                        connection(call.switch_id, key),
                        Microseconds(0),
                        subject=DeviceNumber(subject),
                        calling=DeviceNumber(call.calling),
                        called=DeviceNumber(call.called),
                        other=None if other is None else DeviceNumber(other),
                        calling_connection=None if call.nid is None else connection(call.switch_id, call.nid),
                        calling_trunk=None if call.nid is None else DeviceNumber(call.nid),
                        cause=Cause.NORMAL,
                        local_state=own.state,
                    )
                )

    def _merge(
        self,
        held: MiniCall,
        active: MiniCall,
        new_id: str,
        rows: list[tuple[str, str]],
        a: str,
        target: str,
        *,
        conference: bool,
    ) -> None:
        old = {held.switch_id: held, active.switch_id: active}
        items = tuple(self._row(new_id, call_id, key, old[call_id].parties[key].device) for call_id, key in rows)
        for monitor in dict.fromkeys([*self._monitors_in(held), *self._monitors_in(active)]):
            self.queues[monitor].append(
                self._transferred(monitor, conference, held.switch_id, active.switch_id, a, target, items)
            )
        parties = {key: replace(old[call_id].parties[key]) for call_id, key in rows}
        del self.calls[held.switch_id], self.calls[active.switch_id]
        self.calls[new_id] = MiniCall(new_id, held.calling, held.called, parties, held.nid)

    def _row(self, new_id: str, old_id: str, key: str, device: str) -> Rekeying:
        trunk = DeviceNumber(key) if key in self.trunks else None
        return Rekeying(connection(new_id, key), connection(old_id, key), DeviceNumber(device), trunk)

    def _monitors_in(self, call: MiniCall) -> list[str]:
        return [m for m, p in call.parties.items() if m in self.monitored and p.state is not S.FAIL]

    @staticmethod
    def _transferred(
        monitor: str, conference: bool, first: str, second: str | None, a: str, target: str, items: tuple[Rekeying, ...]
    ) -> TransferReport:
        return TransferReport(
            conference,
            DeviceNumber(monitor),
            connection(first, a),
            None if second is None else connection(second, a),
            DeviceNumber(a),
            DeviceNumber(target),
            items,
            Microseconds(0),
        )


def connection(call_id: str, key: str) -> SwitchConnection:
    return SwitchConnection(SwitchCallId(call_id), ConnectionKey(key))
