"""What we read: messages in any dress, and everything else as a value that says what is wrong."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.links.csta_xml import messages as m
from gateway.links.csta_xml.build import build
from gateway.links.csta_xml.parse import parse
from gateway.links.csta_xml.problems import ParseFault, ParseProblem, UnknownElements, UnknownMessage
from tests.gateway.links.csta_xml.strategies import messages

NS = "http://www.ecma-international.org/standards/ecma-323/csta/ed3"
HELD = m.CallEvent(
    m.CallEventKind.HELD,
    "M1",
    m.ConnectionID("1", "1000"),
    subject=m.DeviceRef.of("1000"),
    local_state=m.LocalConnectionState.HOLD,
    cause=m.EventCause.NORMAL,
)
INNER = (
    "<{p}monitorCrossRefID>M1</{p}monitorCrossRefID>"
    "<{p}heldConnection><{p}callID>1</{p}callID><{p}deviceID>1000</{p}deviceID></{p}heldConnection>"
    "<{p}holdingDevice><{p}deviceIdentifier>1000</{p}deviceIdentifier></{p}holdingDevice>"
    "<{p}localConnectionInfo>hold</{p}localConnectionInfo><{p}cause>normal</{p}cause>"
)
PLAIN = INNER.format(p="")


@pytest.mark.parametrize(
    "body",
    [
        f'<HeldEvent xmlns="{NS}">{PLAIN}</HeldEvent>',
        f"<HeldEvent>{PLAIN}</HeldEvent>",
        f'<HeldEvent xmlns="http://www.ecma.ch/standards/ecma-323/csta/ed2">{PLAIN}</HeldEvent>',
        f'<HeldEvent xmlns="{NS}/privE">{PLAIN}</HeldEvent>',
        f'<c:HeldEvent xmlns:c="{NS}">{INNER.format(p="c:")}</c:HeldEvent>',
        f'<?xml version="1.0"?>\n<HeldEvent>{PLAIN}</HeldEvent>\n',
        f"<?xml version='1.0' encoding='utf-8' standalone='yes'?><HeldEvent>{PLAIN}</HeldEvent>",
        f"\ufeff<HeldEvent>{PLAIN}</HeldEvent>",
        f'\ufeff<?xml version="1.0" encoding="UTF-8"?><HeldEvent>{PLAIN}</HeldEvent>',
        f"<HeldEvent><!-- hold --><?pi x?>{PLAIN}</HeldEvent>\0",
        f"<HeldEvent>{PLAIN}</HeldEvent>".replace(">hold<", ">\n  hold\n<").replace("><", ">\n  <"),
    ],
)
def test_a_message_is_known_in_any_dress(body: str) -> None:
    unknown = UnknownElements()
    assert parse(body.encode(), unknown) == HELD
    assert unknown.total == 0


@pytest.mark.parametrize(
    ("encoding", "codec"), [("ISO-8859-1", "latin-1"), ("iso-8859-1", "latin-1"), ("GB18030", "gb18030")]
)
def test_other_encodings_are_read(encoding: str, codec: str) -> None:
    name = "Büro" if codec == "latin-1" else "前台"
    message = f"<SnapshotDevice><snapshotObject>{name}</snapshotObject></SnapshotDevice>"
    body = f'<?xml version="1.0" encoding="{encoding}"?>{message}'
    assert parse(body.encode(codec)) == m.SnapshotDevice(name)


BOMB = (
    '<!DOCTYPE b [<!ENTITY a "ha"><!ENTITY c "&a;&a;&a;&a;">]>'
    "<SnapshotDevice><snapshotObject>&c;</snapshotObject></SnapshotDevice>"
)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", ParseFault.EMPTY),
        (b" \r\n\0", ParseFault.EMPTY),
        (b"<HeldEvent>", ParseFault.NOT_WELL_FORMED),
        (b"hello", ParseFault.NOT_WELL_FORMED),
        (b"<a/><b/>", ParseFault.NOT_WELL_FORMED),
        (b"<a>&undefined;</a>", ParseFault.NOT_WELL_FORMED),
        (b"<a>\xff\xfe</a>", ParseFault.NOT_WELL_FORMED),
        (b'<?xml version="1.0" encoding="x-none"?><a/>', ParseFault.ENCODING),
        (BOMB.encode(), ParseFault.DOCTYPE),
        (b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', ParseFault.DOCTYPE),
        (BOMB.encode("utf-16"), ParseFault.ENCODING),
        (BOMB.encode("utf-16-le"), ParseFault.ENCODING),
        (BOMB.encode("utf-32"), ParseFault.ENCODING),
        (b'<?xml version="1.0" encoding="UTF-7"?>+ADw-x/+AD4-', ParseFault.ENCODING),
        (b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-7"?>+ADw-x/+AD4-', ParseFault.ENCODING),
        (b'<?xml version="1.0" encoding="IBM037"?><x/>', ParseFault.ENCODING),
        (b"<MonitorStop/>", ParseFault.INCOMPLETE),
        (b"<HeldEvent/>", ParseFault.INCOMPLETE),
        (b"<CSTAErrorCode/>", ParseFault.INCOMPLETE),
        (b"<CSTAErrorCode><bored/></CSTAErrorCode>", ParseFault.INCOMPLETE),
        (b"<GetDoNotDisturbResponse><doNotDisturbOn>perhaps</doNotDisturbOn></GetDoNotDisturbResponse>",
         ParseFault.INCOMPLETE),
    ],
)  # fmt: skip
def test_what_is_no_message_is_a_value(body: bytes, fault: ParseFault) -> None:
    problem = parse(body)
    assert isinstance(problem, ParseProblem)
    assert problem.fault is fault
    assert problem.excerpt == (body.strip(b" \r\n\0")[:64]).hex()


def test_a_message_that_nobody_knows_is_named() -> None:
    body = f'<x:ButtonPressEvent xmlns:x="{NS}"/>'.encode()
    assert parse(body) == UnknownMessage("ButtonPressEvent", body[:64].hex())


def test_what_is_kept_of_hostile_names_is_short() -> None:
    message = parse(b"<" + b"n" * 40_000 + b"/>")
    assert isinstance(message, UnknownMessage)
    assert len(message.name) == 80
    problem = parse(b"<a></" + b"n" * 60_000 + b">")
    assert isinstance(problem, ParseProblem)
    assert len(problem.detail) <= 200


def test_unknown_elements_and_values_are_skipped_and_counted() -> None:
    unknown = UnknownElements()
    colour = "<colour><cause>busy</cause></colour>"
    body = f"<HeldEvent>{colour}{PLAIN}{colour}</HeldEvent>".replace(">hold<", ">dreaming<")
    event = parse(body.encode(), unknown)
    assert isinstance(event, m.CallEvent)
    assert event.local_state is None
    assert event.cause == "normal"
    assert unknown.by_name == {"HeldEvent/colour": 2, "HeldEvent/localConnectionInfo=dreaming": 1}


def test_what_is_strange_in_a_list_is_left_out_and_counted() -> None:
    unknown = UnknownElements()
    device = "<device><deviceID>1000</deviceID></device>"
    body = (
        "<SwitchingFunctionDevices><serviceCrossRefID>X</serviceCrossRefID><lastSegment>true</lastSegment>"
        f"<deviceList>{device}<device/><colour/>{device}</deviceList></SwitchingFunctionDevices>"
    )
    devices = parse(body.encode(), unknown)
    assert isinstance(devices, m.SwitchingFunctionDevices)
    assert devices.device_list == (m.ListedDevice("1000"), m.ListedDevice("1000"))
    assert set(unknown.by_name) == {
        "SwitchingFunctionDevices/device/deviceID",
        "SwitchingFunctionDevices/deviceList/colour",
    }


def test_elements_of_the_schema_without_use_are_not_counted() -> None:
    unknown = UnknownElements()
    body = f"<HeldEvent>{PLAIN}<servicesPermitted><x/></servicesPermitted><callLinkageData/></HeldEvent>"
    assert parse(body.encode(), unknown) == HELD
    assert unknown.total == 0


def test_a_cause_that_nobody_knows_is_kept_as_text() -> None:
    event = parse(f"<HeldEvent>{PLAIN}</HeldEvent>".replace(">normal<", ">coffeeBreak<").encode())
    assert isinstance(event, m.CallEvent)
    assert event.cause == "coffeeBreak"
    assert not isinstance(event.cause, m.EventCause)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<AnswerCall><callToBeAnswered><callID>0</callID><deviceID><deviceIdentifier>1000</deviceIdentifier></deviceID>"
         "</callToBeAnswered></AnswerCall>", m.AnswerCall(m.ConnectionID("0", "1000"))),
        ("<AnswerCall><callToBeAnswered><deviceID>1000</deviceID><callID>-12</callID></callToBeAnswered></AnswerCall>",
         m.AnswerCall(m.ConnectionID("-12", "1000"))),
        ("<ClearCall><callToBeCleared><callID>7</callID></callToBeCleared></ClearCall>",
         m.ClearCall(m.ConnectionID("7", None))),
        ("<SnapshotDeviceResponse><serviceCrossRefID>X</serviceCrossRefID></SnapshotDeviceResponse>",
         m.SnapshotDeviceResponse(service_cross_ref_id="X")),
        ("<SnapshotDeviceResponse><crossRefIDorSnapshotData><snapshotData/></crossRefIDorSnapshotData>"
         "</SnapshotDeviceResponse>", m.SnapshotDeviceResponse(snapshot=())),
        ("<StartApplicationSessionPosResponse><sessionID>1</sessionID></StartApplicationSessionPosResponse>",
         m.StartApplicationSessionPosResponse("1")),
        ('<MonitorStart><monitorObject><deviceObject typeOfNumber="dialingNumber">1000</deviceObject></monitorObject>'
         "</MonitorStart>", m.MonitorStart(device="1000")),
        ("<CSTAErrorCode><unspecified/></CSTAErrorCode>", m.CSTAErrorCode(m.ErrorCategory.UNSPECIFIED)),
        ("<CSTAErrorCode><operation> generic </operation></CSTAErrorCode>",
         m.CSTAErrorCode(m.ErrorCategory.OPERATION, "generic")),
    ],
)  # fmt: skip
def test_oddities_of_real_switches_are_understood(body: str, message: m.Message) -> None:
    unknown = UnknownElements()
    assert parse(body.encode(), unknown) == message
    assert unknown.total == 0


def test_a_device_without_its_inner_element_is_understood() -> None:
    event = parse(
        b"<HeldEvent><monitorCrossRefID>M</monitorCrossRefID><holdingDevice> 1000 </holdingDevice></HeldEvent>"
    )
    assert isinstance(event, m.CallEvent)
    assert event.subject == m.DeviceRef.of("1000")


@pytest.mark.parametrize("digits", ["9" * 30, "1_000", "٣", "", "+-1", "0x10", "1.0"])
def test_numbers_that_are_none_are_left_out(digits: str) -> None:
    body = f"<QueuedEvent><monitorCrossRefID>M</monitorCrossRefID><numberQueued>{digits}</numberQueued></QueuedEvent>"
    event = parse(body.encode())
    assert isinstance(event, m.CallEvent)
    assert event.number_queued is None


@given(messages, st.data())
def test_a_mutated_message_is_read_or_named_a_problem(message: m.Message, chance: st.DataObject) -> None:
    body = bytearray(build(message))
    for _ in range(chance.draw(st.integers(1, 4))):
        position = chance.draw(st.integers(0, len(body) - 1))
        body[position : position + chance.draw(st.integers(0, 3))] = chance.draw(st.binary(max_size=3))
    assert isinstance(parse(bytes(body)), m.Message | UnknownMessage | ParseProblem)


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_random_bytes_are_no_message_and_no_exception(body: bytes) -> None:
    assert isinstance(parse(body), UnknownMessage | ParseProblem | m.Message)
