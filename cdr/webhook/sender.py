"""Tells the webhook what stands in the outbox, a few at a time, until each is taken or given up.

A receiver that is not there, is overloaded or fails makes everything wait, longer and longer; one that refuses a single
conversation has that one again later, and the others go on.
"""

import asyncio
import random
import ssl
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import httpx
import structlog

from cdr.database import Database
from cdr.store.outbox import Announcement, announced, due_announcements, postpone, waiting_announcements
from cdr.store.store import Store
from cdr.story import story_of
from cdr.webhook.delivery import Answer, deliver
from cdr.webhook.request import Target, body_of, headers_of
from cdr.webhook.status import WebhookStatus
from runtime.backoff import Backoff

log = structlog.get_logger("cdr.webhook")

AT_ONCE: Final = 8
LOOK_SECONDS: Final = 1.0
"""Between looks into an outbox that was empty: how late a conversation is told at most."""
AGAIN_SECONDS: Final = (5, 30, 300, 1800)
"""After a refusal, one after the other; the last for ever."""
SECOND_US: Final = 1_000_000


class _Outcome(NamedTuple):
    one: Announcement
    answer: Answer

    @property
    def is_done(self) -> bool:
        return not self.answer.said


class Sender:
    """One webhook."""

    def __init__(self, target: Target, database: Database) -> None:
        self._target = target
        self._database = database
        self._backoff = Backoff(random.random)
        self.status = WebhookStatus()

    async def run(self) -> None:
        """For ever."""
        verify: ssl.SSLContext | bool = True
        if self._target.ca_file is not None:
            verify = ssl.create_default_context(cafile=self._target.ca_file)
        async with httpx.AsyncClient(verify=verify, timeout=None, trust_env=False) as client:
            while True:
                batch, self.status.waiting = await self._database.ask(_due)
                if not batch:
                    await asyncio.sleep(LOOK_SECONDS)
                    continue
                outcomes = await asyncio.gather(*(self._tell(client, one) for one in batch))
                await self._settle(outcomes)
                if any(outcome.answer.is_of_all for outcome in outcomes):
                    await asyncio.sleep(self._backoff.next_wait_seconds())

    async def _tell(self, client: httpx.AsyncClient, one: Announcement) -> _Outcome:
        """One request, and what became of it. A conversation that is not there any more need not be told."""
        story = await self._database.ask(lambda store: story_of(store.reader, one.conversation_id))
        if story is None:
            return _Outcome(one, Answer())
        body = body_of(story.form(), one.since_us)
        headers = headers_of(f"{one.conversation_id}/{one.revision}", body, self._target.key, int(time.time()))
        return _Outcome(one, await deliver(client, self._target.url, body, headers))

    async def _settle(self, outcomes: Sequence[_Outcome]) -> None:
        now_us = time.time_ns() // 1000
        failed = [outcome for outcome in outcomes if not outcome.is_done]
        too_old = [one for one in failed if now_us - one.one.since_us > self._target.give_up_seconds * SECOND_US]
        again = [outcome for outcome in failed if outcome not in too_old]
        over = [outcome.one for outcome in outcomes if outcome.is_done or outcome in too_old]
        later = [_later(outcome, now_us) for outcome in again]

        def write(store: Store) -> None:
            with store.transaction() as connection:
                announced(connection, over)
                postpone(connection, later)

        await self._database.ask(write)
        status = self.status
        status.delivered += len(outcomes) - len(failed)
        status.failures += len(failed)
        status.given_up += len(too_old)
        for outcome in too_old:
            log.error("webhook_given_up", conversation_id=outcome.one.conversation_id, reason=outcome.answer.said)
        for outcome in again:
            if not outcome.answer.is_of_all:
                log.warning("webhook_refused", conversation_id=outcome.one.conversation_id, reason=outcome.answer.said,
                            tries=outcome.one.tries + 1)  # fmt: skip
        self._is(next((outcome.answer.said for outcome in failed if outcome.answer.is_of_all), ""))

    def _is(self, trouble: str) -> None:
        if trouble and not self.status.trouble:
            log.error("webhook_failed", url=self._target.shown, reason=trouble)
        elif self.status.trouble and not trouble:
            log.info("webhook_back", url=self._target.shown)
        if not trouble:
            self._backoff.attempt = 0
        self.status.trouble = trouble


def _due(store: Store) -> tuple[list[Announcement], int]:
    """The next ones, and how many there are in all."""
    with store.transaction() as connection:
        return due_announcements(connection, time.time_ns() // 1000, AT_ONCE), waiting_announcements(connection)


def _later(outcome: _Outcome, now_us: int) -> tuple[Announcement, int]:
    """Behind all others that are due; one that was refused for itself, later."""
    one = outcome.one
    if outcome.answer.is_of_all:
        return one, now_us
    return replace(one, tries=one.tries + 1), now_us + AGAIN_SECONDS[min(one.tries, len(AGAIN_SECONDS) - 1)] * SECOND_US
