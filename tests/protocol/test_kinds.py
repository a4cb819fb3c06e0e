"""Kinds agree with the model's numbers, belong to one group each, and roles ask what the table says."""

import pytest

from model.centre_events import AgentEventKind, IvrEventKind, VisitEventKind
from model.commands import CommandKind
from model.events import CallEventKind
from protocol import kinds
from protocol.kinds import Group, Kind, Role, group_of, includes, is_request_number, may_ask, name_of


def test_the_model_s_numbers_are_the_wire_s() -> None:
    for one in (*CommandKind, *CallEventKind, *AgentEventKind, *VisitEventKind, *IvrEventKind):
        assert Kind[one.name] == one.value


def test_every_kind_has_one_group() -> None:
    groups = [kinds.CALL_REQUESTS, kinds.QUERIES, kinds.ADMIN_REQUESTS, kinds.EVENTS, kinds.SNAPSHOTS]
    for kind in Kind:
        assert sum(kind in group for group in groups) == (group_of(kind) is not Group.SESSION)


def test_requests_lie_in_their_range() -> None:
    for kind in Kind:
        asks = group_of(kind) in (Group.CALL_REQUEST, Group.QUERY, Group.ADMIN_REQUEST)
        assert is_request_number(kind) == asks


@pytest.mark.parametrize(
    ("role", "kind", "may"),
    [
        (Role.CONSUMER, Kind.MAKE_CALL, False),
        (Role.CONSUMER, Kind.QUERY_LINK, False),
        (Role.AGENT, Kind.MAKE_CALL, True),
        (Role.AGENT, Kind.QUERY_SESSIONS, False),
        (Role.AGENT, Kind.LINK_STOP, False),
        (Role.SUPERVISOR, Kind.CLEAR_CALL, True),
        (Role.SUPERVISOR, Kind.QUERY_SESSIONS, False),
        (Role.SUPERVISOR, Kind.RELOAD, False),
        (Role.ADMIN, Kind.RELOAD, True),
        (Role.ADMIN, Kind.QUERY_SESSIONS, True),
        (Role.ADMIN, Kind.ESTABLISHED, False),
    ],
)
def test_what_a_role_may_ask(role: Role, kind: Kind, may: bool) -> None:
    assert may_ask(role, kind) is may


def test_a_role_includes_those_that_see_and_ask_no_more() -> None:
    included = {role: {other for other in Role if includes(role, other)} for role in Role}
    assert included == {
        Role.CONSUMER: {Role.CONSUMER},
        Role.AGENT: {Role.AGENT},
        Role.SUPERVISOR: {Role.CONSUMER, Role.AGENT, Role.SUPERVISOR},
        Role.ADMIN: set(Role),
    }


def test_a_kind_is_named_even_when_it_is_unknown() -> None:
    assert name_of(0x0208) == "established"
    assert name_of(0x7777) == "kind_0x7777"
