"""Old conversations lose the numbers of people outside, young ones keep them; in each kind of database."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

from cdr.database import Database
from cdr.masking import Masking
from cdr.privacy import AT_ONCE, DAY_US, Policy, Privacy, mask_ended
from cdr.records import Batch, ConversationRecord, LegRecord, Place
from cdr.store.store import Store
from runtime.tasks import owned_by
from tests.cdr.sample_records import SECOND, at, conversation, leg
from tests.waiting import until

BEGAN = at("2026-01-31 08:00:00")
LATER = BEGAN + 3600 * SECOND
ROWS = (
    conversation(1, BEGAN, caller="013912345678"),
    leg(1, BEGAN, device="013912345678", trunk="T001", inside=False),
    conversation(2, LATER, caller="013912345678"),
)


def callers(store: Store) -> list[str]:
    return [one.caller for one in store.records(ConversationRecord)]


def test_what_ended_before(url: str) -> None:
    store = Store.open(url, "Asia/Shanghai")
    store.write(Batch(ROWS, (), (Place("gateway", "s/g", 1, 1),)))
    assert mask_ended(store, LATER, Masking.MASK) == 1
    assert callers(store) == ["01391234xxxx", "013912345678"]
    assert [one.device for one in store.records(LegRecord)] == ["01391234xxxx"]
    (first, _) = store.records(ConversationRecord)
    assert replace(first, caller="013912345678") == ROWS[0], "nothing else has changed"
    assert store.reader.masked(["1:1", "1:2"]) == {"1:1": "mask"}
    assert mask_ended(store, LATER, Masking.MASK) == 0
    store.close()


def test_a_later_revision_is_found_again(url: str) -> None:
    store = Store.open(url)
    store.write(Batch(ROWS, (), (Place("gateway", "s/g", 1, 1),)))
    mask_ended(store, LATER, Masking.REMOVE)
    store.write(Batch((replace(ROWS[0], revision=2),), (), (Place("gateway", "s/g", 1, 2),)))
    assert callers(store) == ["013912345678", "013912345678"]
    assert mask_ended(store, LATER, Masking.REMOVE) == 1
    assert callers(store) == ["", "013912345678"]
    store.close()


async def test_it_goes_on_until_none_is_left(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'cdr.db'}", "UTC")
    await database.open()
    old = tuple(conversation(number, BEGAN, caller="013912345678") for number in range(2 * AT_ONCE + 3))
    young = conversation(9_999, time.time_ns() // 1000 - DAY_US, caller="013912345678")
    await database.write(Batch((*old, young), (), (Place("gateway", "s/g", 1, 1),)))
    privacy = Privacy(Policy(2, Masking.MASK), database)
    async with asyncio.TaskGroup() as group:
        task = owned_by(group)(privacy.run(), name="privacy")
        await until(lambda: privacy.masked == len(old))
        task.cancel()
    assert sorted(await database.ask(callers)) == ["013912345678"] + ["01391234xxxx"] * len(old)
    await database.close()
