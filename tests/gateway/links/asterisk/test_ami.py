"""Bytes to blocks: cut anywhere, glued, too long, forged; and actions that cannot be broken out of."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.links.asterisk.ami import (
    BANNER_BYTES_MAX,
    BLOCK_BYTES_MAX,
    HEADERS_MAX,
    IDENTITY_CHARACTERS_MAX,
    AmiParser,
    Banner,
    Block,
    Event,
    Poison,
    Response,
    UnsafeValue,
    WrongProtocol,
    build_action,
)

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
HANGUP = b"Event: Hangup\r\nChannel: PJSIP/8001-1\r\nUniqueid: 1.1\r\nCause: 16\r\n\r\n"
SUCCESS = b"Response: Success\r\nActionID: 1\r\nMessage: Park successful\n\r\n\r\n"


def blocks(stream: bytes, wanted: frozenset[bytes] | None = None) -> list[Block]:
    """All blocks of a stream that came in one piece."""
    return AmiParser(wanted).receive(BANNER + stream)[1:]


def test_the_banner_tells_the_version() -> None:
    assert AmiParser().receive(BANNER) == [Banner("11.0.0")]


@pytest.mark.parametrize(
    "greeting", [b"220 mail ESMTP\r\n", b"SSH-2.0-x\r\n", b"\x00\x00\x00", b"HTTP/1.1 400\r\n", b"A\r\n"]
)
def test_another_protocol_is_told_at_once(greeting: bytes) -> None:
    parser = AmiParser()
    (only,) = parser.receive(greeting)
    assert isinstance(only, WrongProtocol)
    assert parser.receive(HANGUP) == []


def test_a_banner_without_end_is_another_protocol() -> None:
    assert AmiParser().receive(b"Asterisk Call Manager/" + b"9" * BANNER_BYTES_MAX) != []


def test_an_event_and_a_response() -> None:
    event, response = blocks(HANGUP + SUCCESS)
    assert event == Event("Hangup", {"Channel": "PJSIP/8001-1", "Uniqueid": "1.1", "Cause": "16"})
    assert response == Response("Success", {"ActionID": "1", "Message": "Park successful\n"})
    assert isinstance(response, Response)
    assert response.is_success


def test_values_may_hold_colons_and_be_empty_or_unknown() -> None:
    (event,) = blocks(b"Event: X\r\nApp: a: b\r\nNone: \r\nNum: <unknown>\r\n\r\n")
    assert isinstance(event, Event)
    assert (event.value("App"), event.value("None"), event.value("Num"), event.value("Absent")) == ("a: b", "", "", "")


def test_bytes_that_are_no_text_do_no_harm() -> None:
    (event,) = blocks(b"Event: X\r\nName: Zo\xc3\xab \xff\r\n\r\n")
    assert isinstance(event, Event)
    assert event.value("Name") == "Zoë \N{REPLACEMENT CHARACTER}"


def test_only_wanted_events_are_handed_on() -> None:
    parser = AmiParser(frozenset({b"Hangup"}))
    assert len(parser.receive(BANNER + b"Event: VarSet\r\nVariable: PIN\r\n\r\n" + HANGUP + SUCCESS)) == 3
    assert parser.unwanted_count == 1


def test_the_first_of_two_equal_headers_wins() -> None:
    (event,) = blocks(b"Event: Newchannel\r\nCallerIDNum: 138\r\nEvent: Fake\r\nX: 1\r\nX: 2\r\nUniqueid: 1.1\r\n\r\n")
    assert isinstance(event, Event)
    assert (event.name, event.value("X"), event.value("Uniqueid")) == ("Newchannel", "1", "1.1")


@pytest.mark.parametrize(
    "forged",
    [
        b"X: 1\r\nEvent: Hangup\r\n\r\n",
        b"event: Hangup\r\n\r\n",
        b"Event: Hangup\r\nCallerIDNum: 138\r\nUniqueid: 9.9\r\nUniqueid: 1.1\r\n\r\n",
        b"Event: Status\r\nActionID: guess\r\nActionID: 1\r\n\r\n",
        b"Event: X\r\n" + b"A: b\r\n" * (HEADERS_MAX + 1) + b"\r\n",
        b"Event: X\r\nA: " + b"b" * BLOCK_BYTES_MAX + b"\r\n\r\n",
    ],
)
def test_what_asterisk_never_sends_is_poison(forged: bytes) -> None:
    parser = AmiParser()
    poison, event = parser.receive(BANNER + forged + HANGUP)[1:]
    assert isinstance(poison, Poison)
    assert isinstance(event, Event)
    assert parser.poison_count == 1


@pytest.mark.parametrize("identity", ["Uniqueid", "DestUniqueid", "BridgeUniqueid", "Channel"])
def test_an_identity_longer_than_asterisk_makes_them_is_poison(identity: str) -> None:
    """It would be a call's name, and fit into no frame."""

    def event(length: int) -> bytes:
        return f"Event: Newchannel\r\n{identity}: {'1' * length}\r\nContext: {'c' * 1_000}\r\n\r\n".encode()

    assert isinstance(blocks(event(IDENTITY_CHARACTERS_MAX))[0], Event)
    (poison,) = blocks(event(IDENTITY_CHARACTERS_MAX + 1))
    assert isinstance(poison, Poison)
    assert poison.reason == "an identity longer than any of Asterisk's"


