"""Faults on the way: seeded, counted, and each only of its kind."""

import random

import pytest

from gateway.links.csta_xml import messages as m
from simulator.faults import Faults, FaultyWire, shuffled
from simulator.monitors import Report
from simulator.session import Outgoing, Role

EVENT, SNAPSHOT = (
    Outgoing(Role.EVENT, "HeldEvent", b"event"),
    Outgoing(Role.RESPONSE, "SnapshotCallResponse", b"snap"),
)


def numbered(count: int) -> list[Outgoing]:
    return [Outgoing(Role.EVENT, "HeldEvent", bytes([number])) for number in range(count)]


def sent(faults: Faults, outgoing: list[Outgoing], at_us: int = 0) -> FaultyWire:
    wire = FaultyWire(faults, seed=7)
    for one in outgoing:
        wire.send(one, at_us)
    return wire


def test_without_faults_all_leaves_at_once_in_order_and_in_one_write() -> None:
    wire = sent(Faults(), numbered(5))
    assert wire.due(0) == [bytes(range(5))]
    assert wire.due(10**9) == []
    assert wire.deadline_us is None


def test_lose() -> None:
    wire = sent(Faults(lose=0.5), [*numbered(100), SNAPSHOT])
    [received] = wire.due(0)
    assert 20 < wire.lost < 80
    assert len(received) == 100 - wire.lost + 4
    assert received.endswith(b"snap")


def test_double() -> None:
    wire = sent(Faults(double=1.0), [EVENT, SNAPSHOT])
    assert wire.due(0) == [b"eventeventsnap"]
    assert wire.doubled == 1


def test_delay_keeps_the_order() -> None:
    wire = sent(Faults(delay=0.3, delay_seconds=1.0), numbered(50))
    assert len(b"".join(wire.due(0))) < 50
    assert wire.deadline_us is not None
    received = [b"".join(wire.due(now)) for now in range(0, 60_000_000, 1000)]
    assert b"".join(received) == bytes(range(50))[50 - len(b"".join(received)) :]


def test_reorder_lets_later_ones_pass() -> None:
    wire = sent(Faults(reorder=0.3), numbered(20))
    received = b"".join(wire.due(0)) + b"".join(wire.due(1_000_000))
    assert sorted(received) == list(range(20))
    assert received != bytes(range(20))


def test_snapshot_answers_are_overtaken_by_events() -> None:
    wire = sent(Faults(snapshot_delay_seconds=2.0), [SNAPSHOT, EVENT])
    assert wire.due(0) == [b"event"]
    assert wire.due(2_000_000) == [b"snap"]


def test_split_and_glue() -> None:
    wire = sent(Faults(split_bytes=2), [EVENT])
    assert wire.due(0) == [b"ev", b"en", b"t"]
    wire = sent(Faults(glue=True), [EVENT])
    wire.send(EVENT, 1)
    assert wire.due(1) == []
    assert wire.due(30_000) == [b"eventevent"]


def test_garbage_comes_before_messages() -> None:
    [received] = sent(Faults(garbage=1.0), [EVENT]).due(0)
    assert received.endswith(b"event")
    assert len(received) > 20


def test_silence() -> None:
    faults = Faults(silent=True)
    wire = sent(faults, [SNAPSHOT, EVENT])
    assert wire.due(10**9) == []
    assert wire.lost == 2


def test_flush_brings_everything_at_once() -> None:
    wire = sent(Faults(snapshot_delay_seconds=2.0), [SNAPSHOT, EVENT])
    assert sorted(b"".join(wire.flush())) == sorted(b"snapevent")
    assert wire.deadline_us is None


def test_the_same_seed_makes_the_same_faults() -> None:
    faults = Faults(lose=0.3, double=0.3, reorder=0.3)
    assert sent(faults, numbered(200)).due(10**9) == sent(faults, numbered(200)).due(10**9)


def test_monitors_are_mixed_and_keep_their_own_order() -> None:
    reports = [
        Report(1, f"M{number % 3}", m.DoNotDisturbEvent(f"M{number % 3}", None, bool(number))) for number in range(30)
    ]
    mixed = shuffled(reports, random.Random(1))
    assert mixed != reports
    for monitor in ("M0", "M1", "M2"):
        own = [report for report in reports if report.monitor_cross_ref_id == monitor]
        assert [report for report in mixed if report.monitor_cross_ref_id == monitor] == own


def test_faults_are_set_by_name_and_cleared() -> None:
    faults = Faults()
    faults.set("lose", 0.5)
    faults.set("silent", 1)
    faults.set("split_bytes", 3.0)
    assert (faults.lose, faults.silent, faults.split_bytes) == (0.5, True, 3)
    with pytest.raises(KeyError):
        faults.set("colour", 1)
    faults.clear()
    assert faults == Faults()
