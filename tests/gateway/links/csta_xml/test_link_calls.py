"""Calls that other links get wrong, as a switch tells them over TCP, and what the call model makes of them.

The second half of the list in `test_session_checklist`. The expectations were worked out by hand from ECMA-269.
"""

import pytest

from gateway.links.csta_xml.framing import frame
from gateway.links.csta_xml.messages import (
    CallEvent,
    CallEventKind,
    ConnectionID,
    ConnectionListItem,
    DeviceRef,
    GetSwitchingFunctionDevices,
    GetSwitchingFunctionDevicesResponse,
    ListedDevice,
    MakeCall,
    MakeCallResponse,
    SnapshotCall,
    SnapshotCallData,
    SnapshotCallResponse,
    SnapshotDevice,
    SnapshotDeviceData,
    SnapshotDeviceResponse,
    SwitchingFunctionDevices,
)
from model.commands import Command, CommandKind
from model.events import CallEvent as ModelEvent
from model.ids import DeviceNumber, RequestRef
from tests.gateway.links.csta_xml.far_end import FarEnd, event
from tests.gateway.links.csta_xml.linked import Linked, linked
from tests.waiting import until


def dialled(a: str, b: str, call: str) -> list[CallEvent]:
    """`a` calls `b`, both monitored, up to ringing."""
    return [
        event("SERVICE_INITIATED", a, f"{call}:{a}"),
        event("ORIGINATED", a, f"{call}:{a}", calling=a, called=b),
        event("DELIVERED", a, f"{call}:{b}", calling=a, called=b),
        event("DELIVERED", b, f"{call}:{b}", calling=a, called=b),
    ]


def answered(a: str, b: str, call: str) -> list[CallEvent]:
    return [event("ESTABLISHED", who, f"{call}:{b}", calling=a, called=b) for who in (a, b)]


def cleared(a: str, b: str, call: str) -> list[CallEvent]:
    """`a` hangs up first."""
    return [
        event("CONNECTION_CLEARED", a, f"{call}:{a}"),
        event("CONNECTION_CLEARED", b, f"{call}:{a}"),
        event("CONNECTION_CLEARED", b, f"{call}:{b}", subject=a),
    ]


def connection(text: str) -> ConnectionID:
    call, _, device = text.partition(":")
    return ConnectionID(call, device)


def rekeyed(new: str, old: str | None, device: str) -> ConnectionListItem:
    return ConnectionListItem(connection(new), None if old is None else connection(old), DeviceRef.endpoint(device))


def merged(
    kind: CallEventKind,
    monitor: str,
    primary: str,
    secondary: str | None,
    acting: str,
    target: str,
    rows: list[ConnectionListItem],
) -> CallEvent:
    return CallEvent(
        kind,
        f"M{monitor}",
        connection=connection(primary),
        secondary_old_call=None if secondary is None else connection(secondary),
        subject=DeviceRef.of(acting),
        target=DeviceRef.of(target),
        connections=tuple(rows),
    )


async def make_call(site: Linked) -> list[ModelEvent]:
    """8001 calls 8002 by a request; the events it made."""
    command = Command(CommandKind.MAKE_CALL, DeviceNumber("8001"), destination="8002")
    outcome = await site.owner.execute(3, 77, command)
    assert outcome.refusal is None
    await site.taken_in()
    return [one for one in site.events if isinstance(one, ModelEvent)]


async def responses_and_events(*, events_first: bool) -> list[ModelEvent]:
    """The events of a call made by a request, with its response before or after them."""
    far_end = FarEnd()
    events = [far_end.says(one) for one in dialled("8001", "8002", "7")]
    response = MakeCallResponse(connection("7:8001"))
    far_end.replies[MakeCall] = lambda _: [*events, response] if events_first else [response, *events]
    async with linked(far_end) as site:
        await site.until_up()
        made = await make_call(site)
        assert site.mismatches == 0
    return made


async def test_response_before_its_events() -> None:
    made = await responses_and_events(events_first=False)
    assert [one.kind.name for one in made] == ["SERVICE_INITIATED", "ORIGINATED", "DELIVERED"]
    assert [one.request for one in made] == [RequestRef(3, 77), RequestRef(3, 77), None]


async def test_response_after_its_events() -> None:
    made = await responses_and_events(events_first=True)
    assert [one.kind.name for one in made] == ["SERVICE_INITIATED", "ORIGINATED", "DELIVERED"]
    assert [one.request for one in made] == [RequestRef(3, 77), RequestRef(3, 77), None]


@pytest.mark.parametrize("call", ["0", "-12", "00000000000000000000000000abcdef"])
async def test_call_ids_that_look_like_nothing(call: str) -> None:
    async with linked() as site:
        await site.until_up()
        await site.tell(*dialled("8001", "8002", call), *answered("8001", "8002", call))
        assert site.calls == {call: {"8001": "connected", "8002": "connected"}}
        told = await site.tell(*cleared("8001", "8002", call))
        assert told == ["connection_cleared 8001", "connection_cleared 8002"]
        assert site.calls == {}
        assert site.mismatches == 0


