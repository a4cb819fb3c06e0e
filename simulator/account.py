"""The switch's own account of every call it ever had, to compare others' accounts with.

Written by the call processing as things happen; reads nothing of what was sent to anybody.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class CallAccount:
    """One call. Times are microseconds of the switch's clock. `merged_into` names the call it became by a transfer."""

    call_id: str
    began_us: int
    calling: str
    called: str
    answered_us: int | None = None
    ended_us: int | None = None
    merged_into: str | None = None
    parties: list[str] = field(default_factory=list)


class Account:
    """Every call, in order of beginning; ids may repeat, so a call is found by its number here."""

    def __init__(self) -> None:
        self.calls: list[CallAccount] = []
        self._live: dict[str, CallAccount] = {}
        self.blocked = 0
        """Attempts that found no free caller or circuit, so that no call began."""

    @property
    def begun(self) -> int:
        return len(self.calls)

    @property
    def ended(self) -> int:
        return len(self.calls) - len(self._live)

    @property
    def answered(self) -> int:
        return sum(1 for call in self.calls if call.answered_us is not None)

    def call_began(self, call_id: str, calling: str, called: str, now_us: int) -> None:
        """A second beginning of a live call is our mistake: AssertionError."""
        assert call_id not in self._live, f"call {call_id} began twice"
        self._live[call_id] = CallAccount(call_id, now_us, calling, called)
        self.calls.append(self._live[call_id])

    def party_joined(self, call_id: str, device_id: str) -> None:
        parties = self._live[call_id].parties
        if device_id not in parties:
            parties.append(device_id)

    def call_answered(self, call_id: str, now_us: int) -> None:
        account = self._live[call_id]
        if account.answered_us is None:
            account.answered_us = now_us

    def call_ended(self, call_id: str, now_us: int, merged_into: str | None = None) -> None:
        account = self._live.pop(call_id)
        account.ended_us = now_us
        account.merged_into = merged_into

    def as_json(self) -> dict[str, Any]:
        return {
            "begun": self.begun,
            "answered": self.answered,
            "ended": self.ended,
            "blocked": self.blocked,
            "calls": [asdict(call) for call in self.calls],
        }
