"""Watches of made-up sites, as a subscriber would hold them."""

from dataclasses import replace

from model.ids import DeviceNumber, Microseconds
from model.states import ConnectionState, LinkState, PortKind
from model.view import Call, Device, Link, Snapshot
from protocol.client import SnapshotTaken
from tests.protocol import samples
from tests.protocol.samples import EPOCH, T0, party
from ultra.board.screen import Moment
from ultra.watching import Watch

SECOND_US = 1_000_000
NOW = Moment(T0 + 75 * SECOND_US, "08:01:15", 100.0)


def ports(kind: PortKind, first: int, count: int, prefix: str = "", name: str = "") -> list[Device]:
    """Monitored devices with rising numbers."""
    return [
        Device(
            DeviceNumber(f"{prefix}{number:0{4 - len(prefix)}}"), kind, name and f"{name} {number}", "", monitored=True
        )
        for number in range(first, first + count)
    ]


def call(number: int, *parties: tuple[str, ConnectionState, str], calling: str = "", called: str = "") -> Call:
    """A call with parties (device, state, trunk)."""
    held = samples.call(number, *(party(device, state, trunk) for device, state, trunk in parties))
    return replace(
        held,
        calling=DeviceNumber(calling or parties[0][0]),
        called=DeviceNumber(called or parties[-1][0]),
        began_us=Microseconds(T0 + number * SECOND_US),
    )


def watch(
    devices: list[Device],
    calls: tuple[Call, ...] = (),
    link: LinkState = LinkState.UP,
    reason: str = "61 devices monitored",
) -> Watch:
    """A watch that has taken this snapshot."""
    shown = Link(link, "csta-xml standard 10.0.0.1:8800", reason, T0)
    snapshot = Snapshot(7, shown, samples.LICENCE, tuple(devices), calls)
    made = Watch("127.0.0.1:7400")
    made.take(SnapshotTaken(EPOCH, snapshot), NOW.now)
    return made


def small_site() -> list[Device]:
    """Trunks, extensions with Chinese names, an IVR port, a queue."""
    return [
        *ports(PortKind.TRUNK, 1, 4, "T"),
        *ports(PortKind.EXT, 8001, 6, name="座席"),
        Device(DeviceNumber("8009"), PortKind.EXT, "前台 Reception", "", monitored=True),
        *ports(PortKind.IVR, 7001, 1),
        *ports(PortKind.QUEUE, 6000, 1),
    ]
