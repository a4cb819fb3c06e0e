"""The switch's names become port.cfg's; connections keep the switch's keys."""

import pytest

from gateway.links.csta_xml.messages import (
    RESTRICTED,
    CallEvent,
    CallEventKind,
    ConnectionID,
    ConnectionListItem,
    DeviceRef,
    DoNotDisturbEvent,
    EventCause,
    ForwardingEvent,
    LocalConnectionState,
    Security,
    SimpleCallState,
    SnapshotCallInfo,
    SnapshotDeviceInfo,
)
from gateway.links.csta_xml.normalise import (
    ID_CHARACTERS_MAX,
    NUMBER_CHARACTERS_MAX,
    Normaliser,
    cause,
    happened_us,
    own_state,
)
from model.causes import Cause
from model.ids import NO_DEVICE, ConnectionKey, DeviceNumber, Microseconds, SwitchCallId, SwitchConnection
from model.reports import CallReport, DeviceFlag, Happening, TransferReport
from model.states import ConnectionState
from tests.gateway.links.csta_xml.far_end import event, ports

NOW = Microseconds(1)
ME = DeviceNumber("8001")
PORTS = ports('EXT 8001 device="N<+86218001>";;EXT 8002;;TRUNK T001 device="7:1"')


@pytest.fixture
def normaliser() -> Normaliser:
    return Normaliser(PORTS)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("N<+86218001>", "8001"),
        ("N<+86218001>Line00001;displayNumber=00001", "8001"),
        ("N<+86218001>;x", "8001"),
        ("8002", "8002"),
        ("8002;ext=1", "8002"),
        ("7:1", "T001"),
        ("N<+8613800001111>;display=x", "+8613800001111"),
        ("<0139>", "0139"),
        ("13800001111", "13800001111"),
        ("", ""),
    ],
)
def test_numbers(normaliser: Normaliser, written: str, number: str) -> None:
    assert normaliser.number(written) == number


def call_report(normaliser: Normaliser, told: CallEvent) -> CallReport:
    report = normaliser.report(told, ME, NOW)
    assert isinstance(report, CallReport)
    return report


def test_every_kind_of_call_event_has_its_happening(normaliser: Normaliser) -> None:
    for kind in CallEventKind:
        report = normaliser.report(event(kind.name, "8001", "7:8002", calling="8002"), ME, NOW)
        if kind in (CallEventKind.TRANSFERRED, CallEventKind.CONFERENCED):
            assert isinstance(report, TransferReport)
            assert report.is_conference == (kind is CallEventKind.CONFERENCED)
        else:
            assert isinstance(report, CallReport)
            assert report.happening.name == kind.name


def test_an_event_without_connection_is_no_report(normaliser: Normaliser) -> None:
    assert normaliser.report(CallEvent(CallEventKind.HELD, "M1"), ME, NOW) is None


def test_the_key_is_kept_and_the_subject_named(normaliser: Normaliser) -> None:
    told = event("DELIVERED", "8001", "7:dynamic-5", subject="N<+86218001>", calling="13800001111", called="8002")
    report = call_report(normaliser, told)
    assert report.connection == SwitchConnection(SwitchCallId("7"), ConnectionKey("dynamic-5"))
    assert (report.subject, report.calling, report.called) == ("8001", "13800001111", "8002")


def test_a_trunk_stands_for_the_party_behind_it(normaliser: Normaliser) -> None:
    report = call_report(normaliser, event("ESTABLISHED", "8001", "7:7:1", subject="13800001111"))
    assert (report.subject, report.trunk) == ("13800001111", "T001")
    cleared = call_report(normaliser, event("CONNECTION_CLEARED", "8001", "7:7:1", subject="8002"))
    assert (cleared.subject, cleared.trunk, cleared.other) == (None, "T001", "8002")
    reached = call_report(normaliser, event("NETWORK_REACHED", "8001", "7:7:1", called="139"))
    assert (reached.subject, reached.trunk, reached.called) == ("T001", None, "139")


def test_an_outside_caller_who_hears_that_the_other_failed_is_still_who_called(normaliser: Normaliser) -> None:
    """ECMA-269 17.2.9: failingDevice is the device that failed, the connection is the caller's."""
    told = event("FAILED", "T001", "7:7:1", subject="1999", calling="13800001111", called="1999",
                 originating_nid=ConnectionID("7", "7:1"))  # fmt: skip
    failed = call_report(normaliser, told)
    assert (failed.subject, failed.trunk, failed.other) == ("13800001111", "T001", "1999")
    outbound = call_report(normaliser, event("FAILED", "8001", "7:7:1", subject="139", calling="8001", called="139"))
    assert (outbound.subject, outbound.trunk) == ("139", "T001")


def test_who_releases_need_not_be_who_leaves(normaliser: Normaliser) -> None:
    report = call_report(normaliser, event("CONNECTION_CLEARED", "8001", "7:8002", subject="N<+86218001>"))
    assert (report.subject, report.other) == ("8002", "8001")


def test_an_anonymous_caller_is_nobody_s_number(normaliser: Normaliser) -> None:
    told = CallEvent(CallEventKind.DELIVERED, "M1", connection=ConnectionID("7", "8002"), calling=RESTRICTED)
    assert call_report(normaliser, told).calling == NO_DEVICE


