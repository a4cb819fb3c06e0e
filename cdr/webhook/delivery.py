"""One request to the webhook's receiver, whatever the receiver does with it."""

import asyncio
from dataclasses import dataclass
from typing import Final

import httpx

ANSWER_SECONDS_MAX: Final = 10.0
ANSWER_BYTES_MAX: Final = 65_536
"""Of an answer's body, which is read only so that the connection can serve again."""
OVERLOADED: Final = frozenset((408, 425, 429))
"""Refusals that say: later."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``said`` empty: the request was taken."""

    said: str = ""
    is_of_all: bool = False
    """Whether other requests would fare no better now."""


async def deliver(
    client: httpx.AsyncClient, url: str, body: bytes, headers: dict[str, str], seconds_max: float = ANSWER_SECONDS_MAX
) -> Answer:
    """What became of one request; raises nothing.

    Any exception means: not now. Beside its own, httpx lets through what the layers below it did not expect (a
    connection that is reset in the moment it is made ends in an AttributeError under uvloop), and no receiver may end
    the daemon.
    """
    try:
        async with asyncio.timeout(seconds_max), client.stream("POST", url, content=body, headers=headers) as answer:
            await _read(answer)
    except TimeoutError:
        return Answer(f"no answer within {seconds_max:g} s", is_of_all=True)
    except Exception as error:
        return Answer(f"{type(error).__name__}: {error}".removesuffix(": "), is_of_all=True)
    if answer.is_success:
        return Answer()
    return Answer(f"HTTP {answer.status_code}", answer.is_server_error or answer.status_code in OVERLOADED)


async def _read(answer: httpx.Response) -> None:
    """The body, as it comes and not unpacked; the connection of one that is too long is closed."""
    taken = 0
    async for piece in answer.aiter_raw():
        taken += len(piece)
        if taken > ANSWER_BYTES_MAX:
            return
