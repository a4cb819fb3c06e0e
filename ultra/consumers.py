"""``ultra consumers``: who subscribes to a gateway, how far behind each one is, and how fast events go out to it.

The rate is taken from two looks; between them nothing is asked of the gateway.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import click

from protocol.client import Address
from protocol.json_form import json_line, value_json
from protocol.kinds import Kind, Role
from protocol.requests import ConsumerRow, Reply, Request, SessionRow
from ultra.access import Access
from ultra.board.words import padded, since
from ultra.event_lines import printable
from ultra.gateway_session import connect, refusal_line, run_told, server_option

SECONDS: Final = 1.0
"""Between the two looks: a rate of single events is seen, and nobody waits long."""

SECONDS_MAX: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class Shown:
    """A session as it is listed: its last row, and events a second between the two looks (None: it was not there at
    the first)."""

    row: SessionRow
    per_second: float | None


@click.command()
@server_option
@click.option(
    "--seconds",
    type=click.FloatRange(min=0.1, max=SECONDS_MAX),
    default=SECONDS,
    show_default=True,
    help="Time over which the rate is taken.",
)
@click.option("--json", "json_wanted", is_flag=True, help="Everything as one JSON object.")
def consumers(server: Address, access: Access, seconds: float, json_wanted: bool) -> None:
    """List the sessions of a gateway: who, role, lag, rate; those furthest behind first. Then the durable consumers."""
    before, after = run_told(_two_looks(server, access, seconds))
    for reply in (before, after):
        if not reply.accepted:
            raise click.ClickException(refusal_line(reply))
    shown = rated(before.sessions, after.sessions, seconds)
    if json_wanted:
        click.echo(json_line(as_json(shown, after)))
        return
    now_us = time.time_ns() // 1000
    for line in (*session_lines(shown, after.sessions_total, now_us), *consumer_lines(after.consumers)):
        click.echo(line)


async def _two_looks(server: Address, access: Access, seconds: float) -> tuple[Reply, Reply]:
    client = await connect(server, "consumers", Role.ADMIN, access)
    try:
        before = await client.request(Request(Kind.QUERY_SESSIONS))
        if before.accepted:
            await asyncio.sleep(seconds)
        return before, await client.request(Request(Kind.QUERY_SESSIONS))
    finally:
        await client.close()


def rated(before: Sequence[SessionRow], after: Sequence[SessionRow], seconds: float) -> list[Shown]:
    """The sessions of the second look with their rate since the first; a subscription begun anew counts from 0."""
    then = {row.session: row.events for row in before}
    shown = []
    for row in after:
        events = then.get(row.session)
        gone = None if events is None else row.events - events if row.events >= events else row.events
        shown.append(Shown(row, None if gone is None else gone / seconds))
    return shown


_COLUMNS: Final = (7, 34, 10, 22, 8, 10, 12, 9)
_TITLES: Final = ("session", "who", "role", "from", "for", "behind", "waiting", "events/s", "sees")


def session_lines(shown: Sequence[Shown], total: int, now_us: int) -> list[str]:
    """A title, and a line for each session."""
    lines = [_line(_TITLES)]
    for one in shown:
        row = one.row
        who = f"{row.name} ({row.user})" if row.user else row.name
        devices = "device" if row.filter_devices == 1 else "devices"
        sees = f"{row.filter_devices} {devices}" if row.filter_devices else "everything" if row.events else "–"
        rate = "–" if one.per_second is None else f"{one.per_second:,.1f}"
        sees += f", durable {row.consumer}" if row.consumer else ""
        at = (row.role.name.lower(), row.peer, since(row.connected_us, now_us))
        lag = (f"{row.behind_events:,}", f"{row.waiting_bytes:,} B")
        lines.append(_line((str(row.session), who, *at, *lag, rate, sees)))
    if total > len(shown):
        lines.append(f"… {total - len(shown)} more, less behind than these")
    return lines


def consumer_lines(rows: Sequence[ConsumerRow]) -> list[str]:
    """The durable consumers with their place; nothing where the settings name none."""
    if not rows:
        return []
    lines = ["", f"{padded('durable consumer', 24)} {'confirmed':>12} {'behind':>12}"]
    for row in rows:
        where = f"session {row.session}" if row.session else "away: what it has not confirmed is kept for it"
        lines.append(f"{padded(printable(row.name), 24)} {row.confirmed:>12,} {row.behind_events:>12,}  {where}")
    return lines


def as_json(shown: Sequence[Shown], reply: Reply) -> dict[str, Any]:
    """The same as one object."""
    sessions = [
        {
            "session": one.row.session,
            "name": one.row.name,
            "user": one.row.user,
            "role": one.row.role.name.lower(),
            "peer": one.row.peer,
            "connected_us": one.row.connected_us,
            "behind_events": one.row.behind_events,
            "waiting_bytes": one.row.waiting_bytes,
            "events": one.row.events,
            "events_per_second": one.per_second,
            "filter_devices": one.row.filter_devices,
            "consumer": one.row.consumer,
        }
        for one in shown
    ]
    return {
        "sessions": sessions,
        "sessions_total": reply.sessions_total,
        "consumers": [value_json(row) for row in reply.consumers],
    }


def _line(cells: Sequence[str]) -> str:
    *fixed, last = cells
    return " ".join([*(padded(printable(cell), width) for cell, width in zip(fixed, _COLUMNS, strict=True)), last])
