"""Numbers of the simulated switch: which exist, how they look on the wire, and how calls are numbered."""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Container
from enum import StrEnum

RANGE_SIZE_MAX = 10_000
"""More extensions than one simulated switch is asked for; a typing error must not fill the memory."""
SMALL_CALL_IDS = 256
"""How many ids a switch with small call ids has before it takes the first again."""
OUTSIDE_NUMBER = re.compile(r"[+09*#][0-9*#]{2,31}")
"""What is dialled to the public network; anything else that no device has is an unallocated number."""


class CallIdStyle(StrEnum):
    """How calls are named: by a rising number, by two-byte numbers taken again soon, by 32 hex digits."""

    RISING = "rising"
    SMALL = "small"
    HEX = "hex"


def numbers_of(text: str) -> list[str]:
    """`1000-1099,2000` as single numbers, leading zeros kept. ValueError names what is wrong."""
    numbers: list[str] = []
    for piece in text.split(","):
        first, _, last = piece.strip().partition("-")
        last = last or first
        if not (first.isascii() and first.isdigit() and last.isascii() and last.isdigit()):
            raise ValueError(f"{piece.strip()!r} is no number and no range of numbers")
        if len(first) != len(last) or int(first) > int(last):
            raise ValueError(f"{piece.strip()!r} is no rising range of numbers of one length")
        if int(last) - int(first) >= RANGE_SIZE_MAX:
            raise ValueError(f"{piece.strip()!r} has more than {RANGE_SIZE_MAX} numbers")
        numbers.extend(str(number).zfill(len(first)) for number in range(int(first), int(last) + 1))
    if len(set(numbers)) != len(numbers):
        raise ValueError(f"{text!r} names a number twice")
    return numbers


class CallIds:
    """Hands out the switch's call ids. An id is free again only when its call has ended."""

    __slots__ = ("_free", "_next", "_style")

    def __init__(self, style: CallIdStyle) -> None:
        self._style = style
        self._next = 1
        # The id that has rested longest is taken again first.
        self._free: deque[str] = deque(str(number) for number in range(SMALL_CALL_IDS))

    def take(self, live: Container[str]) -> str:
        """Return an id that is not in `live`. With SMALL and every small id in use, a rising one."""
        if self._style is CallIdStyle.SMALL:
            for _ in range(len(self._free)):
                call_id = self._free.popleft()
                self._free.append(call_id)
                if call_id not in live:
                    return call_id
        number = self._next
        self._next += 1
        if self._style is CallIdStyle.HEX:
            return hashlib.blake2b(number.to_bytes(8, "big"), digest_size=16).hexdigest()
        return str(number + SMALL_CALL_IDS if self._style is CallIdStyle.SMALL else number)
