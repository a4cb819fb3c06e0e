"""Identities: what stays the same while switch, monitors and states change.

Text forms are API: they stand in JSON, in logs and on the command line.
"""

from typing import NewType, Self

from model.value import ordered_value, value

DeviceNumber = NewType("DeviceNumber", str)
"""A device as people call it: its number in port.cfg ("8001", "T001"), or, for a party outside it, the number the
switch told ("13800001111"). Empty for an anonymous party."""

NO_DEVICE = DeviceNumber("")
"""An anonymous party, or none."""

SwitchCallId = NewType("SwitchCallId", str)
"""The switch's own call id, as it sent it. Reused by small switches; "0" and "-12" are real ones."""

ConnectionKey = NewType("ConnectionKey", str)
"""The device part of a ConnectionID as the switch sent it: static, dynamic, a trunk, or empty when absent. Never a
number to dial, even where it looks like one (ECMA-269 6.1.5)."""

Microseconds = NewType("Microseconds", int)
"""A time in microseconds since 1970-01-01 UTC, or a span of them."""


@ordered_value
class EventId:
    """A place in the gateway's stream: the epoch and the number within it (1, 2, 3 … without holes)."""

    epoch: int
    number: int

    def __str__(self) -> str:
        return f"{self.epoch}:{self.number}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``EPOCH:NUMBER``; ValueError names what was expected."""
        epoch, colon, number = text.partition(":")
        if not (colon and epoch.isascii() and epoch.isdigit() and number.isascii() and number.isdigit()):
            raise ValueError(f"expected EPOCH:NUMBER, two whole numbers, got {text!r}")
        return cls(int(epoch), int(number))


CallId = NewType("CallId", EventId)
"""The event that began the call: unique over restarts, and a replay makes the same."""

ConversationId = NewType("ConversationId", EventId)
"""The call id of the first call of the story; survives transfer, conference, queue and pickup."""


@value
class SwitchConnection:
    """A ConnectionID as the switch sent it: its call id and its device part."""

    call: SwitchCallId
    key: ConnectionKey


@value
class RequestRef:
    """The request that caused an event: the requester's session and its number there."""

    session: int
    number: int
