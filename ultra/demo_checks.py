"""Whether three accounts of the same calls agree: the mirror's, the gateway's own, and the simulated switch's.

The switch is halted for the moment of the comparison, so that all three speak of the same instant. What is compared is
pure; ``SwitchAdmin`` is the line to the simulator's admin port.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from model.ids import EventId
from model.view import Call, Snapshot
from protocol.client import Address, SnapshotTaken, UlpClient
from protocol.kinds import Role
from ultra.gateway_session import hello

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ANSWER_BYTES_MAX: Final = 64 * 1024 * 1024
"""The table of a switch in one line: thousands of calls fit."""

DIFFERENCES_SHOWN_MAX: Final = 20
"""Of one comparison: the first ones say what is wrong."""

Table = Mapping[str, Mapping[str, str]]
"""The switch's live calls: call id → device part of each connection → its state."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs, in words; empty when nothing does."""

    with_gateway: tuple[str, ...]
    with_switch: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        return not self.with_gateway and not self.with_switch


class SwitchAdmin:
    """The simulator's admin port: a line out, a JSON object back."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    @asynccontextmanager
    async def connect(cls, port: int) -> AsyncIterator[SwitchAdmin]:
        """To the port on loopback. OSError when nobody listens."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=ANSWER_BYTES_MAX)
        try:
            yield cls(reader, writer)
        finally:
            writer.close()

    async def ask(self, line: str) -> dict[str, Any]:
        """The answer; ConnectionError when the simulator has gone. One question at a time."""
        self._writer.write(line.encode() + b"\n")
        await self._writer.drain()
        answer = await self._reader.readline()
        if not answer.endswith(b"\n"):
            raise ConnectionResetError("the simulator has closed its admin port")
        return cast(dict[str, Any], json.loads(answer))

    @asynccontextmanager
    async def halted(self) -> AsyncIterator[Table]:
        """The switch stands still inside, with everything it had to say already sent; gives its table of calls."""
        await self.ask("freeze")
        try:
            yield (await self.ask("table"))["calls"]
        finally:
            await self.ask("thaw")


def table_of(calls: Iterable[Call]) -> Table:
    """Calls as the switch names them, to be held against its own table.

    A connection whose id no event has told yet (a queued caller's) goes by its trunk or device, as in the table.
    """
    return {
        call.switch_call_id: {one.key or one.trunk or one.device: one.state.name.lower() for one in call.connections}
        for call in calls
    }


def table_differences(calls: Iterable[Call], switch: Table) -> tuple[str, ...]:
    """What the switch's table of calls says otherwise: calls by the switch's id, connections by their device part."""
    held = tuple(calls)
    ours = table_of(held)
    found = [f"call {one} of the switch is not in the mirror" for one in sorted(switch.keys() - ours.keys())]
    found += [f"call {one} of the mirror is not in the switch" for one in sorted(ours.keys() - switch.keys())]
    for call_id in sorted(ours.keys() & switch.keys()):
        if ours[call_id] != switch[call_id]:
            found.append(f"call {call_id}: mirror {_states(ours[call_id])}, switch {_states(switch[call_id])}")
    if len(ours) != len(held):
        found.append(f"{len(held)} calls of the mirror have only {len(ours)} ids of the switch")
    return tuple(found[:DIFFERENCES_SHOWN_MAX])


def snapshot_differences(mirror: Snapshot, gateway: Snapshot) -> tuple[str, ...]:
    """What the gateway's own snapshot at the same number says otherwise."""
    found = []
    if mirror.link != gateway.link:
        found.append(f"link: mirror {mirror.link}, gateway {gateway.link}")
    if mirror.licence != gateway.licence:
        found.append(f"licence: mirror {mirror.licence}, gateway {gateway.licence}")
    found += _unlike(
        "call", {str(one.call_id): one for one in mirror.calls}, {str(o.call_id): o for o in gateway.calls}
    )
    found += _unlike("device", {one.number: one for one in mirror.devices}, {o.number: o for o in gateway.devices})
    return tuple(found[:DIFFERENCES_SHOWN_MAX])


async def gateway_snapshot(server: Address) -> tuple[EventId, Snapshot]:
    """The gateway's whole state now, asked for in a session of its own. Raises ``UlpError``."""
    client = await UlpClient.connect(server, hello("demo check", Role.CONSUMER))
    try:
        client.subscribe()
        async for item in client.items():
            if isinstance(item, SnapshotTaken):
                return EventId(item.epoch, item.snapshot.number), item.snapshot
    finally:
        await client.close()
    raise AssertionError("items() ends with an exception only")


def _unlike(what: str, ours: Mapping[str, object], theirs: Mapping[str, object]) -> list[str]:
    return [
        f"{what} {name}: mirror {ours.get(name)}, gateway {theirs.get(name)}"
        for name in sorted(ours.keys() | theirs.keys())
        if ours.get(name) != theirs.get(name)
    ]


def _states(connections: Mapping[str, str]) -> str:
    return ", ".join(f"{key or '(no key)'} {state}" for key, state in sorted(connections.items())) or "nobody"
