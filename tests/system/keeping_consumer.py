"""A consumer that may be killed at any instant: what it has taken stands in its record, and it goes on after that.

    python -m tests.system.keeping_consumer HOST:PORT RECORD

RECORD gets a line of JSON for each event (as ``ultra tail --json``), for each gap, and for each snapshot
(``{"kind": "snapshot", "epoch": …, "number": …}``). Its last whole line is its place: nothing else is kept, so nothing
can be of two minds.
"""

import asyncio
import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

from model.ids import EventId
from protocol.client import Address, EventSeen, Gap, SnapshotTaken, follow
from protocol.json_form import event_json, gap_json, json_line
from protocol.kinds import Role
from protocol.messages import Hello

TAIL_BYTES = 1024 * 1024
"""The last line is within this much of the end: an event is a few hundred bytes, at most a frame."""
RETRY_SECONDS = (0.05, 0.1, 0.2)


def place_in(record: Path) -> EventId | None:
    """The place after the last whole line; what a kill left of another line is cut off."""
    if not record.exists():
        return None
    with record.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - TAIL_BYTES))
        whole, newline, torn = file.read().rpartition(b"\n")
        if torn:
            file.truncate(size - len(torn))
        if not newline:
            return None
    last: dict[str, Any] = json.loads(whole.rpartition(b"\n")[2])
    assert last["kind"] != "gap", "after a gap comes its snapshot, in one write"
    return EventId(last["epoch"], last["number"])


async def keep(server: Address, record: Path) -> None:
    """Follow for ever."""
    descriptor = os.open(record, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    hello = Hello(f"keeping {os.getpid()}", Role.CONSUMER)
    gaps = ""
    items = follow([server], hello, jitter=random.random, after=place_in(record), schedule=RETRY_SECONDS)
    async for item in items:
        if isinstance(item, EventSeen):
            os.write(descriptor, json_line(event_json(item.epoch, item.event)).encode() + b"\n")
        elif isinstance(item, Gap):
            gaps += json_line(gap_json(item, time.time_ns() // 1000)) + "\n"
        elif isinstance(item, SnapshotTaken):
            calls = {call.switch_call_id: str(call.call_id) for call in item.snapshot.calls}
            taken = {"kind": "snapshot", "epoch": item.epoch, "number": item.snapshot.number, "calls": calls}
            os.write(descriptor, (gaps + json.dumps(taken) + "\n").encode())
            gaps = ""


if __name__ == "__main__":
    asyncio.run(keep(Address.parse(sys.argv[1], 7400), Path(sys.argv[2])))
