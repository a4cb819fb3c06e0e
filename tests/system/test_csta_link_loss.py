"""The link to a busy switch is cut in three ways, and its snapshot answers come late and out of order.

Real processes. Fifty calls a second go on while the link is down; when it is back, what subscribers hold is what the
switch holds: no ghost, no live call ended by an answer that was older than the call, and between the two everybody was
told that nothing was known.
"""

import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from model.causes import Cause
from model.events import CallEvent, LinkEvent
from model.ids import CallId
from model.states import LinkState
from tests.system.csta_site import CstaSite, csta_site
from tests.system.gateway_process import Subscriber
from tests.waiting import until
from ultra.demo_site import DemoSite

SITE = DemoSite(("1000-1499",), 500, 60)
TRAFFIC = ("--calls-per-second", "50", "--mean-talk-seconds", "1.5", "--mean-ring-seconds", "1", "--seed", "7")
LATE_SNAPSHOTS = "fault snapshot_delay_seconds 2.0"
SETTINGS = "silence_seconds = 1.0\noutstanding_requests = 200\n"
"""Many questions at a time: with late answers each takes a second, and hundreds of devices are to be asked."""
SECONDS_MAX = 25.0
AGREE_SECONDS_MAX = 8.0
"""For the last questions: four in a row of those that take longest."""


async def reset(site: CstaSite) -> None:
    """RST on every connection."""
    await site.ask_switch("reset_links")
    await until(lambda: not site.subscriber.is_up)


async def silent(site: CstaSite) -> None:
    """Nothing comes any more, and nobody says so: as a pulled cable behind a firewall."""
    await site.ask_switch("fault silent 1")
    await until(lambda: not site.subscriber.is_up)
    await site.ask_switch("fault silent 0")


async def restarted(site: CstaSite) -> None:
    """All calls of the old one are gone, and it counts its calls anew."""
    await site.kill_switch()
    await until(lambda: not site.subscriber.is_up)
    await site.start_switch(*TRAFFIC[:-1], "8")
    await site.ask_switch(LATE_SNAPSHOTS)


@pytest.mark.parametrize("cut", [reset, silent, restarted], ids=lambda cut: cut.__name__)
async def test_a_link_cut_during_traffic(tmp_path: Path, cut: Callable[[CstaSite], Awaitable[None]]) -> None:
    async with csta_site(tmp_path, SITE, *TRAFFIC, switch_settings=SETTINGS) as site:
        subscriber = site.subscriber
        assert subscriber.mirror is not None
        await site.ask_switch(LATE_SNAPSHOTS)
        await until(lambda: len(subscriber.begun) > 150, seconds_max=SECONDS_MAX)
        before = set(subscriber.mirror.calls)
        await cut(site)
        await until(lambda: subscriber.is_up, seconds_max=SECONDS_MAX)
        begun = len(subscriber.begun)
        await until(lambda: len(subscriber.begun) > begun + 50, seconds_max=SECONDS_MAX)

        table = (await site.ask_switch("freeze", "table"))["calls"]
        assert table
        with contextlib.suppress(AssertionError):
            await until(lambda: not subscriber.differences(table), seconds_max=AGREE_SECONDS_MAX)
        assert subscriber.differences(table) == (), explained(subscriber, table)

        await site.ask_switch("traffic off", "thaw")
        await until(lambda: subscriber.mirror is not None and not subscriber.mirror.calls, seconds_max=SECONDS_MAX)
        assert max(subscriber.ended.values()) == 1
        assert set(subscriber.ended) == subscriber.begun
        assert unknown_then_true(subscriber)
        if cut is not restarted:  # which uses its ids again
            assert ended_while_alive(subscriber) == []
        assert subscriber.faults() == []
        print(
            f"{len(subscriber.begun)} calls, {len(before)} live when it was cut, "
            f"{len(reconciled(subscriber))} reconciled, {len(subscriber.mismatches)} mismatches"
        )


def explained(subscriber: Subscriber, table: dict[str, dict[str, str]]) -> str:
    """The stories of the first calls that differ, and the link's."""
    named = [difference.split()[1].rstrip(":") for difference in subscriber.differences(table)]
    stories = [f"{one} {table.get(one)}:\n  " + "\n  ".join(subscriber.story(one)) for one in named[:3]]
    return "\n".join([*subscriber.differences(table), *stories, *map(str, subscriber.links)])


def unknown_then_true(subscriber: Subscriber) -> bool:
    """The link's states: it was lost with a reason, came back by way of comparing, and nothing was ended between."""
    states = [state for state, _ in subscriber.links]
    lost = next(index for index, state in enumerate(states) if not state.is_up)
    assert subscriber.links[lost][1]
    down = [event for event in between_loss_and_initialising(subscriber) if isinstance(event, CallEvent)]
    assert down == []
    return states[-1].is_up and LinkState.INITIALISING in states[lost:]


def between_loss_and_initialising(subscriber: Subscriber) -> list[object]:
    """What the stream said while there was no session with the switch."""
    found: list[object] = []
    is_lost = False
    for event in subscriber.events:
        if isinstance(event, LinkEvent):
            is_lost = not event.link.state.is_up and event.link.state is not LinkState.INITIALISING
        elif is_lost:
            found.append(event)
    return found


def reconciled(subscriber: Subscriber) -> list[CallEvent]:
    return [one for one in subscriber.events if isinstance(one, CallEvent) and one.cause is Cause.RECONCILED]


def ended_while_alive(subscriber: Subscriber) -> list[CallId]:
    """Calls that a comparison ended and that then began again under the same id of the switch: they were alive."""
    ended: dict[str, CallId] = {}
    revived: list[CallId] = []
    for event in subscriber.events:
        if isinstance(event, CallEvent):
            for call in event.calls:
                if event.cause is Cause.RECONCILED and call.ended:
                    ended[call.switch_call_id] = call.call_id
                elif not call.ended and ended.get(call.switch_call_id, call.call_id) != call.call_id:
                    revived.append(ended.pop(call.switch_call_id))
    return revived