async def test_a_call_id_used_again_at_once() -> None:
    async with linked() as site:
        await site.until_up()
        for a, b in (("8001", "8002"), ("8003", "8004"), ("8002", "8001")):
            told = await site.tell(*dialled(a, b, "5"), *answered(a, b, "5"))
            assert told == [f"service_initiated {a}", f"originated {a}", f"delivered {b}", f"established {b}"]
            assert site.calls == {"5": {a: "connected", b: "connected"}}
            clear_call = [event("CALL_CLEARED", who, "5:") for who in (a, b)]
            await site.tell(*cleared(a, b, "5"), *clear_call)
            assert site.calls == {}
        begun = {call.call_id for one in site.events if isinstance(one, ModelEvent) for call in one.calls}
        assert len(begun) == 3
        assert site.mismatches == 0


async def consulted(site: Linked) -> None:
    """8001 talks to 8002 (call 1), holds, and talks to 8003 (call 2)."""
    await site.tell(*dialled("8001", "8002", "1"), *answered("8001", "8002", "1"))
    await site.tell(*(event("HELD", who, "1:8001") for who in ("8001", "8002")))
    await site.tell(*dialled("8001", "8003", "2"), *answered("8001", "8003", "2"))
    assert site.calls == {
        "1": {"8001": "hold", "8002": "connected"},
        "2": {"8001": "connected", "8003": "connected"},
    }


async def test_a_transfer_without_secondary_old_call() -> None:
    async with linked() as site:
        await site.until_up()
        await site.tell(*dialled("8001", "8002", "1"), *answered("8001", "8002", "1"))
        # 8002 sends the caller on to 8003 in a single step: the call keeps its id.
        rows = [rekeyed("1:8001", "1:8001", "8001"), rekeyed("1:8003", None, "8003")]
        transfer = [
            merged(CallEventKind.TRANSFERRED, who, "1:8002", None, "8002", "8003", rows)
            for who in ("8001", "8002", "8003")
        ]
        told = await site.tell(*transfer)
        assert told[0] == "transferred 8002"
        assert set(site.calls["1"]) == {"8001", "8003"}
        assert site.mismatches == 0
        await site.tell(event("CONNECTION_CLEARED", "8001", "1:8001"), event("CONNECTION_CLEARED", "8003", "1:8001"))
        await site.tell(event("CONNECTION_CLEARED", "8003", "1:8003", subject="8001"))
        assert site.calls == {}


async def test_a_transfer_whose_list_has_new_ids() -> None:
    async with linked() as site:
        await site.until_up()
        await consulted(site)
        first = min(site.mirror.calls)
        rows = [rekeyed("3:8002", "1:8002", "8002"), rekeyed("3:8003", "2:8003", "8003")]
        told = await site.tell(
            *(
                merged(CallEventKind.TRANSFERRED, who, "1:8001", "2:8001", "8001", "8003", rows)
                for who in ("8003", "8001", "8002")
            )
        )
        assert told == ["transferred 8001"]
        assert site.calls == {"3": {"8002": "connected", "8003": "connected"}}
        (call,) = site.mirror.calls.values()
        assert str(call.conversation_id) == str(first)
        await site.tell(*cleared("8002", "8003", "3"))
        assert site.calls == {}
        assert site.mismatches == 0


async def test_a_conference_grows_and_shrinks() -> None:
    async with linked() as site:
        await site.until_up()
        await consulted(site)
        rows = [rekeyed(f"3:{who}", f"{old}:{who}", who) for who, old in (("8001", 1), ("8002", 1), ("8003", 2))]
        three = [
            merged(CallEventKind.CONFERENCED, who, "1:8001", "2:8001", "8001", "8003", rows)
            for who in ("8001", "8002", "8003")
        ]
        assert await site.tell(*three) == ["conferenced 8001"]
        assert site.calls == {"3": dict.fromkeys(("8001", "8002", "8003"), "connected")}
        # A fourth: 8001 holds the conference, calls 8004, and takes it in.
        await site.tell(*(event("HELD", who, "3:8001") for who in ("8001", "8002", "8003")))
        await site.tell(*dialled("8001", "8004", "4"), *answered("8001", "8004", "4"))
        rows = [rekeyed(f"5:{who}", f"3:{who}", who) for who in ("8001", "8002", "8003")]
        rows.append(rekeyed("5:8004", "4:8004", "8004"))
        four = [
            merged(CallEventKind.CONFERENCED, who, "3:8001", "4:8001", "8001", "8004", rows)
            for who in ("8004", "8001", "8002", "8003")
        ]
        assert await site.tell(*four) == ["conferenced 8001"]
        assert site.calls == {"5": dict.fromkeys(("8001", "8002", "8003", "8004"), "connected")}
        for leaving, staying in (("8001", "8001 8002 8003 8004"), ("8003", "8002 8003 8004")):
            told = await site.tell(
                *(event("CONNECTION_CLEARED", who, f"5:{leaving}") for who in reversed(staying.split()))
            )
            assert told == [f"connection_cleared {leaving}"]
        assert site.calls == {"5": {"8002": "connected", "8004": "connected"}}
        await site.tell(*cleared("8002", "8004", "5"))
        assert site.calls == {}
        assert site.mismatches == 0


