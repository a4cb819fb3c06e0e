"""Who has a licensed seat: the first N extensions in the order of port.cfg, and nobody loses one in the middle of a
call.

Only EXT needs a seat; TRUNK, IVR and QUEUE are never counted. Pure: the gateway calls `assign` when the file, the
licence or the set of busy seats changes, and serves what it says. Must not know devices' states, the link or the
licence's words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.portcfg import Port, PortFile, PortKind
from gateway.portcfg_problems import PortCode
from model.ids import DeviceNumber
from runtime.problems import Problem
from runtime.texts import Text, counted, text, verbatim

RANGES_NAMED_MAX = 8
"""Ranges of losing extensions that are named one by one: as many as fit on a line or two."""


@dataclass(frozen=True, slots=True)
class SeatPlan:
    """Which numbers are served and which are not, each with the reason that operators and refused requests are given.

    `settled` is false while a seat is kept only because of a live call: call `assign` again when that device is idle.
    """

    seats: int
    served: frozenset[DeviceNumber]
    unlicensed: Mapping[DeviceNumber, Text]
    settled: bool

    def has_seat(self, number: DeviceNumber) -> bool:
        """Whether requests on this number are done; of ports that need no seat this plan says nothing."""
        return number in self.served


def assign(ports: Iterable[Port], seats: int, kept: Collection[DeviceNumber] = frozenset()) -> SeatPlan:
    """Give the seats out.

    `ports` in file order. `kept` holds the numbers of extensions that have a seat now and are in a live call: they
    keep it even when they stand too low in the file or no longer in it, and even when there are fewer seats than such
    calls. What they hold is not given to others, so no more than `seats` are ever served beyond the calls that were
    live already.
    """
    extensions = [port.number for port in ports if port.kind is PortKind.EXT]
    other_kinds = frozenset(port.number for port in ports if port.kind is not PortKind.EXT)
    held = frozenset(kept) - other_kinds
    entitled = frozenset(extensions[:seats])
    free = seats - len(held)
    served = set(held)
    for number in extensions:
        if free <= 0:
            break
        if number not in held:
            served.add(number)
            free -= 1
    unlicensed = {
        number: _waits(seats) if number in entitled else _beyond(place, seats)
        for place, number in enumerate(extensions, start=1)
        if number not in served
    }
    return SeatPlan(seats, frozenset(served), unlicensed, settled=held <= entitled)


def _beyond(place: int, seats: int) -> Text:
    return counted(
        "no seat: extension {place} in port.cfg, and the licence has {count} seat",
        "no seat: extension {place} in port.cfg, and the licence has {count} seats",
        seats,
        place=place,
    )


def _waits(seats: int) -> Text:
    return counted(
        "no seat yet: the licence has {count} seat, and it is kept by a call until that ends",
        "no seat yet: the licence has {count} seats, and one is kept by a call until that ends",
        seats,
    )


def seat_problems(port_file: PortFile, seats: int) -> tuple[Problem, ...]:
    """The warning that port.cfg has more extensions than seats, naming those that lose; it points at the first of
    them."""
    plan = assign(port_file.ports, seats)
    losing = [port for port in port_file.ports if port.number in plan.unlicensed]
    if not losing:
        return ()
    line = next(line for line in port_file.lines if line.source.number == losing[0].line)
    extensions = len(plan.served) + len(losing)
    message = text(
        "{extensions} extensions, {seats} seats; without a seat: {numbers}",
        extensions=extensions, seats=seats, numbers=_named([port.number for port in losing]),
    )  # fmt: skip
    word = line.number_word
    column, width = (word.column, word.width) if word is not None else (1, 1)
    return (
        line.source.problem(
            PortCode.TOO_FEW_SEATS, message, column=column, width=width,
            expected=text("a licence for {extensions} seats, or the extensions that matter higher up in the file",
                          extensions=extensions),
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Run:
    """Numbers that follow each other."""

    first: str
    last: str
    count: int = 1

    def __str__(self) -> str:
        return self.first if self.first == self.last else f"{self.first}-{self.last}"


def _named(numbers: Sequence[str]) -> Text:
    """The numbers in file order, those that follow each other as ranges; beyond RANGES_NAMED_MAX only how many."""
    runs: list[_Run] = []
    for number in numbers:
        if runs and number == _successor(runs[-1].last):
            runs[-1] = _Run(runs[-1].first, number, runs[-1].count + 1)
        else:
            runs.append(_Run(number, number))
    named = ", ".join(map(str, runs[:RANGES_NAMED_MAX]))
    unnamed = sum(run.count for run in runs[RANGES_NAMED_MAX:])
    if not unnamed:
        return verbatim(named)
    return counted("{numbers} and {count} more", "{numbers} and {count} more", unnamed, numbers=named)


def _successor(number: str) -> str:
    prefix = number.rstrip("0123456789")
    digits = number[len(prefix) :]
    return f"{prefix}{int(digits) + 1:0{len(digits)}d}"
