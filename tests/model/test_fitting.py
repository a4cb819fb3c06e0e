"""A call of any size fits the frames of its events."""

import pytest

from model.causes import Cause
from model.core import CallModel
from model.fitting import FEW, named, shown
from model.ids import ConnectionKey, DeviceNumber, Microseconds, SwitchCallId, SwitchConnection
from model.mirror import Mirror
from model.reports import CallReport, CallSnapshot, Happening, PartySnapshot
from model.states import ConnectionState, LinkState
from model.view import Connection, Licence, Link
from protocol.codec import decode, encode
from protocol.frame import FrameReader
from protocol.limits import BODY_BYTES_MAX_SERVER
from protocol.packing import snapshot_body
from protocol.snapshots import pack_snapshot, read_snapshot

AT = Microseconds(1)


def connection(number: int, length: int = 4) -> Connection:
    name = f"{number:0{length}}"
    return Connection(ConnectionKey(name), DeviceNumber(name), ConnectionState.CONNECTED, AT, DeviceNumber(""))


@pytest.mark.parametrize(
    ("parties", "length", "fit"), [(FEW, 500, FEW), (400, 4, 400), (5_000, 4, 769), (100, 500, 19)]
)
def test_as_many_as_fit(parties: int, length: int, fit: int) -> None:
    connections = [connection(number, length) for number in range(parties)]
    assert shown(connections) == tuple(connections[:fit])


def test_as_many_devices_as_fit() -> None:
    numbers = [DeviceNumber(f"{number:0500}") for number in range(1_000)]
    assert list(named(numbers)) == numbers[:115]
    assert list(named(numbers[:FEW])) == numbers[:FEW]


@pytest.mark.parametrize("length", [4, 500])
def test_a_switch_that_names_thousands_of_parties_does_not_end_us(length: int) -> None:
    model = CallModel(1, Link(LinkState.UP, "", "", Microseconds(0)), Licence("", "", 0, 0, ""))
    mirror = Mirror(model.snapshot())
    parties = tuple(
        PartySnapshot(DeviceNumber(f"{n:0{length}}"), ConnectionKey(f"{n:0{length}}"), ConnectionState.CONNECTED)
        for n in range(6_000)
    )
    first = CallSnapshot(SwitchCallId("1"), AT, AT, parties)
    gone = CallReport(
        Happening.CONNECTION_CLEARED, None, SwitchConnection(SwitchCallId("1"), parties[0].key or ConnectionKey("")),
        Microseconds(2), subject=parties[0].device, cause=Cause.NONE,
    )  # fmt: skip
    for step in (model.whole_switch([first], AT, AT), model.report(gone)):
        for event in step.events:
            (frame,) = FrameReader(BODY_BYTES_MAX_SERVER).receive(encode(event))
            assert decode(frame.kind, frame.number, frame.body) == event
            mirror.apply(event)
    assert mirror.snapshot() == model.snapshot()
    assert model.counts["parties_exceeded"] == 2
    assert len(snapshot_body(mirror.snapshot().calls[0])[1]) < 65_535
    packed = pack_snapshot(model.snapshot(), 1)
    assert read_snapshot(FrameReader(BODY_BYTES_MAX_SERVER).receive(packed)) == model.snapshot()
