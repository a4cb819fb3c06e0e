"""Requests and replies come back equal; what a request needs is checked; what is too long is cut, not refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.commands import Command, CommandKind, Outcome, Refusal
from model.ids import CallId, DeviceNumber
from protocol.errors import Code, Problem
from protocol.kinds import ADMIN_REQUESTS, CALL_REQUESTS, QUERIES, Kind, Role
from protocol.limits import (
    FIELD_BYTES_MAX,
    IDEMPOTENCY_KEY_BYTES_MAX,
    NAME_BYTES_MAX,
    REPLY_TEXT_BYTES_MAX,
    SESSIONS_LISTED_MAX,
)
from protocol.requests import (
    Reply,
    Request,
    SessionRow,
    cut,
    fitting,
    pack_reply,
    pack_request,
    read_reply,
    read_request,
)
from tests.protocol import samples
from tests.protocol.samples import call_id, u64, words

REQUESTS = sorted(CALL_REQUESTS | QUERIES | ADMIN_REQUESTS)
requests = st.builds(
    Request,
    st.sampled_from(REQUESTS),
    words.filter(bool).map(DeviceNumber),
    samples.ids.map(CallId),
    words,
    st.booleans(),
    words,
    words.filter(bool),
)
rows = st.builds(SessionRow, u64, st.sampled_from(Role), samples.times, u64, u64, st.integers(0, 1_000), words, words)
replies = st.builds(
    Reply,
    st.integers(0, 0xFFFF),
    words,
    words,
    st.none() | samples.ids.map(CallId),
    st.none() | samples.calls,
    st.none() | samples.devices,
    st.none() | samples.links,
    st.none() | samples.licences,
    st.lists(rows, max_size=3).map(tuple),
    st.integers(0, 2**32 - 1),
    st.lists(words, max_size=3).map(tuple),
)


@given(requests)
def test_requests(request: Request) -> None:
    assert read_request(request.kind, pack_request(request)) == request


@given(replies)
def test_replies(reply: Reply) -> None:
    assert read_reply(pack_reply(reply)) == reply


@given(st.sampled_from(REQUESTS), st.binary(max_size=80))
def test_random_bytes_never_raise(kind: Kind, body: bytes) -> None:
    read_request(kind, body)
    read_reply(body)


@pytest.mark.parametrize(
    ("request_made", "said"),
    [
        (Request(Kind.MAKE_CALL), "field device"),
        (Request(Kind.QUERY_DEVICE), "field device"),
        (Request(Kind.QUERY_CALL), "field call_id"),
        (Request(Kind.SET_LOG_LEVEL), "field level"),
        (Request(Kind.RELOAD, idempotency_key="k" * (IDEMPOTENCY_KEY_BYTES_MAX + 1)), "idempotency key"),
    ],
)
def test_what_a_request_cannot_do_without(request_made: Request, said: str) -> None:
    read = read_request(request_made.kind, pack_request(request_made))
    assert isinstance(read, Problem)
    assert read.code is Code.MALFORMED
    assert said in read.text


def test_a_request_is_the_model_s_command() -> None:
    request = Request(Kind.DEFLECT_CALL, DeviceNumber("8001"), call_id(7), "8002", True)
    assert request.command() == Command(CommandKind.DEFLECT_CALL, DeviceNumber("8001"), call_id(7), "8002", True)


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(),
        Outcome(call_id=call_id(3)),
        Outcome(Refusal.REFUSED_BY_SWITCH, "the switch said no", "invalidConnectionState"),
    ],
)
def test_an_outcome_survives_the_wire(outcome: Outcome) -> None:
    reply = read_reply(pack_reply(Reply.of_outcome(outcome)))
    assert isinstance(reply, Reply)
    assert reply.outcome() == outcome
    assert reply.accepted is (outcome.refusal is None)


def test_a_code_the_model_does_not_name_is_told_in_words() -> None:
    assert Reply(Code.UNKNOWN_STREAM, "no").outcome() == Outcome(Refusal.NOT_SUPPORTED, "no (code 90)")


def test_a_state_nobody_knows_in_a_reply_is_a_problem() -> None:
    packed = bytearray(pack_reply(Reply(link=samples.LINK)))
    packed[2 + 4 + 2] = 99
    assert isinstance(read_reply(bytes(packed)), Problem)


def test_long_texts_are_cut_at_a_letter() -> None:
    assert cut("short") == "short"
    assert cut("前" * 2_000).endswith("前…")
    assert len(cut("前" * 2_000).encode()) <= REPLY_TEXT_BYTES_MAX


def test_many_lines_fit_and_say_what_is_missing() -> None:
    lines = fitting(["P003 something is wrong here"] * 5_000)
    assert sum(2 + len(line.encode()) for line in lines) <= FIELD_BYTES_MAX
    assert lines[-1] == f"… {5_000 - len(lines) + 1} more"
    assert isinstance(read_reply(pack_reply(Reply(lines=("x" * 9_000,) * 100))), Reply)


def test_the_longest_list_of_sessions_fits() -> None:
    row = SessionRow(1, Role.ADMIN, 1, 1, 1, 1, "[" + "f" * 45 + "]:65535", "n" * NAME_BYTES_MAX)
    assert read_reply(pack_reply(Reply(sessions=(row,) * SESSIONS_LISTED_MAX))) == Reply(
        sessions=(row,) * SESSIONS_LISTED_MAX
    )
