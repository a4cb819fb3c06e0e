"""docs/protocol.md says what the code does: every kind, code, limit, default, role, field and flag."""

import re
from pathlib import Path

import pytest
from construct import Construct

from protocol import bodies, centre_bodies, limits
from protocol.bodies import BODIES
from protocol.body import Body
from protocol.errors import Code
from protocol.frame import HEADER_BYTES
from protocol.kinds import (
    ADMIN_REQUESTS,
    AGENT_EVENTS,
    CALL_EVENTS,
    CALL_REQUESTS,
    CLIENT_SESSION_KINDS,
    EVENTS_TO_ALL,
    GATEWAY_EVENTS,
    IVR_EVENTS,
    NOT_IN_THIS_VERSION,
    QUERIES,
    VISIT_EVENTS,
    Group,
    Kind,
    Role,
    group_of,
)

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """The text under a heading, up to the next one of any level."""
    begin = TEXT.index(f"# {title}\n") + len(title)
    end = TEXT.find("\n#", begin)
    return TEXT[begin : end if end > 0 else len(TEXT)]


def rows(title: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


GROUPS = {
    "Session frames": {Group.SESSION},
    "Call requests": {Group.CALL_REQUEST},
    "Queries and admin requests": {Group.QUERY, Group.ADMIN_REQUEST},
    "Snapshot": {Group.SNAPSHOT},
}
EVENT_TABLES = {
    "Events of the gateway": GATEWAY_EVENTS,
    "Events of the CTI server": AGENT_EVENTS | VISIT_EVENTS | {Kind.SEEN},
    "Events of the IVR": IVR_EVENTS,
}


def written_kinds(title: str) -> dict[str, str]:
    return {row[0]: row[1] for row in rows(title) if row[1].startswith("0x")}


@pytest.mark.parametrize(("title", "groups"), GROUPS.items(), ids=GROUPS)
def test_the_tables_of_kinds(title: str, groups: set[Group]) -> None:
    assert written_kinds(title) == {kind.name: f"0x{kind:04X}" for kind in Kind if group_of(kind) in groups}


@pytest.mark.parametrize(("title", "kinds"), EVENT_TABLES.items(), ids=EVENT_TABLES)
def test_the_tables_of_events(title: str, kinds: frozenset[Kind]) -> None:
    assert written_kinds(title) == {kind.name: f"0x{kind:04X}" for kind in kinds}


def test_who_sends_a_session_kind() -> None:
    table = [row for row in rows("Session frames") if row[1].startswith("0x")]
    assert {Kind[row[0]] for row in table if "c" in row[2].split()} == CLIENT_SESSION_KINDS


def test_who_gets_an_event() -> None:
    assert {Kind[row[0]] for title in EVENT_TABLES for row in rows(title) if row[2] == "all"} == EVENTS_TO_ALL


def test_what_is_coming() -> None:
    written = {Kind[row[0]] for title in GROUPS for row in rows(title) if row[1].startswith("0x") and "coming" in row}
    assert written == NOT_IN_THIS_VERSION


def test_the_table_of_codes() -> None:
    assert {row[0]: int(row[1]) for row in rows("Codes")} == {code.name.lower(): int(code) for code in Code}


def test_the_table_of_limits() -> None:
    written = {row[0]: row[1] for row in rows("Limits and defaults")}
    held = {name: getattr(limits, name) for name in dir(limits) if name.isupper()}
    assert written == {
        name: ", ".join(f"{one:g}" for one in value) if isinstance(value, tuple) else str(value)
        for name, value in held.items()
    }


def test_a_server_s_limits_are_the_defaults() -> None:
    usual = limits.ServerLimits()
    for name in limits.ServerLimits.__slots__:
        assert getattr(usual, name) == getattr(limits, name.upper())


def test_the_table_of_roles() -> None:
    assert {row[0]: int(row[1]) for row in rows("Roles")} == {role.name.lower(): int(role) for role in Role}


def test_the_header_is_as_drawn() -> None:
    sizes = [(int(row[0]), int(row[1])) for row in rows("Frame")]
    assert [offset for offset, _ in sizes] == [0, 4, 6, 7, 8]
    assert sum(size for _, size in sizes) == HEADER_BYTES


def declared(title: str) -> list[Body]:
    """The bodies that a row of the table of bodies speaks of."""
    if title == "every request":
        return [BODIES[kind] for kind in (*CALL_REQUESTS, *QUERIES, *ADMIN_REQUESTS)]
    if title == "call events":
        return [BODIES[kind] for kind in CALL_EVENTS]
    if title.startswith("SNAPSHOT_LINK"):
        return []
    return [BODIES[Kind[name]] for name in title.split(", ")]


@pytest.mark.parametrize("row", rows("Bodies"), ids=lambda row: row[0])
def test_the_table_of_bodies(row: list[str]) -> None:
    title, fixed, fields = row
    written_fixed = [re.split(r"[ (]", part.strip())[0] for part in re.split(r",\s*(?![^(]*\))", fixed) if part.strip()]
    written_fields = {
        int(found[1]): found[2] for part in fields.split(" · ") if (found := re.match(r"(\d+) (\w+)", part))
    }
    for body in declared(title):
        assert [member.name.removesuffix("_us") for member in body.fixed.subcons] == written_fixed
        assert {one.tag: one.name.removesuffix("_us") for one in body.fields} == written_fields


ELEMENTS = {
    "device_change": bodies.DEVICE_CHANGE,
    "connection": bodies.CONNECTION,
    "call": bodies.CALL,
    "device": bodies.DEVICE,
    "link": bodies.LINK,
    "licence": bodies.LICENCE,
    "condition": bodies.CONDITION,
    "concern": centre_bodies.CONCERN,
    "agent_session": centre_bodies.AGENT_SESSION,
    "visit": centre_bodies.QUEUE_VISIT,
    "ivr_session": centre_bodies.IVR_SESSION,
    "alarm": bodies.ALARM,
    "consumer_row": bodies.CONSUMER_ROW,
    "stream_place": bodies.STREAM_PLACE,
    "session_row": bodies.SESSION_ROW,
}


@pytest.mark.parametrize(("name", "shape"), ELEMENTS.items(), ids=ELEMENTS)
def test_the_elements(name: str, shape: Construct) -> None:
    found = re.search(rf"^    {name} +== element\{{(.*?)\}}".replace("==", "="), TEXT, re.MULTILINE | re.DOTALL)
    assert found is not None
    without_flags = re.sub(r"\([^)]*,[^)]*\)", "", found[1])
    written = [part.split()[0] for part in without_flags.split(",")]
    assert written == [member.name.removesuffix("_us") for member in shape.subcon.subcons]


@pytest.mark.parametrize(
    ("word", "flag"),
    [
        ("value", bodies.REQUEST_VALUE),
        ("removed", bodies.EVENT_REMOVED),
        ("over", bodies.EVENT_OVER),
        ("ended", bodies.CALL_ENDED),
        ("licensed", bodies.DEVICE_LICENSED),
        ("in service", bodies.DEVICE_IN_SERVICE),
        ("do not disturb", bodies.DEVICE_DO_NOT_DISTURB),
    ],
)
def test_the_flags(word: str, flag: int) -> None:
    assert f"0x{flag:02x} {word}" in TEXT


def test_both_monitored_flags() -> None:
    assert f"flags u8 (0x{bodies.CONNECTION_MONITORED:02x} monitored)" in TEXT
    assert f"0x{bodies.DEVICE_MONITORED:02x} monitored, 0x04" in TEXT
