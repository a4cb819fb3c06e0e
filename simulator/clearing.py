"""How calls end: one party leaves, or all do (ECMA-269 17.1.8, 17.1.9, 17.2.4)."""

from __future__ import annotations

from gateway.links.csta_xml.messages import CallEventKind, DeviceRef, EventCause
from simulator.calls import Call, Leg, State
from simulator.distributing import legs_freed
from simulator.switch import Switch

_TALKERS = (State.INITIATED, State.CONNECTED, State.HOLD, State.FAIL)


def clear_leg(switch: Switch, leg: Leg, cause: EventCause = EventCause.NORMAL_CLEARING) -> None:
    """The party leaves. A call that is left with one party, or with none that talks, is cleared whole."""
    call = leg.call
    releasing = leg.ref
    devices = [other.device for other in call.legs]
    _drop(switch, leg, releasing, cause)
    if len(call.legs) < 2 or call.first(*_TALKERS) is None:
        while call.legs:
            _drop(switch, call.legs[0], releasing, cause)
    if not call.legs:
        switch.end_call(call, cause)
    legs_freed(switch, devices)


def clear_call(switch: Switch, call: Call, cause: EventCause = EventCause.NORMAL_CLEARING) -> None:
    """All parties are released, each by itself in the order in which they joined."""
    devices = [leg.device for leg in call.legs]
    while call.legs:
        _drop(switch, call.legs[0], call.legs[0].ref, cause)
    switch.end_call(call, cause)
    legs_freed(switch, devices)


def _drop(switch: Switch, leg: Leg, releasing: DeviceRef, cause: EventCause) -> None:
    connection = leg.connection
    switch.leave(leg)
    switch.report(
        leg.call,
        CallEventKind.CONNECTION_CLEARED,
        cause,
        left=(leg,),
        connection=connection,
        subject=releasing,
    )
