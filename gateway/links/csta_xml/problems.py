"""What parsing gives instead of a message: values, since a peer's mistake must not stop the reader."""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass

NAME_CHARACTERS_MAX = 80
"""Twice the longest name of the standard; a longer one is cut before it is kept or logged."""
EXCERPT_BYTES = 64
"""Enough of a body to recognise the product that sent it, little enough for one log line."""
UNKNOWN_NAMES_MAX = 256
"""Names come from the peer; beyond this many distinct ones only the total grows."""


class ParseFault(enum.Enum):
    EMPTY = "the body is empty"
    NOT_WELL_FORMED = "the body is not well-formed XML"
    DOCTYPE = "a DOCTYPE or entity declaration is not accepted"
    ENCODING = "the encoding is not accepted"
    INCOMPLETE = "a mandatory element is missing or unreadable"


@dataclass(frozen=True, slots=True)
class ParseProblem:
    """The body is no message. `message_name` is "" if it was not even recognised; `excerpt` is hex."""

    fault: ParseFault
    detail: str
    message_name: str
    excerpt: str

    def __str__(self) -> str:
        return f"{self.message_name or 'body'}: {self.fault.value}: {self.detail}"


@dataclass(frozen=True, slots=True)
class UnknownMessage:
    """Well-formed, but a message that this project does not know. `name` is the local name, `excerpt` hex."""

    name: str
    excerpt: str


class UnknownElements:
    """Counts elements and values that were skipped because nothing here knows them, as `Message/element`."""

    __slots__ = ("by_name", "total")

    def __init__(self) -> None:
        self.by_name: Counter[str] = Counter()
        self.total = 0

    def count(self, name: str) -> bool:
        """Count one; True when this name was not met before (worth a log line)."""
        name = name[:NAME_CHARACTERS_MAX]
        self.total += 1
        is_new = name not in self.by_name
        if is_new and len(self.by_name) >= UNKNOWN_NAMES_MAX:
            return False
        self.by_name[name] += 1
        return is_new


def excerpt(body: bytes) -> str:
    return body[:EXCERPT_BYTES].hex()
