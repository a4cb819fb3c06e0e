"""Records cut from a file, in whatever pieces; what is torn, damaged, or no capture at all."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.capture.layout import (
    ENVELOPE_BYTES,
    OPENING_BYTES,
    RECORD_BYTES_MAX,
    BadCapture,
    Record,
    RecordReader,
    opening,
    pack_record,
)

THREE = opening() + pack_record(64, b"one") + pack_record(20, b"") + pack_record(20, b"three" * 100)


def read(*pieces: bytes) -> list[Record]:
    reader = RecordReader("a.ultracap")
    return [record for piece in pieces for record in reader.receive(piece)]


@given(st.lists(st.integers(min_value=0, max_value=len(THREE)), max_size=8))
def test_records_come_back_however_they_are_cut(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(THREE)]
    got = read(*(THREE[a:b] for a, b in pairwise(places)))
    assert [(one.kind, one.content) for one in got] == [(64, b"one"), (20, b""), (20, b"three" * 100)]
    assert got[0].offset == OPENING_BYTES
    assert got[1].offset == OPENING_BYTES + ENVELOPE_BYTES + 4


@given(st.integers(min_value=0, max_value=len(THREE) - 1))
def test_a_torn_tail_is_left_out(end: int) -> None:
    reader = RecordReader("a.ultracap")
    got = list(reader.receive(THREE[:end]))
    assert got == read(THREE)[: len(got)]
    assert reader.torn_bytes < len(THREE) - OPENING_BYTES
    assert list(reader.receive(THREE[end:])) == read(THREE)[len(got) :]


@given(st.integers(min_value=OPENING_BYTES + 4, max_value=len(THREE) - 1), st.integers(min_value=1, max_value=255))
def test_damage_is_an_error_that_names_the_place_or_a_torn_tail(at: int, flip: int) -> None:
    damaged = bytearray(THREE)
    damaged[at] ^= flip
    reader = RecordReader("a.ultracap")
    with suppress(BadCapture):
        list(reader.receive(bytes(damaged)))
    assert reader.offset <= at, "a changed record was taken for the one that was written"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (b"GIF89a", "this is no capture"),
        (b"ULTRACAP\x00\x63", "form 99; this software reads form 1"),
        (opening() + (RECORD_BYTES_MAX + 1).to_bytes(4) + bytes(8), "is expected nowhere"),
        (opening() + bytes(8), "a record of 0 bytes"),
    ],
)
def test_what_is_no_capture_is_said(file: bytes, text: str) -> None:
    with pytest.raises(BadCapture, match=text):
        read(file)


def test_a_record_that_is_too_long_is_not_written() -> None:
    with pytest.raises(ValueError, match="a record of"):
        pack_record(20, bytes(RECORD_BYTES_MAX))
