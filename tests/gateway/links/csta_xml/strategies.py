"""Any message that may be sent, for property tests: every kind, every combination of fields that the schema allows."""

import dataclasses
from enum import Enum
from typing import Any

from hypothesis import strategies as st

from gateway.links.csta_xml import messages as m
from gateway.links.csta_xml.layouts import Branch, Field, Layout, Node, message_layouts, part_layout

text = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff") | st.sampled_from("\t\n\r<>&\"'"),
    max_size=12,
)
names = st.sampled_from(["1000", "0301234567", "N<+86211001>;x=1", "前台", "T001", "a & b", ""]) | text
identifiers = st.sampled_from(["0", "-12", "1", "65535", "3f" * 16])
connections = st.builds(m.ConnectionID, identifiers | text, st.none() | names)
integers = st.integers(-(2**63), 2**63 - 1)

_BARE = (m.NOT_KNOWN, m.RESTRICTED)
parties = st.builds(m.DeviceRef.of, names) | st.sampled_from(_BARE)
redirections = st.builds(m.DeviceRef.redirected, names) | st.sampled_from((*_BARE, m.NOT_REQUIRED, m.NOT_SPECIFIED))
endpoints = st.builds(m.DeviceRef.endpoint, names) | st.sampled_from(_BARE)
networks = st.builds(m.DeviceRef.endpoint, names) | st.just(m.NOT_KNOWN)
errors = st.sampled_from(
    [
        m.CSTAErrorCode(m.ErrorCategory.OPERATION, "invalidDeviceID"),
        m.CSTAErrorCode(m.ErrorCategory.STATE_INCOMPATIBILITY, "noActiveCall"),
        m.CSTAErrorCode(m.ErrorCategory.SYSTEM_RESOURCE_AVAILABILITY, "overallMonitorLimitExceeded"),
        m.CSTAErrorCode(m.ErrorCategory.SUBSCRIBED_RESOURCE_AVAILABILITY, "objectMonitorLimitExceeded"),
        m.CSTAErrorCode(m.ErrorCategory.PERFORMANCE_MANAGEMENT, "performanceLimitExceeded"),
        m.CSTAErrorCode(m.ErrorCategory.SECURITY, "sequenceNumberViolated"),
        m.CSTAErrorCode(m.ErrorCategory.PRIVATE_DATA, "cSTAPrivateDataInfoError"),
        m.CSTAErrorCode(m.ErrorCategory.PRIVATE_ERROR_CODE, "0x1F"),
        m.CSTAErrorCode(m.ErrorCategory.UNSPECIFIED),
    ]
)
_PLAIN: dict[type, st.SearchStrategy[Any]] = {
    str: names,
    int: integers,
    bool: st.booleans(),
    m.ConnectionID: connections,
    m.DeviceRef: parties,
    m.CSTAErrorCode: errors,
    m.AgentInfoItem: st.builds(
        m.AgentInfoItem,
        st.none() | names,
        st.sampled_from(m.AgentState),
        st.none() | st.sampled_from(m.PendingAgentState),
    ),
}
_BY_FIELD: dict[str, st.SearchStrategy[Any]] = {
    "last_redirection": redirections,
    "endpoint": endpoints,
    "associated_nid": networks,
    "password": st.none() | st.sampled_from(["", "31323334"]),
    "network_type": st.none() | st.just("iSDNPublic"),
    "ring_count": st.none() | st.integers(0, 30),
    "requested_device_category": st.none() | st.sampled_from([m.DeviceCategory.STATION, m.DeviceCategory.GROUP_ACD]),
    "device_category": st.none() | st.sampled_from([m.DeviceCategory.STATION, m.DeviceCategory.GROUP]),
}
_ONE_OF: dict[type, tuple[str, ...]] = {
    m.MonitorStart: ("call", "device"),
    m.SnapshotCallResponse: ("service_cross_ref_id", "snapshot"),
    m.SnapshotDeviceResponse: ("service_cross_ref_id", "snapshot"),
    m.SnapshotDeviceInfo: ("compound_state", "simple_state", "state_unknown"),
    m.StartApplicationSessionNegResponse: ("appl_error", "defined_error"),
    m.ResetApplicationSessionTimerNegResponse: ("appl_error", "defined_error"),
    m.StopApplicationSessionNegResponse: ("appl_error", "defined_error"),
    m.StopApplicationSession: ("app_end_reason", "defined_end_reason"),
    m.ApplicationSessionTerminated: ("defined_reason", "server_reason"),
}
"""Of each of these fields exactly one is given."""
_DEFINED = {
    m.StartApplicationSessionNegResponse: "maxNumberSessions",
    m.ResetApplicationSessionTimerNegResponse: "invalidSessionID",
    m.StopApplicationSessionNegResponse: "invalidSessionID",
    m.StopApplicationSession: "normal",
    m.ApplicationSessionTerminated: "sessionTimerExpired",
}
"""The words that the standard defines for `defined_…` fields."""


def all_fields(nodes: tuple[Node, ...]) -> list[Field]:
    found: list[Field] = []
    for node in nodes:
        found += all_fields(node.content.children) if isinstance(node.content, Branch) else [node.content]
    return found


@st.composite
def of_layout(draw: st.DrawFn, layout: Layout) -> Any:
    """A value of the layout's class that the schema allows."""
    values: dict[str, Any] = dict(layout.constants)
    one_of = _ONE_OF.get(layout.message_class, ())
    given_one = draw(st.sampled_from(one_of)) if one_of else None
    for field in all_fields(layout.nodes):
        name = field.attribute
        if name in one_of and name != given_one:
            values[name] = False if field.presence else None
        elif field.presence:
            values[name] = True
        elif name.startswith("defined_"):
            values[name] = _DEFINED[layout.message_class]
        else:
            must = field.required or name in one_of or _must(layout, field)
            strategy = _of_field(field)
            values[name] = draw(strategy if must else st.none() | strategy)
            if values[name] is None and _default(layout.message_class, name) == ():
                values[name] = ()
    return layout.message_class(**values)


def _must(layout: Layout, field: Field) -> bool:
    """What the schema wants although a tolerant reader can do without."""
    if field.attribute in ("cause", "local_state"):
        return True
    names_needed = {"forwarding_type", "segment_id", "requested_session_duration", "actual_session_duration"}
    return field.attribute in names_needed


def _default(message_class: type, name: str) -> Any:
    return next(field.default for field in dataclasses.fields(message_class) if field.name == name)


def _of_field(field: Field) -> st.SearchStrategy[Any]:
    single = _BY_FIELD[field.attribute] if field.attribute in _BY_FIELD else _of_type(field.value_type)
    return st.lists(single, max_size=3).map(tuple) if field.item else single


def _of_type(value_type: type) -> st.SearchStrategy[Any]:
    if value_type in _PLAIN:
        return _PLAIN[value_type]
    if issubclass(value_type, Enum):
        return st.sampled_from(list(value_type))
    return of_layout(part_layout(value_type))


messages: st.SearchStrategy[m.Message] = st.sampled_from(message_layouts()).flatmap(of_layout) | errors
"""Every kind of message, each as likely as another."""

call_events: st.SearchStrategy[m.CallEvent] = st.sampled_from(
    [layout for layout in message_layouts() if layout.message_class is m.CallEvent]
).flatmap(of_layout)
