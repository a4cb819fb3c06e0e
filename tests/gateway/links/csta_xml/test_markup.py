"""What is read by known markup is what the parser would have read; whatever else comes is left to the parser."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.links.csta_xml import markup as rules
from gateway.links.csta_xml import messages as m
from gateway.links.csta_xml.build import build
from gateway.links.csta_xml.markup import Markups
from gateway.links.csta_xml.parse import parse
from gateway.links.csta_xml.problems import UnknownElements
from tests.gateway.links.csta_xml.strategies import messages

PLAIN = ["", " ", "8001", "\t\n"]
SPECIAL = ["]]>", "&lt;", "&amp;x", "&#65;", "a>b", "<x/>", "</callID>", "\r\n", "\0", "\x01", "\x7f", "\ufeff", "前台"]
MARKED = ["<![CDATA[1]]>", "<!-- 1 -->", "<?pi 1?>", "<!DOCTYPE x>"]
TEXTS = st.one_of(st.text(max_size=8), st.sampled_from(PLAIN + SPECIAL + MARKED))


def held(call: str = "1", device: str = "1000", tail: str = "") -> bytes:
    return (
        "<HeldEvent><monitorCrossRefID>M1</monitorCrossRefID>"
        f"<heldConnection><callID>{call}</callID><deviceID>{device}</deviceID></heldConnection>"
        f"<holdingDevice><deviceIdentifier>{device}</deviceIdentifier></holdingDevice>"
        f"<localConnectionInfo>hold</localConnectionInfo><cause>normal</cause></HeldEvent>{tail}"
    ).encode()


def warm(*bodies: bytes) -> Markups:
    markups = Markups()
    for body in bodies:
        parse(body, markups=markups)
    return markups


def test_the_next_message_with_the_same_tags_is_not_parsed() -> None:
    markups = warm(held())
    assert markups.recall(held("2", "1001")) is not None
    event = parse(held("2", "1001"), markups=markups)
    assert isinstance(event, m.CallEvent)
    assert (event.connection, event.subject) == (m.ConnectionID("2", "1001"), m.DeviceRef.of("1001"))


def test_a_message_read_stays_what_it_was_when_the_next_one_comes() -> None:
    markups = warm(held())
    first = parse(held("2"), markups=markups)
    parse(held("3"), markups=markups)
    assert isinstance(first, m.CallEvent)
    assert first.connection == m.ConnectionID("2", "1000")


@given(messages, st.data())
def test_whatever_stands_between_known_tags_is_read_as_by_the_parser(message: m.Message, data: st.DataObject) -> None:
    body = build(message)
    markups = warm(body)
    said = re.sub(r"(?<=>)([^<>]*)(?=<)", lambda _: data.draw(TEXTS), body.decode())
    changed = said.encode("utf-8", "surrogatepass")
    known, cold = UnknownElements(), UnknownElements()
    assert parse(changed, known, markups) == parse(changed, cold, Markups())
    assert known.total == cold.total


@given(messages, st.data())
def test_a_message_damaged_anywhere_is_read_as_by_the_parser(message: m.Message, data: st.DataObject) -> None:
    body = bytearray(build(message))
    markups = warm(bytes(body))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
        if not body:
            break
    assert parse(bytes(body), markups=markups) == parse(bytes(body), markups=Markups())


@pytest.mark.parametrize("text", ["a&b", "a&amp;b", "a]]>b", "a\rb", "a\0b", "a\x1bb", "a>b", "a<b/>", "é", "前"])
def test_bytes_with_a_meaning_of_their_own_are_left_to_the_parser(text: str) -> None:
    assert warm(held()).recall(held(device=text)) is None


@pytest.mark.parametrize(
    "body",
    [
        held().replace(b"<cause>", b"<cause><!-- why -->"),
        held().replace(b"<cause>normal", b"<cause><![CDATA[normal]]>"),
        held().replace(b"<cause>", b"<?why x?><cause>"),
        held().replace(b"<HeldEvent>", b'<HeldEvent x="a>b">'),
        held(device="前台"),
        held(call="1" * rules.BODY_CHARACTERS_MAX),
    ],
)
def test_what_cannot_be_taken_apart_simply_is_not_kept(body: bytes) -> None:
    markups = warm(body)
    assert isinstance(parse(body, markups=markups), m.CallEvent)
    assert markups.recall(body) is None


@pytest.mark.parametrize("body", [b"<HeldEvent><callID>1</HeldEvent>", b"<Strange><a>1</a></Strange>", b"no xml"])
def test_what_the_parser_refuses_or_nobody_knows_is_not_kept(body: bytes) -> None:
    assert warm(body).recall(body) is None


def test_tags_in_another_order_are_other_markup() -> None:
    other = held().replace(
        b"<callID>1</callID><deviceID>1000</deviceID>", b"<deviceID>1000</deviceID><callID>1</callID>"
    )
    markups = warm(held())
    assert markups.recall(other) is None
    assert parse(other, markups=markups) == parse(held(), markups=markups)
    assert markups.recall(other) is not None
    assert markups.recall(held()) is not None


def test_a_switch_that_never_says_the_same_twice_fills_no_memory() -> None:
    markups = Markups(markups_max=8)
    for number in range(100):
        parse(held().replace(b"HeldEvent>", b"HeldEvent>" + b" " * number, 1), markups=markups)
        parse(held().replace(b"<HeldEvent>", b'<HeldEvent n="%d">' % number), markups=markups)
        assert sum(map(len, markups._by_head.values())) == markups._count <= 8
    assert parse(held(), markups=markups) == parse(held(), markups=Markups())


def test_one_event_has_few_forms() -> None:
    markups = Markups()
    for number in range(3 * rules.MARKUPS_OF_EVENT_MAX):
        parse(held().replace(b"<cause>", b" " * number + b"<cause>"), markups=markups)
        assert max(map(len, markups._by_head.values())) <= rules.MARKUPS_OF_EVENT_MAX
