"""Told at least once, whatever the receiver does; what it refuses stops nobody else."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import structlog
from structlog.testing import capture_logs

from cdr.database import Database
from cdr.records import Batch, Place, Record
from cdr.store.outbox import waiting_announcements
from cdr.store.store import Store
from cdr.webhook.request import Target, key_of
from cdr.webhook.sender import AT_ONCE, Sender
from runtime.tasks import owned_by
from tests.cdr.sample_records import at, conversation, leg
from tests.cdr.webhook.receiver import SECRET, Receiver, receiving
from tests.waiting import until, until_told

BEGAN = at("2026-01-31 08:00:00")
Write = Callable[..., object]


class Telling:
    """A database, and a sender to a receiver that may or may not be there."""

    def __init__(self, database: Database, sender: Sender) -> None:
        self.database = database
        self.sender = sender
        self._number = 0

    async def write(self, *records: Record) -> None:
        self._number += 1
        await self.database.write(Batch(records, (), (Place("gateway", "s/g", 1, self._number),)))

    async def waiting(self) -> int:
        def count(store: Store) -> int:
            with store.transaction() as connection:
                return waiting_announcements(connection)

        return await self.database.ask(count)

    async def all_told(self) -> bool:
        return await self.waiting() == 0


@asynccontextmanager
async def telling(folder: Path, receiver: Receiver, give_up_seconds: int = 3600) -> AsyncIterator[Telling]:
    database = Database(f"sqlite:///{folder / 'cdr.db'}", "UTC", announces=True)
    await database.open()
    async with asyncio.TaskGroup() as group:
        sender = Sender(Target(receiver.url, key_of(SECRET), give_up_seconds), database)
        task = owned_by(group)(sender.run(), name="webhook")
        try:
            yield Telling(database, sender)
        finally:
            task.cancel()
    await database.close()


async def test_each_conversation_is_told_with_its_story(tmp_path: Path) -> None:
    with receiving(Receiver()) as receiver:
        async with telling(tmp_path, receiver) as site:
            await site.write(conversation(1, BEGAN), leg(1, BEGAN), conversation(2, BEGAN))
            await until_told(site.all_told)
            await site.write(replace(conversation(1, BEGAN), revision=2))
            await until_told(site.all_told)
            assert site.sender.status.delivered == 3
    assert sorted(receiver.taken) == ["1:1/1", "1:1/2", "1:2/1"]
    assert receiver.forged == []
    told = receiver.messages["1:1/1"]
    assert told["type"] == "conversation.closed"
    assert told["data"]["conversation"]["caller"] == "01391"
    assert [one["device"] for one in told["data"]["legs"]] == ["8001"]


async def test_a_receiver_that_is_not_there_is_told_when_it_is(tmp_path: Path) -> None:
    with receiving(Receiver()) as receiver:
        pass
    structlog.reset_defaults()
    with capture_logs() as logged:
        async with telling(tmp_path, receiver) as site:
            await site.write(*(conversation(number, BEGAN) for number in range(3 * AT_ONCE)))
            await until(lambda: site.sender.status.failures > AT_ONCE)
            assert site.sender.status.trouble
            assert site.sender.status.waiting == 3 * AT_ONCE
            with receiving(receiver):
                await until_told(site.all_told)
            assert site.sender.status.trouble == ""
    assert sorted(receiver.taken) == sorted(f"1:{number}/1" for number in range(3 * AT_ONCE))
    assert [one["event"] for one in logged if one["event"].startswith("webhook")] == ["webhook_failed", "webhook_back"]
    assert "secret" not in str(logged)


async def test_a_receiver_that_fails_or_is_overloaded_is_waited_for(tmp_path: Path) -> None:
    with receiving(Receiver(answer=503)) as receiver:
        async with telling(tmp_path, receiver) as site:
            await site.write(conversation(1, BEGAN))
            await until(lambda: site.sender.status.trouble == "HTTP 503")
            receiver.answer = 429
            await until(lambda: site.sender.status.trouble == "HTTP 429")
            receiver.answer = 200
            await until_told(site.all_told)
    assert receiver.taken == ["1:1/1"]


async def test_one_that_is_refused_stops_nobody_and_comes_again(tmp_path: Path) -> None:
    poison = {f"1:{number}" for number in range(2 * AT_ONCE)}
    with receiving(Receiver(refused=set(poison))) as receiver:
        async with telling(tmp_path, receiver) as site:
            await site.write(*(conversation(number, BEGAN) for number in range(2 * AT_ONCE)))
            await site.write(conversation(99, BEGAN))
            await until(lambda: site.sender.status.delivered == 1)
            assert receiver.taken == ["1:99/1"]
            assert site.sender.status.trouble == ""
            assert await site.waiting() == len(poison)
            receiver.refused.clear()
            await until_told(site.all_told)
    assert set(receiver.taken) == {f"{one}/1" for one in poison} | {"1:99/1"}


async def test_what_is_not_taken_for_too_long_is_given_up_and_said(tmp_path: Path) -> None:
    structlog.reset_defaults()
    with capture_logs() as logged, receiving(Receiver(refused={"1:1"})) as receiver:
        async with telling(tmp_path, receiver, give_up_seconds=0) as site:
            await site.write(conversation(1, BEGAN))
            await until(lambda: site.sender.status.given_up == 1)
            assert await site.waiting() == 0
    assert [(one["event"], one["conversation_id"]) for one in logged if one["event"] == "webhook_given_up"] == [
        ("webhook_given_up", "1:1")
    ]


async def test_after_a_restart_it_goes_on(tmp_path: Path) -> None:
    with receiving(Receiver()) as receiver:
        pass
    async with telling(tmp_path, receiver) as site:
        await site.write(conversation(1, BEGAN))
        await until(lambda: site.sender.status.failures)
    with receiving(receiver):
        async with telling(tmp_path, receiver) as site:
            await until_told(site.all_told)
    assert receiver.taken == ["1:1/1"]


def test_the_receiver_takes_no_request_that_was_cut_off() -> None:
    """Who was killed while it sent has said nothing, and has forged nothing."""
    with receiving(Receiver()) as receiver, socket.create_connection(("127.0.0.1", receiver.port)) as killed:
        killed.sendall(
            b"POST /calls HTTP/1.1\r\nwebhook-id: 1:1/1\r\nwebhook-timestamp: 1\r\ncontent-length: 100\r\n\r\n{"
        )
        killed.shutdown(socket.SHUT_WR)
        assert killed.recv(1) == b""
    assert (receiver.seen, receiver.forged) == ([], [])
