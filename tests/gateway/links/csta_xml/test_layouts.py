"""Layouts follow the schema: names by rule or by annotation, order by the class, security at the end."""

import pytest

from gateway.links.csta_xml import messages as m
from gateway.links.csta_xml.layouts import (
    Branch,
    Field,
    element_name,
    message_layouts,
    part_layout,
    required_of,
    without_default,
)
from tests.csta_schema.checker import SCHEMA, Schema

schema = Schema.read(SCHEMA.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("attribute", "name"),
    [
        ("device", "device"),
        ("monitor_cross_ref_id", "monitorCrossRefID"),
        ("call_to_be_picked_up", "callToBePickedUp"),
        ("agent_id", "agentID"),
    ],
)
def test_names_follow_a_rule(attribute: str, name: str) -> None:
    assert element_name(attribute) == name


def test_every_message_is_one_of_the_schema() -> None:
    names = [layout.name for layout in message_layouts()]
    assert len(names) == len(set(names))
    assert set(names) | {"CSTAErrorCode"} == set(schema.roots)


def test_every_message_class_has_a_layout() -> None:
    with_layout = {layout.message_class for layout in message_layouts()} | {m.CSTAErrorCode}
    exported = [getattr(m, name) for name in m.__all__]
    classes = {cls for cls in exported if isinstance(cls, type) and issubclass(cls, m.Message)}
    assert classes - with_layout == {m.Message, m.CstaMessage, m.SessionMessage}


def test_neighbours_share_the_elements_above_them() -> None:
    nodes = part_layout(m.SnapshotDeviceInfo).nodes
    state = nodes[-1]
    assert state.name == "localCallState"
    assert isinstance(state.content, Branch)
    assert [child.name for child in state.content.children] == ["compoundCallState", "simpleCallState", "unknown"]


def test_security_comes_last() -> None:
    assert all(
        layout.nodes[-1].name == "extensions"
        for layout in message_layouts()
        if issubclass(layout.message_class, m.CstaMessage)
    )


def test_lists_know_their_items() -> None:
    [node] = [node for node in part_layout(m.SwitchingFunctionDevices).nodes if node.name == "deviceList"]
    assert isinstance(node.content, Field)
    assert (node.content.item, node.content.value_type) == ("device", m.ListedDevice)


def test_fields_without_default_are_required_or_may_be_none() -> None:
    nodes = part_layout(m.SetForwarding).nodes
    assert required_of(nodes) == [("device", "device"), ("activate_forward", "activateForward")]
    assert without_default(nodes) == ["forwarding_type"]
