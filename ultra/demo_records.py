"""A demonstration's call records, held against the simulated switch's own account of its calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from cdr.records import ConversationRecord
from protocol.client import Address, UlpClient
from protocol.kinds import Kind, Role
from protocol.requests import Request
from ultra.demo_checks import DIFFERENCES_SHOWN_MAX
from ultra.gateway_session import hello

CONSUMER = "cdr"
Story = tuple[str, str, bool]
"""Who called, whom, and whether somebody answered."""


async def written_up_to(server: Address) -> int:
    """Up to which of the gateway's numbers the records stand in the database."""
    client = await UlpClient.connect(server, hello("demo", Role.ADMIN))
    try:
        reply = await client.request(Request(Kind.QUERY_SESSIONS))
        return next((row.confirmed for row in reply.consumers if row.name == CONSUMER), 0)
    finally:
        await client.close()


def record_differences(calls: Sequence[dict[str, Any]], conversations: Iterable[ConversationRecord]) -> tuple[str, ...]:
    """What the records say otherwise than the switch: a conversation for each call but those that a transfer or a
    conference made of others, with the same caller, the same number dialled, answered or not."""
    made = {call["merged_into"] for call in calls if call["merged_into"]}
    at_switch: Counter[Story] = Counter(
        (call["calling"], call["called"], call["answered_us"] is not None)
        for call in calls
        if call["call_id"] not in made
    )
    recorded: Counter[Story] = Counter((one.caller, one.called, one.answered_us is not None) for one in conversations)
    found = [f"{_words(story)} is not in the records" for story in (at_switch - recorded).elements()]
    found += [f"{_words(story)} is only in the records" for story in (recorded - at_switch).elements()]
    return tuple(found[:DIFFERENCES_SHOWN_MAX])


def _words(story: Story) -> str:
    caller, called, is_answered = story
    return f"{caller} calls {called}, {'answered' if is_answered else 'not answered'},"
