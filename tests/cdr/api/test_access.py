"""Who gets in; a password that was right is not checked anew, one that was changed is; who guesses waits."""

import asyncio

from cdr.api.access import Access, TooManyGuesses
from runtime.users_file import user_of
from tests.cdr.api.serving import PASSWORD, users


async def test_a_user_gets_in_with_its_password_alone() -> None:
    access = Access(users())
    assert (await access.log_in("boss", PASSWORD, "127.0.0.1")) == users()["boss"]
    assert await access.log_in("boss", PASSWORD + "x", "127.0.0.2") is None
    assert await access.log_in("nobody", PASSWORD, "127.0.0.3") is None


async def test_after_a_change_the_old_password_is_not_known_any_more() -> None:
    access = Access(users())
    await access.log_in("boss", PASSWORD, "127.0.0.1")
    access.users = {"boss": user_of("boss", "supervisor", "another one")}
    assert await access.log_in("boss", PASSWORD, "127.0.0.1") is None


async def test_who_guesses_waits_and_then_is_turned_away_while_others_are_not() -> None:
    access = Access(users())
    await access.log_in("boss", PASSWORD, "127.0.0.1")
    for _ in range(200):
        access._lock_out.failed("192.0.2.1", access._now())
    guesses = [asyncio.ensure_future(access.log_in("boss", f"guess {one}", "192.0.2.1")) for one in range(50)]
    done, waiting = await asyncio.wait(guesses, return_when=asyncio.FIRST_EXCEPTION)
    assert any(isinstance(one.exception(), TooManyGuesses) for one in done)
    assert waiting, "the first ones wait for their answer"
    for one in waiting:
        one.cancel()
    await asyncio.wait(guesses)
    assert await access.log_in("boss", PASSWORD, "192.0.2.1"), "whom we know is not held up by a guesser beside"
    assert await access.log_in("app", PASSWORD, "127.0.0.1")
