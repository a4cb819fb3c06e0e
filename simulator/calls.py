"""Calls and their legs as the simulated switch keeps them. Plain records: the rules stand in the processing modules."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.links.csta_xml.messages import RESTRICTED as RESTRICTED_NUMBER
from gateway.links.csta_xml.messages import ConnectionID, DeviceRef, LocalConnectionState
from simulator.devices import Device, DeviceKind

State = LocalConnectionState


@dataclass(slots=True, eq=False)
class Leg:
    """A device in a call (a connection, ECMA-269 6.1.4). `shown` is the party's number as others see it."""

    call: Call
    device: Device
    state: State
    shown: str

    @property
    def connection(self) -> ConnectionID:
        return ConnectionID(self.call.call_id, self.device.device_id)

    @property
    def ref(self) -> DeviceRef:
        return party_ref(self.shown)


@dataclass(slots=True, eq=False)
class Call:
    """One call. `calling` and `called` are numbers as shown; `redirected_by` the device that diverted it last."""

    call_id: str
    calling: str
    called: str
    began_us: int
    legs: list[Leg] = field(default_factory=list)
    redirected_by: str | None = None
    entry: Device | None = None
    """The trunk by which an outside caller came in."""
    is_answered: bool = False

    def leg_of(self, device: Device) -> Leg | None:
        return next((leg for leg in self.legs if leg.device is device), None)

    @property
    def entry_leg(self) -> Leg | None:
        """The outside caller's leg, while the caller is in the call."""
        return None if self.entry is None else self.leg_of(self.entry)

    def first(self, *states: State) -> Leg | None:
        """The oldest leg in one of `states`."""
        return next((leg for leg in self.legs if leg.state in states), None)

    @property
    def states(self) -> dict[str, str]:
        return {leg.device.device_id: leg.state.value for leg in self.legs}


def party_ref(number: str) -> DeviceRef:
    """A caller who hides the number has the empty one."""
    return DeviceRef.of(number) if number else RESTRICTED_NUMBER


def is_outside(leg: Leg) -> bool:
    return leg.device.kind is DeviceKind.TRUNK
