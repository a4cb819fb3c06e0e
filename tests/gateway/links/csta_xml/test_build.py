"""What we send: as the schema wants it, well-formed whatever the text, readable by our own reader to the same value."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.links.csta_xml import messages as m
from gateway.links.csta_xml.build import build, escape, xml_text_fault
from gateway.links.csta_xml.layouts import Layout, message_layouts
from gateway.links.csta_xml.namespaces import APPLICATION_SESSION, CSTA_ED3, CSTA_ED6, NO_NAMESPACE
from gateway.links.csta_xml.parse import parse
from gateway.links.csta_xml.problems import UnknownElements
from tests.csta_schema.checker import SCHEMA, Schema
from tests.gateway.links.csta_xml.strategies import messages, of_layout

schema = Schema.read(SCHEMA.read_text(encoding="utf-8"))


@settings(max_examples=500)
@given(messages)
def test_every_message_comes_back_equal(message: m.Message) -> None:
    unknown = UnknownElements()
    assert parse(build(message), unknown) == message
    assert unknown.by_name == {}


@settings(max_examples=500)
@given(messages)
def test_every_message_is_as_the_schema_wants_it(message: m.Message) -> None:
    assert schema.check(build(message)) == []


@pytest.mark.parametrize("layout", message_layouts(), ids=lambda layout: layout.name)
def test_each_kind_comes_back_and_is_valid(layout: Layout) -> None:
    @settings(max_examples=5, database=None)
    @given(of_layout(layout))
    def check(message: m.Message) -> None:
        body = build(message)
        assert parse(body) == message
        assert schema.check(body) == []

    check()


def test_element_order_is_the_schemas() -> None:
    body = build(m.ReconnectCall(m.ConnectionID("2", "1000"), m.ConnectionID("1", "1000"))).decode()
    assert body.index("<activeCall>") < body.index("<heldCall>")
    body = build(m.AlternateCall(m.ConnectionID("1", "1000"), m.ConnectionID("2", "1000"))).decode()
    assert body.index("<heldCall>") < body.index("<activeCall>")


def test_spellings_that_look_wrong_are_right() -> None:
    event = m.CallEvent(m.CallEventKind.TRANSFERRED, "M1", m.ConnectionID("1", "1000"), cause=m.EventCause.TRANSFER)
    assert build(event).startswith(b'<?xml version="1.0" encoding="UTF-8"?><TransferedEvent ')
    nid = m.ConnectionID("1", "T001")
    assert b"<originatinNIDConnection>" in build(m.CallEvent(m.CallEventKind.ESTABLISHED, "M", originating_nid=nid))
    assert b"<originatingNIDConnection>" in build(m.CallEvent(m.CallEventKind.DELIVERED, "M", originating_nid=nid))
    error = m.CSTAErrorCode(m.ErrorCategory.SYSTEM_RESOURCE_AVAILABILITY, "overallMonitorLimitExceeded")
    assert b"<systemResourceAvailibility>" in build(error)


def test_each_standard_has_its_namespace() -> None:
    assert f'xmlns="{CSTA_ED3}"'.encode() in build(m.RequestSystemStatus())
    assert f'xmlns="{CSTA_ED6}"'.encode() in build(m.RequestSystemStatus(), CSTA_ED6)
    assert f'xmlns="{APPLICATION_SESSION}"'.encode() in build(m.StopApplicationSession("S1"), CSTA_ED6)
    assert b"xmlns" not in build(m.RequestSystemStatus(), NO_NAMESPACE)
    assert b"xmlns" not in build(m.StopApplicationSession("S1"), NO_NAMESPACE)


def test_deflect_names_its_destination_in_an_element_of_its_own_in_edition_6() -> None:
    deflect = m.DeflectCall(m.ConnectionID("1", "1001"), "10<02")
    assert b"<newDestination>10&lt;02</newDestination>" in build(deflect, CSTA_ED3)
    assert b"<newDestination><device>10&lt;02</device></newDestination>" in build(deflect, CSTA_ED6)
    assert parse(build(deflect, CSTA_ED3)) == parse(build(deflect, CSTA_ED6)) == deflect


def test_what_an_event_cannot_say_is_refused_and_not_lost() -> None:
    nid = m.ConnectionID("1", "T001")
    with pytest.raises(ValueError, match="QueuedEvent has no element for originating_nid"):
        build(m.CallEvent(m.CallEventKind.QUEUED, "M", originating_nid=nid))
    with pytest.raises(ValueError, match="CallClearedEvent has no element for subject, calls_in_front"):
        build(m.CallEvent(m.CallEventKind.CALL_CLEARED, "M", subject=m.NOT_KNOWN, calls_in_front=0))


@given(st.text(max_size=20))
def test_text_is_written_whole_or_refused(text: str) -> None:
    if xml_text_fault(text) is None:
        element = ET.fromstring(f"<a>{escape(text)}</a>")
        assert (element.text or "") == text
    else:
        with pytest.raises(ValueError, match=r"XML cannot carry U\+"):
            escape(text)


@pytest.mark.parametrize("text", ["a\0b", "\x1b[2J", "\ud800", "\ufffe", "\x85" * 0 + "\x0b"])
def test_text_that_xml_cannot_carry_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="XML cannot carry"):
        build(m.MakeCall("1000", text))
