"""Captures are cut into their messages, wherever they begin or end and whatever lies between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.links.csta_xml.framing import frame
from ultra.csta_capture import Flaw, Piece, is_framed, pieces

BODIES = [
    b'<?xml version="1.0" encoding="UTF-8"?><StartApplicationSession/>',
    "<a xmlns='u'><b c=\">\">座席</b><!-- </a> --><d/></a>".encode(),
    b"\xef\xbb\xbf<?xml version='1.0'?>\n<x:e xmlns:x='y'><![CDATA[</x:e>]]></x:e>",
    b"<e/>",
]
bodies = st.lists(st.sampled_from(BODIES), min_size=1, max_size=6)
ids = st.integers(0, 9999)


@given(st.lists(st.tuples(ids, st.sampled_from(BODIES)), min_size=1, max_size=6))
def test_framed_messages_come_back(sent: list[tuple[int, bytes]]) -> None:
    capture = b"".join(frame(*one) for one in sent)
    found = list(pieces(capture))
    assert [(one.invoke_id, one.body) for one in found if isinstance(one, Piece)] == sent
    offsets = [one.offset for one in found]
    assert offsets == [len(b"".join(frame(*one) for one in sent[:index])) for index in range(len(sent))]


@given(bodies, st.sampled_from([b"", b"\n", b"\r\n \t"]))
def test_bare_documents_come_back(sent: list[bytes], between: bytes) -> None:
    capture = between.join(sent)
    assert not is_framed(capture)
    found = list(pieces(capture))
    assert [one.body for one in found if isinstance(one, Piece)] == sent
    assert all(capture[one.offset :].startswith(one.body) for one in found if isinstance(one, Piece))


@given(st.integers(1, 60), st.integers(1, 60))
def test_a_capture_that_begins_and_ends_in_the_middle(first: int, last: int) -> None:
    whole = [frame(index, BODIES[0]) for index in range(3)]
    capture = b"".join(whole)[first:-last]
    found = list(pieces(capture))
    assert [one.invoke_id for one in found if isinstance(one, Piece)] == [1]
    assert [one.offset for one in found if isinstance(one, Flaw)] == [0, 2 * len(whole[0]) - first]
    skipped = sum(one.bytes_skipped for one in found if isinstance(one, Flaw))
    assert skipped + len(whole[1]) == len(capture)


def test_what_lies_between_frames_is_told_with_its_place() -> None:
    capture = frame(1, BODIES[0]) + b"lost bytes" + frame(2, BODIES[0])
    size = len(frame(1, BODIES[0]))
    assert list(pieces(capture)) == [
        Piece(0, BODIES[0], 1),
        Flaw(size, 10, "no frame begins here", b"lost bytes".hex()),
        Piece(size + 10, BODIES[0], 2),
    ]


def test_an_empty_body_is_a_message_among_others() -> None:
    assert list(pieces(frame(1, b"<e/>") + frame(2, b"") + frame(3, b"<e/>"))) == [
        Piece(0, b"<e/>", 1),
        Piece(12, b"", 2),
        Piece(20, b"<e/>", 3),
    ]


def test_text_around_a_document_is_no_part_of_it() -> None:
    assert list(pieces(b"received: <a><b/></a> and more")) == [
        Flaw(0, 10, "no XML", b"received: ".hex()),
        Piece(10, b"<a><b/></a>"),
        Flaw(22, 8, "no XML document that ends", b"and more".hex()),
    ]


def test_a_document_that_does_not_end_hides_no_other() -> None:
    good = b'<?xml version="1.0"?><c/>'
    assert list(pieces(b"<a><b></a>" + good)) == [
        Flaw(0, 10, "no XML document that ends", b"<a><b></a>".hex()),
        Piece(10, good),
    ]


@pytest.mark.parametrize("capture", [b"", b" \r\n", b"\0\0\0"])
def test_nothing_is_nothing(capture: bytes) -> None:
    assert list(pieces(capture)) == []


tags = st.lists(st.sampled_from([b"<", b">", b"<a>", b"</a>", b"\0\0", b"0001", b"?", b"<?xml "])).map(b"".join)


@given(st.binary(max_size=200) | tags)
def test_any_bytes_are_told_once_in_their_order(capture: bytes) -> None:
    at = 0
    for one in pieces(capture):
        assert one.offset >= at
        at = one.offset + (one.bytes_skipped if isinstance(one, Flaw) else len(one.body))
    assert at <= len(capture)
