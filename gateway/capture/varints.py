"""Whole numbers in as few bytes as they need: seven bits a byte, the lowest first. Pure.

Times are written as differences, which are small and may be negative: ``zigzag`` makes them whole and keeps them small.
"""

from collections.abc import Iterable

_MORE = 0x80
BITS_MAX = 70
"""No number of a capture needs more; a run of bytes that does is no number."""


def pack(numbers: Iterable[int]) -> bytes:
    """Numbers from 0 on, one after the other."""
    out = bytearray()
    for number in numbers:
        while number >= _MORE:
            out.append(number & 0x7F | _MORE)
            number >>= 7
        out.append(number)
    return bytes(out)


class Reader:
    """Takes numbers and bytes off a buffer. ValueError where it ends too early, or where no number stands."""

    __slots__ = ("_at", "_buffer")

    def __init__(self, buffer: bytes, at: int = 0) -> None:
        self._buffer = buffer
        self._at = at

    @property
    def is_at_end(self) -> bool:
        """Whether nothing is left."""
        return self._at >= len(self._buffer)

    def number(self) -> int:
        """The next number."""
        number = shift = 0
        while True:
            if self.is_at_end or shift > BITS_MAX:
                raise ValueError("no number stands here")
            byte = self._buffer[self._at]
            self._at += 1
            number |= (byte & 0x7F) << shift
            if byte < _MORE:
                return number
            shift += 7

    def take(self, length: int) -> bytes:
        """So many bytes."""
        taken = self._buffer[self._at : self._at + length]
        if len(taken) < length:
            raise ValueError(f"{length} bytes are named, and {len(taken)} are left")
        self._at += length
        return taken

    def block(self) -> bytes:
        """Bytes with their length before them."""
        return self.take(self.number())


def zigzag(number: int) -> int:
    """0, -1, 1, -2 … as 0, 1, 2, 3 …"""
    return number << 1 if number >= 0 else (-number << 1) - 1


def unzigzag(number: int) -> int:
    """The number that ``zigzag`` was given."""
    return number >> 1 if not number & 1 else -((number + 1) >> 1)
