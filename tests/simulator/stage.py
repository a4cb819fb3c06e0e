"""A switch with monitors, and what they were told, as lines that a test can show."""

from gateway.links.csta_xml.messages import (
    AgentEvent,
    CallEvent,
    CSTAErrorCode,
    DoNotDisturbEvent,
    ForwardingEvent,
    MessageWaitingEvent,
    ServiceStateEvent,
)
from gateway.links.csta_xml.messages.elements import CstaMessage
from simulator.calls import Leg, State
from simulator.monitors import Monitor
from simulator.originating import call_in, make_call
from simulator.switch import SECOND_US, Plan, Switch

EXTENSIONS = ("1000", "1001", "1002", "1003", "1004")


class Stage:
    """A switch whose `watched` devices each have a monitor; `told()` gives what happened since the last time."""

    def __init__(self, watched: str = "1000 1001 1002", plan: Plan | None = None) -> None:
        self.switch = Switch(plan or Plan(extensions=EXTENSIONS, trunks=3, outside_answers_seconds=None))
        self._watchers: dict[str, str] = {}
        for client, number in enumerate(watched.split(), start=1):
            monitor = self.switch.monitors.start(client, self.switch.devices[number], None, None)
            assert isinstance(monitor, Monitor)
            self._watchers[monitor.cross_ref_id] = number

    def told(self) -> list[str]:
        return [self._line(report.event) for report in self.switch.take_reports()]

    def pass_seconds(self, seconds: float) -> None:
        self.switch.pass_time(self.switch.now_us + int(seconds * SECOND_US))

    def call(self, caller: str, called: str) -> Leg:
        leg = make_call(self.switch, caller, called)
        assert isinstance(leg, Leg), leg
        return leg

    def call_in(self, outside: str, called: str) -> Leg:
        leg = call_in(self.switch, outside, called)
        assert leg is not None
        return leg

    def leg(self, number: str, state: State | None = None) -> Leg:
        device = self.switch.devices[number]
        return next(leg for leg in device.legs if state is None or leg.state is state)

    def _line(self, event: CstaMessage) -> str:
        assert isinstance(
            event,
            CallEvent | AgentEvent | ServiceStateEvent | DoNotDisturbEvent | ForwardingEvent | MessageWaitingEvent,
        )
        watcher = self._watchers[event.monitor_cross_ref_id]
        if not isinstance(event, CallEvent):
            kind = event.kind.value if isinstance(event, AgentEvent | ServiceStateEvent) else type(event).__name__
            return f"{watcher}: {kind.removesuffix('Event')}"
        assert event.connection is not None
        kind = event.kind.value.removesuffix("Event")
        state = event.local_state.value if event.local_state is not None else "-"
        connection = f"{event.connection.call_id}:{event.connection.device_id}"
        return f"{watcher}: {kind} {connection} {event.cause} ({state})"


def refusal(answer: object) -> str:
    """The error's name, or what came instead."""
    return answer.value if isinstance(answer, CSTAErrorCode) else f"no refusal: {answer}"