@pytest.mark.parametrize(
    ("written", "number"),
    [("0", 0), ("16", 16), ("9" * 9, 999_999_999), ("9" * 10, None), ("9" * 5_000, None), ("²", None), ("٣", None),
     ("-1", None), ("+1", None), ("1 ", None), ("", None), ("<unknown>", None)],
)  # fmt: skip
def test_a_number_is_one_that_fits_into_a_frame(written: str, number: int | None) -> None:
    assert Event("QueueCallerJoin", {"Count": written}).number("Count") == number
    assert Event("QueueCallerJoin", {}).number("Count") is None


def test_a_block_without_end_is_told_once_and_skipped() -> None:
    parser = AmiParser()
    parser.receive(BANNER)
    told = [block for _ in range(5) for block in parser.receive(b"Event: X\r\n" + b"A" * BLOCK_BYTES_MAX)]
    assert [type(block) for block in told] == [Poison]
    assert parser.receive(b"\r\n\r\n" + HANGUP) == [blocks(HANGUP)[0]]


@given(st.lists(st.sampled_from([HANGUP, SUCCESS, b"X: y\r\n\r\n"]), max_size=6), st.integers(1, 40))
def test_cut_anywhere_it_is_the_same(parts: list[bytes], size: int) -> None:
    stream = BANNER + b"".join(parts)
    parser = AmiParser()
    pieces = [block for at in range(0, len(stream), size) for block in parser.receive(stream[at : at + size])]
    assert pieces == AmiParser().receive(stream)


def test_ten_thousand_mutated_blocks_are_survived() -> None:
    dice = random.Random(1)
    parser = AmiParser()
    parser.receive(BANNER)
    for _ in range(10_000):
        block = bytearray(HANGUP + SUCCESS)
        for _ in range(dice.randrange(1, 6)):
            block[dice.randrange(len(block))] = dice.randrange(256)
        for told in parser.receive(bytes(block)):
            assert isinstance(told, Event | Response | Poison)
    parser.receive(b"\r\n\r\n")
    assert parser.receive(HANGUP) == blocks(HANGUP)


def test_an_action_is_written_as_it_must_be() -> None:
    assert build_action("Ping", [("ActionID", "1")]) == b"Action: Ping\r\nActionID: 1\r\n\r\n"


@pytest.mark.parametrize("value", ["8002\r\nApplication: System", "a\nb", "a\rb", "\0"])
def test_a_value_that_would_break_out_is_refused(value: str) -> None:
    with pytest.raises(UnsafeValue, match="Exten"):
        build_action("Originate", [("Exten", value)])


@given(st.text(), st.text())
def test_whatever_is_written_is_one_action(header: str, value: str) -> None:
    try:
        built = build_action("X", [(header, value)])
    except UnsafeValue:
        return
    assert built.count(b"\r\n") == 3
    assert built.endswith(b"\r\n\r\n")
