"""A receiver that comes and goes while the records' daemon is killed has every conversation, as it was written last."""

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from cdr.store.reader import Filter, Reader
from tests.cdr.webhook.receiver import RESET, SECRET, Receiver, receiving
from tests.system.record_site import SETTLE_SECONDS_MAX, record_site
from tests.waiting import until

EVENTS_BETWEEN_MAX = 120


async def course(folder: Path, rounds: int, seed: int) -> str:
    """So many absences, failures and kills, then quiet; what was found, in words."""
    dice, did = Random(seed), Counter[str]()
    secret = folder / "webhook-secret"
    secret.touch(0o600)
    secret.write_text(SECRET, "utf-8")
    with receiving(Receiver()) as receiver:
        pass  # its port, for the settings
    more = f'[webhook]\nurl = "{receiver.url}"\nsecret_file = "../webhook-secret"\n'
    async with record_site(folder, "sqlite:///../var/cdr.db", None, seed, more) as one:
        for _ in range(rounds):
            await one.more_events(dice.randrange(1, EVENTS_BETWEEN_MAX))
            with receiving(receiver):
                receiver.answer = dice.choice((200, 200, 500, 429, RESET))
                did[f"answered {receiver.answer}" if receiver.answer else "reset"] += 1
                await one.more_events(dice.randrange(1, EVENTS_BETWEEN_MAX))
                if dice.random() < 0.5:
                    await one.kill_cdr()
                    did["kills"] += 1
                    await one.cdr.start()
        receiver.answer = 200
        with receiving(receiver):
            await one.settle()
            reader = Reader.open(f"sqlite:///{folder / 'var' / 'cdr.db'}")
            written = {f"{row.conversation_id}/{row.revision}" for row in reader.conversations(Filter())}
            reader.close()
            await until(lambda: written <= set(receiver.taken), seconds_max=SETTLE_SECONDS_MAX)
    assert receiver.forged == []
    twice = len(receiver.taken) - len(set(receiver.taken))
    return f"{dict(did)}: {len(written)} conversations written, {len(written)} taken, {twice} of them twice, missing 0"


@pytest.mark.timeout(240)
async def test_a_receiver_that_comes_and_goes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = await course(tmp_path, 4, 8)
    with capsys.disabled():
        print(f"\n{told}")


@pytest.mark.deep
@pytest.mark.timeout(2400)
async def test_fifty_absences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = await course(tmp_path, 50, 9)
    with capsys.disabled():
        print(f"\n{told}")
