"""Who guesses passwords waits: failed log-ins by the address they come from, and when the next is answered. Pure.

Answers to one address leave one after the other, so that many connections guess no faster than one. Other addresses
are not touched, and nobody is locked out by a success of somebody else: it forgets nothing either, or a user of the
house could guess another's password between two log-ins of its own.
"""

import ipaddress
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from protocol.limits import LOG_IN_DELAY_SECONDS, LOG_IN_FORGET_SECONDS, LOG_IN_SOURCES_MAX

IPV6_PREFIX: Final = 64
"""Bits of an IPv6 address that tell one household from another; the rest its machines choose freely."""


@dataclass(slots=True)
class Failures:
    """Of one source."""

    count: int
    latest: float
    free_at: float
    """When the last answer to this source leaves; the next one waits from there."""


class LockOut:
    """The failures of every source that had one lately. Times are seconds of a clock that does not jump."""

    def __init__(
        self,
        delays: Sequence[float] = LOG_IN_DELAY_SECONDS,
        forget_seconds: float = LOG_IN_FORGET_SECONDS,
        sources_max: int = LOG_IN_SOURCES_MAX,
    ) -> None:
        self._delays = delays
        self._forget_seconds = forget_seconds
        self._sources_max = sources_max
        self._sources: OrderedDict[str, Failures] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sources)

    def answer_at(self, source: str, now: float, latest: float) -> float | None:
        """When a log-in from this source may be answered, and nobody else from there until then; None when that is
        after ``latest``: it need not be looked at."""
        self._forget(now)
        failures = self._sources.get(source)
        if failures is None:
            return now
        free_at = max(now, failures.free_at) + self._delays[min(failures.count, len(self._delays)) - 1]
        if free_at > latest:
            return None
        failures.free_at = free_at
        return free_at

    def failed(self, source: str, now: float) -> None:
        """A log-in from this source has failed."""
        failures = self._sources.pop(source, None) or Failures(0, now, now)
        failures.count += 1
        failures.latest = now
        self._sources[source] = failures
        if len(self._sources) > self._sources_max:
            self._sources.popitem(last=False)

    def _forget(self, now: float) -> None:
        while self._sources:
            failures = next(iter(self._sources.values()))
            if now - failures.latest < self._forget_seconds:
                return
            self._sources.popitem(last=False)


def source_of(address: str) -> str:
    """What counts as one source: an IPv4 address, the /64 of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))
