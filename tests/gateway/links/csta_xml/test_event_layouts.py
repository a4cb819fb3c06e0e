"""Every kind of event has its row of elements."""

from gateway.links.csta_xml.event_layouts import AGENT_EVENT_ROWS, CALL_EVENT_ROWS, SERVICE_STATE_ROWS
from gateway.links.csta_xml.messages import AgentEventKind, CallEventKind, ServiceStateKind


def test_no_kind_is_without_its_elements() -> None:
    assert set(CALL_EVENT_ROWS) == set(CallEventKind)
    assert set(AGENT_EVENT_ROWS) == set(AgentEventKind)
    assert set(SERVICE_STATE_ROWS) == set(ServiceStateKind)


def test_no_field_is_filled_twice() -> None:
    for rows in CALL_EVENT_ROWS.values():
        fields = [field for _, field in rows]
        assert len(fields) == len(set(fields))
