"""What the switch answers when asked how things stand (ECMA-269 clause 16) and which devices it has (13.1.3)."""

from __future__ import annotations

from gateway.links.csta_xml.messages import (
    DeviceCategory,
    ListedDevice,
    SnapshotCallInfo,
    SnapshotDeviceInfo,
)
from simulator.calls import Call
from simulator.devices import Device
from simulator.switch import Switch


def device_snapshot(device: Device) -> tuple[SnapshotDeviceInfo, ...]:
    """All connections of the device; each compound state begins with the device's own."""
    return tuple(
        SnapshotDeviceInfo(
            leg.connection,
            compound_state=(leg.state, *(other.state for other in leg.call.legs if other is not leg)),
        )
        for leg in device.legs
    )


def call_snapshot(call: Call) -> tuple[SnapshotCallInfo, ...]:
    """All parties of the call."""
    return tuple(SnapshotCallInfo(leg.ref, leg.connection, leg.state) for leg in call.legs)


def device_list(switch: Switch, category: DeviceCategory | None) -> tuple[ListedDevice, ...]:
    """Devices in order of installation, all or those of a category."""
    return tuple(
        ListedDevice(device.device_id, device.kind.value)
        for device in switch.devices.values()
        if category is None or device.kind.value is category
    )


def call_table(switch: Switch) -> dict[str, dict[str, str]]:
    """The switch's live calls: call id → device part of each connection → its state."""
    return {call.call_id: call.states for call in switch.calls.values()}
