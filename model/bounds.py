"""How many calls are held at most: a switch that invents calls without end must not take the memory of everything.

What is beyond is not taken, and counted; it is taken later, in the middle of its life, when there is room again.
"""

from collections.abc import Iterable
from typing import Final

from model.reports import CallReport, CallSnapshot, Report, TransferReport
from model.state import ModelState

CALLS_EXCEEDED: Final = "calls_exceeded"
"""The condition that stands while calls are refused, and the name of their count."""


def is_beyond(s: ModelState, report: Report) -> bool:
    """Whether a report would begin a call for which there is no room."""
    if len(s.calls) < s.calls_max:
        return False
    if isinstance(report, CallReport):
        return s.ids.live(report.connection.call) is None
    if isinstance(report, CallSnapshot):
        return s.ids.live(report.call) is None
    if isinstance(report, TransferReport):
        olds = (report.primary_old, report.secondary_old)
        return all(s.ids.live(old.call) is None for old in olds if old is not None)
    return False


def with_room(s: ModelState, snapshots: Iterable[CallSnapshot]) -> list[CallSnapshot]:
    """Those of calls that are held, and of as many others as there is room for."""
    room = s.calls_max - len(s.calls)
    taken = []
    for snap in snapshots:
        is_held = s.ids.live(snap.call) is not None
        if is_held or room > 0:
            taken.append(snap)
            room -= not is_held
    return taken


def has_room_again(s: ModelState) -> bool:
    """Whether so many calls are over that it does not begin anew with the next one."""
    return len(s.calls) <= s.calls_max * 9 // 10