async def test_diverted_then_delivered_elsewhere() -> None:
    async with linked() as site:
        await site.until_up()
        await site.tell(*dialled("8001", "8002", "1"))
        diverted = [
            event("DIVERTED", who, "1:8002", target=DeviceRef.of("8003"), calling="8001", called="8002")
            for who in ("8002", "8001")
        ]
        assert await site.tell(*diverted) == ["diverted 8002"]
        told = await site.tell(
            *(event("DELIVERED", who, "1:8003", calling="8001", called="8002") for who in ("8003", "8001"))
        )
        assert told == ["delivered 8003"]
        assert site.calls == {"1": {"8001": "connected", "8003": "alerting"}}
        (call,) = site.mirror.calls.values()
        assert (call.calling, call.called) == ("8001", "8002")
        await site.tell(
            *(event("ESTABLISHED", who, "1:8003", calling="8001", called="8002") for who in ("8001", "8003"))
        )
        await site.tell(*cleared("8001", "8003", "1"))
        assert site.calls == {}
        assert site.mismatches == 0


async def test_a_body_in_latin_1() -> None:
    body = (
        "<?xml version='1.0' encoding='ISO-8859-1'?><DeliveredEvent><monitorCrossRefID>M8002</monitorCrossRefID>"
        "<connection><callID>9</callID><deviceID>8002</deviceID></connection>"
        "<alertingDevice><deviceIdentifier>8002</deviceIdentifier></alertingDevice>"
        "<callingDevice><deviceIdentifier>Zürich</deviceIdentifier></callingDevice></DeliveredEvent>"
    ).encode("iso-8859-1")
    async with linked() as site:
        await site.until_up()
        assert await site.tell(frame(9999, body)) == ["delivered 8002"]
        (call,) = site.mirror.calls.values()
        assert call.calling == "Zürich"


# -- segments ------------------------------------------------------------------------------------------------------


def listed(cross_ref: str, segments: list[list[str]]) -> list[bytes]:
    far_end = FarEnd()
    pieces = []
    for number, segment in enumerate(segments, start=1):
        devices = tuple(ListedDevice(device) for device in segment)
        piece = SwitchingFunctionDevices(cross_ref, number, number == len(segments), devices)
        pieces.append(far_end.says(piece, 100 + number))
    return pieces


@pytest.mark.parametrize("response_first", [True, False])
async def test_a_device_list_in_segments(response_first: bool) -> None:
    pieces = listed("X1", [["8001", "8002"], ["8004"], ["T001", "T002", "T003"]])
    response = GetSwitchingFunctionDevicesResponse("X1")
    far_end = FarEnd()
    far_end.replies[GetSwitchingFunctionDevices] = lambda _: (
        [response, *pieces] if response_first else [*pieces, response]
    )
    async with linked(far_end) as site:
        await site.until_up()
        assert site.alarms == ["ports_not_listed_by_switch: port.cfg names what the switch does not list: 8003, 8005"]
        assert site.model.link.reason == "8 devices monitored"  # tried all the same


def in_segments(far_end: FarEnd, size: int, *, response_first: bool) -> None:
    """Let the far end answer every snapshot in pieces."""

    def answer(request: SnapshotDevice | SnapshotCall) -> list[object]:
        cross_ref = f"X{len(far_end.heard)}"
        if isinstance(request, SnapshotDevice):
            rows, kind = far_end.device_rows(request.snapshot_object), SnapshotDeviceData
            response: object = SnapshotDeviceResponse(cross_ref)
        else:
            rows, kind = far_end.call_rows(request.snapshot_object.call_id), SnapshotCallData  # type: ignore[assignment]
            response = SnapshotCallResponse(cross_ref)
        cut = [rows[start : start + size] for start in range(0, max(len(rows), 1), size)]
        pieces = [
            far_end.says(kind(cross_ref, number, number == len(cut), piece), 200 + number)
            for number, piece in enumerate(cut, start=1)
        ]
        return [response, *pieces] if response_first else [*pieces, response]

    far_end.replies[SnapshotDevice] = far_end.replies[SnapshotCall] = answer


@pytest.mark.parametrize("response_first", [True, False])
async def test_snapshots_in_segments(response_first: bool) -> None:
    far_end = FarEnd(
        calls={
            "1": {"8001": "hold", "8002": "connected"},
            "2": {"8001": "connected", "8003": "alerting"},
            "3": {"8004": "connected", "8005": "connected", "T001": "connected"},
        }
    )
    in_segments(far_end, 1, response_first=response_first)
    async with linked(far_end) as site:
        await site.until_up()
        assert site.calls == far_end.calls
        # A second look, after the calls have changed unseen.
        del far_end.calls["3"]
        far_end.calls["2"]["8003"] = "connected"
        assert site.link is not None
        for device in ("8003", "8004", "8005", "T001"):
            site.link.verify_device(DeviceNumber(device))
        await until(lambda: site.calls == far_end.calls)
