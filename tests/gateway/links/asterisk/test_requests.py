"""Waiting for responses and for proofs."""

import asyncio

from gateway.links.asterisk.ami import Event, Response
from gateway.links.asterisk.requests import OpenRequests
from model.commands import Outcome, Refusal
from runtime.tasks import spawn

DONE = Outcome()


def proof(event: Event) -> Outcome | None:
    """Hangup proves it."""
    return DONE if event.name == "Hangup" else None


async def why_not(requests: OpenRequests) -> ConnectionError | Response:
    """Wait for a response, or for why there is none."""
    try:
        return await requests.response_to("a-1")
    except ConnectionError as error:
        return error


async def test_a_response_finds_who_waits_for_it() -> None:
    requests = OpenRequests()
    async with asyncio.TaskGroup() as group:
        first = spawn(group, requests.response_to("a-1"), name="first")
        second = spawn(group, requests.response_to("a-2"), name="second")
        await asyncio.sleep(0)
        requests.answered("a-2", Response("Success", {}))
        requests.answered("a-2", Response("Error", {}))
        requests.answered("nobody", Response("Success", {}))
        requests.answered("a-1", Response("Error", {}))
    assert (first.result().status, second.result().status) == ("Error", "Success")


async def test_an_event_proves_an_action_done() -> None:
    requests = OpenRequests()
    with requests.confirmation(proof) as confirmed:
        requests.seen(Event("Newstate", {}))
        assert not confirmed.done()
        requests.seen(Event("Hangup", {}))
        requests.seen(Event("Hangup", {}))
        assert await confirmed is DONE
    requests.seen(Event("Hangup", {}))


async def test_a_lost_link_answers_everybody() -> None:
    requests = OpenRequests()
    async with asyncio.TaskGroup() as group:
        asked = spawn(group, why_not(requests), name="asked")
        await asyncio.sleep(0)
        with requests.confirmation(proof) as confirmed:
            requests.lost("switch stopped")
            outcome = await confirmed
    assert outcome.refusal is Refusal.LINK_DOWN
    assert isinstance(asked.result(), ConnectionError)
