"""Which request caused an event: what an accepted command makes us expect of a device, for a while."""

from dataclasses import dataclass

from model.commands import CommandKind
from model.events import CallEventKind as Event
from model.ids import DeviceNumber, Microseconds, RequestRef

EXPECTED_US = Microseconds(10_000_000)
"""A switch that has accepted acts within seconds; later the same event is someone's own doing."""

EFFECTS: dict[CommandKind, tuple[Event, ...]] = {
    CommandKind.MAKE_CALL: (Event.SERVICE_INITIATED, Event.ORIGINATED),
    CommandKind.ANSWER_CALL: (Event.ESTABLISHED,),
    CommandKind.CLEAR_CONNECTION: (Event.CONNECTION_CLEARED,),
    CommandKind.CLEAR_CALL: (Event.CONNECTION_CLEARED, Event.CALL_CLEARED),
    CommandKind.HOLD_CALL: (Event.HELD,),
    CommandKind.RETRIEVE_CALL: (Event.RETRIEVED,),
    CommandKind.ALTERNATE_CALL: (Event.HELD, Event.RETRIEVED),
    CommandKind.RECONNECT_CALL: (Event.CONNECTION_CLEARED, Event.RETRIEVED),
    CommandKind.CONSULTATION_CALL: (Event.HELD, Event.SERVICE_INITIATED, Event.ORIGINATED),
    CommandKind.TRANSFER_CALL: (Event.TRANSFERRED,),
    CommandKind.SINGLE_STEP_TRANSFER: (Event.TRANSFERRED,),
    CommandKind.CONFERENCE_CALL: (Event.CONFERENCED,),
    CommandKind.SINGLE_STEP_CONFERENCE: (Event.CONFERENCED,),
    CommandKind.DEFLECT_CALL: (Event.DIVERTED,),
}


@dataclass(slots=True)
class _Expectation:
    request: RequestRef
    device: DeviceNumber
    kinds: set[Event]
    until_us: Microseconds


class Expectations:
    """Open expectations, oldest first; each kind of event is claimed once."""

    def __init__(self) -> None:
        self._open: list[_Expectation] = []

    def add(self, request: RequestRef, kind: CommandKind, device: DeviceNumber, now: Microseconds) -> None:
        """A command leaves for the switch: its events may come before the answer."""
        if kinds := EFFECTS.get(kind):
            self._open.append(_Expectation(request, device, set(kinds), Microseconds(now + EXPECTED_US)))

    def withdraw(self, request: RequestRef) -> None:
        """The switch refused."""
        self._open = [one for one in self._open if one.request != request]

    def claim(self, kind: Event, device: DeviceNumber, now: Microseconds) -> RequestRef | None:
        """The request that an event of this device answers to, if any."""
        if not self._open:
            return None
        self._open = [one for one in self._open if one.until_us > now and one.kinds]
        for one in self._open:
            if one.device == device and kind in one.kinds:
                one.kinds.discard(kind)
                return one.request
        return None
