"""A segment's name and header: read again as written, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journal.limits import CHECKPOINT_BYTES_MAX, EPOCH_MAX, NUMBER_MAX
from gateway.journal.segment_header import (
    SEGMENT_HEADER_BYTES,
    SegmentHeader,
    Unusable,
    named_epoch,
    pack_segment_header,
    read_segment_header,
)
from tests.gateway.journal.versions import newer_segment

HEADER = SegmentHeader(EPOCH_MAX, 7, 1_000_000, 5)

headers = st.builds(
    SegmentHeader,
    st.integers(1, EPOCH_MAX),
    st.integers(1, NUMBER_MAX),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(0, CHECKPOINT_BYTES_MAX),
)


@given(headers)
def test_a_header_comes_back_as_it_was(header: SegmentHeader) -> None:
    assert read_segment_header(header.name, pack_segment_header(header)) == header
    assert named_epoch(header.name) == header.epoch


@given(headers, headers)
def test_names_sort_by_epoch_and_number(one: SegmentHeader, other: SegmentHeader) -> None:
    assert (one.name < other.name) == ((one.epoch, one.first) < (other.epoch, other.first))


@given(headers, st.integers(0, SEGMENT_HEADER_BYTES * 8 - 1))
def test_any_flipped_bit_is_damage(header: SegmentHeader, bit: int) -> None:
    harmed = bytearray(pack_segment_header(header))
    harmed[bit // 8] ^= 1 << bit % 8
    assert read_segment_header(header.name, bytes(harmed)) is Unusable.DAMAGED


def test_a_header_cut_short_or_under_another_name_is_damage() -> None:
    whole = pack_segment_header(HEADER)
    for end in range(len(whole)):
        assert read_segment_header(HEADER.name, whole[:end]) is Unusable.DAMAGED
    other = SegmentHeader(EPOCH_MAX, 8, 1_000_000, 5)
    assert read_segment_header(other.name, whole) is Unusable.DAMAGED


@pytest.mark.parametrize(
    "header",
    [
        SegmentHeader(0, 7, 0, 0),
        SegmentHeader(EPOCH_MAX + 1, 7, 0, 0),
        SegmentHeader(1, 0, 0, 0),
        SegmentHeader(1, NUMBER_MAX + 1, 0, 0),
        SegmentHeader(1, 1, 0, CHECKPOINT_BYTES_MAX + 1),
    ],
)
def test_what_cannot_be_is_not_believed_even_with_a_good_crc(header: SegmentHeader) -> None:
    assert read_segment_header(header.name, pack_segment_header(header)) is Unusable.DAMAGED


def test_a_newer_version_is_told_from_damage() -> None:
    assert read_segment_header(HEADER.name, newer_segment(HEADER)) is Unusable.NEWER_VERSION


@pytest.mark.parametrize("name", ["state", "lock", "1-2.journal", HEADER.name + ".new", "x" + HEADER.name])
def test_other_files_are_no_segments(name: str) -> None:
    assert named_epoch(name) is None
