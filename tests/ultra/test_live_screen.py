"""How long a screen stays: the rest of it is shown on a real terminal in test_view.py."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from protocol.client import Item, Lost
from protocol.errors import Code, Refused
from protocol.messages import Welcome
from tests.ultra.board.sites import small_site, watch
from ultra.live_screen import consume, pause, show
from ultra.watching import Watch


async def test_a_pause_ends_with_its_time_or_with_the_end() -> None:
    done = asyncio.Event()
    await pause(done, 0.0)
    assert not done.is_set()
    done.set()
    async with asyncio.timeout(5):
        await pause(done, 3600.0)


async def test_a_subscription_that_is_refused_ends_the_consuming() -> None:
    async def items() -> AsyncGenerator[Item | Lost | Welcome, None]:
        yield Lost(Refused(Code.NOT_SUPPORTED), 1.0)
        raise Refused(Code.NOT_SUPPORTED, "no")

    seen, took = Watch("h:1"), asyncio.Event()
    with pytest.raises(Refused, match="no"):
        await consume(items(), seen, took)
    assert took.is_set()
    assert seen.trouble is not None


async def test_lines_are_said_until_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    done = asyncio.Event()
    asyncio.get_running_loop().call_soon(done.set)
    await show(watch(small_site()), done)
    assert "link up; trunks 4 idle" in capsys.readouterr().out
