"""One happening, many reports: tells a new happening from a repeat, a late one, a double and an impossible one.

Each monitor reports in order, but monitors are in no order between themselves. So each leg keeps its list of
transitions and each monitor a cursor into it. Pure look-ups: nothing is changed here.
"""

from enum import Enum, auto

from model.record import Leg, Monitor
from model.reports import Happening
from model.states import ConnectionState
from model.transitions import AFTER, BEGINNINGS

REKEYED = frozenset({Happening.TRANSFERRED_AWAY, Happening.REKEYED_HERE})
"""Marks that a transfer leaves; a monitor passes them by telling the transfer."""


class Verdict(Enum):
    """What a report is to the call model."""

    NEW = auto()
    REPEAT = auto()
    """Told already by another monitor."""
    LATE = auto()
    """Precedes what others proved since; changes nothing."""
    DOUBLE = auto()
    """The same monitor says the same again."""
    IMPOSSIBLE = auto()


def classify(leg: Leg, monitor: Monitor, happening: Happening) -> tuple[Verdict, int]:
    """Judge a report; the number is where the monitor's cursor stands after it.

    A monitor that stands behind the list's end and reports what the list does not hold has either lost reports (then
    the happening is new if it can follow the state we know) or begins late (then others have proved more already).
    """
    history = leg.history
    cursor = leg.cursors.get(monitor, 0)
    if happening in history[cursor:]:
        return Verdict.REPEAT, history.index(happening, cursor) + 1
    is_behind = cursor < len(history)
    if is_behind and not REKEYED.isdisjoint(history[cursor:]):
        return Verdict.LATE, cursor  # it has yet to tell the transfer
    said_last = cursor > 0 and history[cursor - 1] is happening
    after = AFTER.get((leg.state, happening))
    if said_last and (after is None or after is leg.state or is_behind):
        return Verdict.DOUBLE, cursor
    if is_behind and leg.state is ConnectionState.NULL:
        return Verdict.LATE, cursor
    if happening in BEGINNINGS and (is_behind or (leg.is_implied and after is None)):
        return Verdict.LATE, cursor
    if after is None and leg.state is ConnectionState.INITIATED and not leg.is_own_monitor(monitor):
        return Verdict.NEW, len(history) + 1  # only its own monitor tells that a device has dialled
    if after is None:
        return (Verdict.LATE, cursor) if is_behind else (Verdict.IMPOSSIBLE, len(history))
    return Verdict.NEW, len(history) + 1