def test_a_transfer_s_rows(normaliser: Normaliser) -> None:
    rows = (
        ConnectionListItem(ConnectionID("9", "8002"), ConnectionID("7", "8002"), None),
        ConnectionListItem(ConnectionID("9", "7:1"), None, DeviceRef.endpoint("7:1")),
        ConnectionListItem(None, ConnectionID("7", "x"), None),
    )
    told = CallEvent(CallEventKind.TRANSFERRED, "M1", connection=ConnectionID("7", "x"), connections=rows)
    report = normaliser.report(told, ME, NOW)
    assert isinstance(report, TransferReport)
    assert [(row.device, row.old is None) for row in report.connections] == [("8002", False), (None, True)]
    assert report.secondary_old is None


def test_device_events(normaliser: Normaliser) -> None:
    other = DeviceRef.of("8002")
    off = normaliser.device_report(DoNotDisturbEvent("M1", other, False), ME, NOW)
    assert (off.device, off.flag) == ("8002", DeviceFlag.DO_NOT_DISTURB_OFF)
    on = normaliser.device_report(ForwardingEvent("M1", None, None, True, "N<+86218001>"), ME, NOW)
    assert (on.device, on.flag, on.forward_to) == ("8001", DeviceFlag.FORWARDING_ON, "8001")
    for told in (ForwardingEvent("M1", None, None, False, "8002"), ForwardingEvent("M1", None, None, True)):
        assert normaliser.device_report(told, ME, NOW).flag is DeviceFlag.FORWARDING_OFF


def test_snapshot_rows(normaliser: Normaliser) -> None:
    party = normaliser.party(SnapshotCallInfo(DeviceRef.of("7:1"), ConnectionID("7", "7:1"), LocalConnectionState.HOLD))
    assert (party.device, party.key, party.state, party.trunk) == (None, "7:1", ConnectionState.HOLD, "T001")
    unsaid = normaliser.party(SnapshotCallInfo(DeviceRef.of("8002"), None))
    assert (unsaid.device, unsaid.key, unsaid.state) == ("8002", None, ConnectionState.CONNECTED)
    rows = (
        SnapshotDeviceInfo(ConnectionID("7", "a"), simple_state=SimpleCallState.CALL_RECEIVED),
        SnapshotDeviceInfo(None),
    )
    assert normaliser.calls_of_device(rows) == (
        (SwitchConnection(SwitchCallId("7"), ConnectionKey("a")), ConnectionState.ALERTING),
    )


def test_own_states() -> None:
    """The compound state names the snapshot device first; the simple one says it by its name."""
    both = (LocalConnectionState.HOLD, LocalConnectionState.CONNECTED)
    assert own_state(SnapshotDeviceInfo(None, compound_state=both)) is ConnectionState.HOLD
    expected = {"callReceived": "ALERTING", "callDeliveredHeld": "HOLD", "callPending": "INITIATED", "callNull": "NULL"}
    for written, state in expected.items():
        row = SnapshotDeviceInfo(None, simple_state=SimpleCallState(written))
        assert own_state(row) is ConnectionState[state]
    for simple in SimpleCallState:
        assert own_state(SnapshotDeviceInfo(None, simple_state=simple)) in ConnectionState
    assert own_state(SnapshotDeviceInfo(None, state_unknown=True)) is ConnectionState.CONNECTED


def test_causes() -> None:
    assert cause(None) is Cause.NONE
    assert cause("a maker's own") is Cause.OTHER
    assert all(cause(one) is not Cause.OTHER for one in EventCause), [
        one for one in EventCause if cause(one) is Cause.OTHER
    ]


@pytest.mark.parametrize(
    ("stamp", "microseconds"),
    [
        ("1970-01-01T00:00:01Z", 1_000_000),
        ("1970-01-01T08:00:01.5+08:00", 1_500_000),
        ("1970-01-01T00:00:01", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_time_stamps(stamp: str | None, microseconds: int | None) -> None:
    told = event("HELD", "8001", "7:8001", security=Security(1, stamp))
    assert happened_us(told) == microseconds
    assert happened_us(event("HELD", "8001", "7:8001")) is None


def test_learned_names_stay(normaliser: Normaliser) -> None:
    normaliser.learn(ports("EXT 8005 device=new"))
    assert normaliser.number("new") == "8005"
    assert normaliser.number("N<+86218001>") == "8001"
    assert Happening.HELD is call_report(normaliser, event("HELD", "8001", "7:new")).happening


# -- what no switch sends, and a peer may ------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["call", "device"])
def test_an_id_longer_than_any_switch_s_is_no_connection(normaliser: Normaliser, field: str) -> None:
    long = "7" * (ID_CHARACTERS_MAX + 1)
    written = ConnectionID(long, "8001") if field == "call" else ConnectionID("1", long)
    told = CallEvent(CallEventKind.HELD, "M1", written, subject=DeviceRef.of("8001"))
    assert normaliser.report(told, ME, NOW) is None
    row = SnapshotDeviceInfo(written, simple_state=SimpleCallState.CALL_ESTABLISHED)
    assert normaliser.calls_of_device([row]) == ()
    assert normaliser.parties([SnapshotCallInfo(DeviceRef.of("8001"), written)]) == ()


def test_a_number_longer_than_any_is_cut(normaliser: Normaliser) -> None:
    assert normaliser.number("1" * 1_000) == "1" * NUMBER_CHARACTERS_MAX


@pytest.mark.parametrize(("written", "kept"), [(3, 3), (-1, None), (2**32 - 1, 2**32 - 1), (2**32, None)])
def test_a_count_that_no_event_can_carry_is_left_out(normaliser: Normaliser, written: int, kept: int | None) -> None:
    told = CallEvent(CallEventKind.QUEUED, "M1", ConnectionID("1", "8001"), number_queued=written)
    assert call_report(normaliser, told).number_queued == kept
