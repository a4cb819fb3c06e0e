"""Checks that what one device monitor is told is a story that ECMA-269 allows, and keeps what it would believe.

Written from the standard's connection state model (6.1.5 and the event clauses of 17.2), not from the simulator.
"""

from gateway.links.csta_xml.messages import CallEvent, CallEventKind, LocalConnectionState

Kind = CallEventKind
State = LocalConnectionState

OWN_STEPS: dict[Kind, tuple[tuple[State, ...], State]] = {
    Kind.SERVICE_INITIATED: ((State.NULL,), State.INITIATED),
    Kind.ORIGINATED: ((State.NULL, State.INITIATED), State.CONNECTED),
    Kind.DELIVERED: ((State.NULL,), State.ALERTING),
    Kind.QUEUED: ((State.NULL, State.ALERTING), State.QUEUED),
    Kind.ESTABLISHED: ((State.NULL, State.ALERTING, State.CONNECTED), State.CONNECTED),
    Kind.NETWORK_REACHED: ((State.NULL,), State.CONNECTED),
    Kind.HELD: ((State.CONNECTED,), State.HOLD),
    Kind.RETRIEVED: ((State.HOLD,), State.CONNECTED),
    Kind.DIVERTED: ((State.ALERTING, State.QUEUED), State.NULL),
    Kind.FAILED: ((State.INITIATED, State.CONNECTED, State.HOLD), State.FAIL),
    Kind.CONNECTION_CLEARED: (
        (State.INITIATED, State.ALERTING, State.CONNECTED, State.HOLD, State.QUEUED, State.FAIL),
        State.NULL,
    ),
}
"""What happens to the monitor's own device: from which states to which."""
BEGINNINGS = (Kind.SERVICE_INITIATED, Kind.DELIVERED, Kind.QUEUED, Kind.ESTABLISHED, Kind.NETWORK_REACHED)


class Watcher:
    """One monitor's view. `calls` is the state of its device in each call that it believes alive."""

    def __init__(self, device_id: str, is_trunk: bool) -> None:
        self.calls: dict[str, State] = {}
        self.device_id = device_id
        self._is_trunk = is_trunk

    def see(self, event: CallEvent) -> None:
        """AssertionError when this event cannot come now."""
        assert event.connection is not None, event
        assert event.local_state is not None, event
        if event.kind in (Kind.TRANSFERRED, Kind.CONFERENCED):
            self._rekey(event)
        elif event.connection.device_id == self.device_id:
            self._own(event, event.connection.call_id)
        else:
            self._others(event, event.connection.call_id)

    def _own(self, event: CallEvent, call_id: str) -> None:
        # An outside caller's own side begins without an event of its own.
        unknown = State.CONNECTED if self._is_trunk and event.kind is Kind.FAILED else State.NULL
        before = self.calls.get(call_id, unknown)
        assert before is not State.NULL or event.kind in BEGINNINGS, f"{event.kind} of a call nobody knew: {event}"
        allowed, after = OWN_STEPS[event.kind]
        assert before in allowed, f"{event.kind} in state {before}: {event}"
        assert event.local_state is after, f"{event.kind} leads to {event.local_state}: {event}"
        self._set(call_id, after)

    def _others(self, event: CallEvent, call_id: str) -> None:
        assert event.local_state is not None
        if self._is_trunk and call_id not in self.calls:
            self.calls[call_id] = State.CONNECTED
        assert call_id in self.calls, f"told of a call its device is not in: {event}"
        assert self.calls[call_id] is event.local_state, f"state was {self.calls[call_id]}: {event}"

    def _rekey(self, event: CallEvent) -> None:
        assert event.local_state is not None
        assert event.connection is not None
        assert event.connections, f"no connection list: {event}"
        state = State.NULL
        new_call = ""
        for item in event.connections:
            assert item.new_connection is not None
            if item.new_connection.device_id == self.device_id:
                new_call = item.new_connection.call_id
                old = item.old_connection
                state = State.CONNECTED if old is None else self.calls[old.call_id]
        olds = [event.connection.call_id]
        if event.secondary_old_call is not None:
            olds.append(event.secondary_old_call.call_id)
        assert any(old in self.calls for old in olds) or state is State.CONNECTED, f"of calls nobody knew: {event}"
        for old_call in olds:
            self.calls.pop(old_call, None)
        assert event.local_state is state, f"state should be {state}: {event}"
        if state is not State.NULL:
            self.calls[new_call] = state

    def _set(self, call_id: str, state: State) -> None:
        if state is State.NULL:
            del self.calls[call_id]
        else:
            self.calls[call_id] = state
