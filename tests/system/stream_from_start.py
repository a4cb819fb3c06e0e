"""Everything that a gateway can still tell of its stream, asked for from the first number on; and which holes it tells.

A consumer that comes to a hole gets a gap and a snapshot; this one then resumes right behind the hole.
"""

from dataclasses import dataclass, field

from model.ids import EventId
from protocol.archive import Hole
from protocol.client import Address, EventSeen, Gap, SubscriptionBegan, UlpClient
from protocol.errors import Code
from protocol.json_form import event_json, json_line
from protocol.kinds import Role
from protocol.messages import Hello


@dataclass(frozen=True)
class Told:
    """Events by number, in the form of a consumer's record; the holes between them; the last number there was."""

    last: int
    lines: dict[int, bytes] = field(default_factory=dict)
    holes: list[Hole] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether every number is an event or in a hole, and none is both."""
        missing = [number for hole in self.holes for number in range(hole.first, hole.last + 1)]
        return sorted([*self.lines, *missing]) == list(range(1, self.last + 1))


async def stream_from_start(server: Address, epoch: int) -> Told:
    """Up to the number that is the last one now."""
    told: Told | None = None
    after = 0
    while told is None or after < told.last:
        client = await UlpClient.connect(server, Hello("from the start", Role.CONSUMER))
        try:
            client.subscribe(EventId(epoch, after))
            async for item in client.items():
                if isinstance(item, SubscriptionBegan) and told is None:
                    told = Told(item.answer.last)
                elif isinstance(item, EventSeen) and told is not None:
                    after = item.event.number
                    if after <= told.last:
                        told.lines[after] = json_line(event_json(item.epoch, item.event)).encode()
                elif isinstance(item, Gap) and told is not None:
                    assert item.code == Code.JOURNAL_HOLE, item
                    told.holes.append(Hole(item.first, item.last))
                    after = item.last
                    break
                if told is not None and after >= told.last:
                    break
        finally:
            await client.close()
    return told
