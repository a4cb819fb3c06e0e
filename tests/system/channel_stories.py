"""What Asterisk's own channel event logging says of each story that a first channel began: who it spoke with, how long.

A channel speaks with another while both are in one bridge that is not for waiting in (parking, music). What of it was
held is not told apart here: Asterisk logs music on hold, which is not always the same.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.peers.asterisk import CelRow

WAITING_ROOM = "holding_bridge"
LEAVING = ("BRIDGE_EXIT", "BLINDTRANSFER")
"""Who parks somebody by a blind transfer leaves the bridge without a word of it in the log."""


@dataclass(slots=True)
class ChannelStory:
    """``with_whom``: seconds in a bridge with each other device; ``together``: with anybody. Times are Unix times."""

    channel_id: str
    device: str
    caller: str
    dialled: str
    began: float
    ended: float = 0.0
    with_whom: dict[str, float] = field(default_factory=dict)
    together: float = 0.0


def channel_stories(rows: Iterable[CelRow]) -> dict[str, ChannelStory]:
    """The stories by their first channel's id."""
    stories: dict[str, ChannelStory] = {}
    devices: dict[str, str] = {}
    stays: dict[str, list[tuple[str, float, float]]] = defaultdict(list)
    inside: dict[tuple[str, str], float] = {}
    for row in rows:
        devices[row.channel_id] = device_of(row.channel)
        if row.kind == "CHAN_START" and row.linked == row.channel_id:
            story = ChannelStory(row.channel_id, device_of(row.channel), row.caller, row.extension, row.at)
            stories[row.channel_id] = story
        elif row.kind in ("BRIDGE_ENTER", *LEAVING):
            extra = json.loads(row.extra)
            place = row.channel_id, extra["bridge_id"]
            if row.kind == "BRIDGE_ENTER" and extra["bridge_technology"] != WAITING_ROOM:
                inside[place] = row.at
            elif (entered := inside.pop(place, None)) is not None:
                stays[extra["bridge_id"]].append((row.channel_id, entered, row.at))
        elif row.kind == "HANGUP" and row.channel_id in stories:
            stories[row.channel_id].ended = row.at
    for story in stories.values():
        _meet(story, stays, devices)
    return stories


def _meet(story: ChannelStory, stays: dict[str, list[tuple[str, float, float]]], devices: dict[str, str]) -> None:
    spans: list[tuple[float, float]] = []
    for held in stays.values():
        for _, entered, left in (stay for stay in held if stay[0] == story.channel_id):
            for other, came, went in held:
                first, last = max(entered, came), min(left, went)
                if other != story.channel_id and last > first:
                    device = devices[other]
                    story.with_whom[device] = story.with_whom.get(device, 0.0) + last - first
                    spans.append((first, last))
    until = 0.0
    for first, last in sorted(spans):
        story.together += max(0.0, last - max(first, until))
        until = max(until, last)


def device_of(channel: str) -> str:
    """``PJSIP/8001-0000002a``: 8001."""
    return channel.partition("/")[2].rpartition("-")[0]
