"""`ultra csta decode` on what a support engineer is sent."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.links.csta_xml import messages as m
from gateway.links.csta_xml.codec import build
from gateway.links.csta_xml.framing import frame
from tests.ultra.real_site import ultra
from ultra.csta import lines_of, message_name

DELIVERED = m.CallEvent(
    m.CallEventKind.DELIVERED,
    "M1",
    connection=m.ConnectionID("7", "8001"),
    subject=m.DeviceRef.of("N<8001>"),
    calling=m.DeviceRef.of("N<+8613800001111>;name=x"),
    called=m.DeviceRef.of("8001"),
    local_state=m.LocalConnectionState.ALERTING,
    cause=m.EventCause.NEW_CALL,
)


def decoded(capture: bytes) -> list[dict[str, Any]]:
    return list(lines_of(capture))


def test_an_event_has_its_name_its_fields_and_what_the_gateway_makes_of_it() -> None:
    (line,) = decoded(frame(9999, build(DELIVERED)))
    assert line == {
        "offset": 0,
        "invoke_id": "9999",
        "message": "DeliveredEvent",
        "fields": {
            "monitor_cross_ref_id": "M1",
            "connection": {"call_id": "7", "device_id": "8001"},
            "subject": {"kind": "deviceIdentifier", "number": "N<8001>"},
            "calling": {"kind": "deviceIdentifier", "number": "N<+8613800001111>;name=x"},
            "called": {"kind": "deviceIdentifier", "number": "8001"},
            "local_state": "alerting",
            "cause": "newCall",
        },
        "report": {
            "kind": "CallReport",
            "happening": "delivered",
            "connection": {"call": "7", "key": "8001"},
            "subject": "8001",
            "calling": "+8613800001111",
            "called": "8001",
            "cause": "newCall",
            "local_state": "alerting",
        },
    }


def test_a_device_event_has_its_report() -> None:
    event = m.DoNotDisturbEvent("M1", device=m.DeviceRef.of("8001"), do_not_disturb_on=True)
    (line,) = decoded(build(event))
    assert line["report"] == {"kind": "DeviceReport", "flag": "do_not_disturb_on", "device": "8001"}


def test_a_request_has_none() -> None:
    (line,) = decoded(build(m.MakeCall("8001", "8002")))
    assert line["message"] == message_name(m.MakeCall("8001", "8002")) == "MakeCall"
    assert line["fields"] == {"calling_device": "8001", "called_directory_number": "8002"}
    assert "report" not in line
    assert "invoke_id" not in line


def test_what_cannot_be_read_is_told_with_its_offset() -> None:
    good = frame(9999, build(DELIVERED))
    lines = decoded(good + frame(1, b"<Broken>") + b"junk" + frame(2, b"<Marvel/>") + frame(3, b"") + good[:20])
    assert [line["offset"] for line in lines] == [
        0, len(good), len(good) + 16, len(good) + 20, len(good) + 37, len(good) + 45
    ]  # fmt: skip
    assert lines[1]["problem"].startswith("body: the body is not well-formed XML")
    assert lines[2] == {
        "offset": len(good) + 16, "problem": "no frame begins here", "bytes_skipped": 4, "excerpt": b"junk".hex()
    }  # fmt: skip
    assert lines[3]["problem"] == "nothing here knows a message Marvel"
    assert lines[4]["problem"].startswith("body: the body is empty")
    assert "the capture ends before" in lines[5]["problem"]


def test_elements_that_nobody_knows_are_named() -> None:
    body = build(DELIVERED).replace(b"</DeliveredEvent>", b"<vendorThing/></DeliveredEvent>")
    (line,) = decoded(body)
    assert line["unknown"] == ["DeliveredEvent/vendorThing"]


@pytest.mark.parametrize("framed", [True, False])
def test_the_command_reads_files_and_standard_input(tmp_path: Path, framed: bool) -> None:
    body = build(DELIVERED)
    capture = frame(9999, body) * 2 if framed else body + b"\n" + body
    (tmp_path / "capture").write_bytes(capture)
    done = ultra("csta", "decode", "capture", folder=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert [line["message"] for line in done.json_lines] == ["DeliveredEvent"] * 2
    assert ultra("csta", "decode", "-", stdin=capture).out == done.out
    both = ultra("csta", "decode", "capture", "-", folder=tmp_path, stdin=capture)
    assert [line["file"] for line in both.json_lines] == ["capture", "capture", "-", "-"]


def test_nothing_decoded_is_a_failure(tmp_path: Path) -> None:
    done = ultra("csta", "decode", "-", stdin=b"GET / HTTP/1.1\r\n\r\n")
    assert done.code == 1
    assert json.loads(done.out)["problem"] == "no XML document that ends"
    missing = ultra("csta", "decode", "missing", folder=tmp_path)
    assert (missing.code, missing.out) == (1, "")
    assert missing.err == "Error: missing cannot be read: there is no such file\n"
