"""The state: two copies, of which one is enough."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journal.limits import EPOCH_MAX, NUMBER_MAX
from gateway.journal.segment_header import Unusable
from gateway.journal.state import (
    BOOT_ID_BYTES_MAX,
    COPY_BYTES,
    PLACES,
    STATE_FILE_BYTES,
    State,
    pack_state,
    read_copy,
    read_state,
)
from tests.gateway.journal.versions import newer_state

numbers = st.integers(0, NUMBER_MAX)
states = st.builds(
    State,
    sequence=st.integers(0, 2**64 - 1),
    epoch=st.integers(1, EPOCH_MAX),
    last=numbers,
    reserved=numbers,
    segment=numbers,
    boot_id=st.text(st.characters(codec="ascii"), max_size=BOOT_ID_BYTES_MAX),
    is_clean=st.booleans(),
    is_unwritable=st.booleans(),
    is_fsynced=st.booleans(),
)


def file_of(first: bytes, second: bytes) -> bytes:
    content = bytearray(STATE_FILE_BYTES)
    for place, copy in zip(PLACES, (first, second), strict=True):
        content[place : place + len(copy)] = copy
    return bytes(content)


@given(states)
def test_a_state_comes_back_as_it_was(state: State) -> None:
    assert read_copy(pack_state(state)) == state
    assert read_state(file_of(pack_state(state), pack_state(state))) == state


@given(states, st.integers(0, COPY_BYTES * 8 - 1), st.integers(0, 1))
def test_a_flipped_bit_in_one_copy_costs_nothing(state: State, bit: int, place: int) -> None:
    harmed = bytearray(pack_state(state))
    harmed[bit // 8] ^= 1 << bit % 8
    assert read_copy(bytes(harmed)) is Unusable.DAMAGED
    copies = [pack_state(state), pack_state(state)]
    copies[place] = bytes(harmed)
    assert read_state(file_of(*copies)) == state
    assert read_state(file_of(bytes(harmed), bytes(harmed))) is Unusable.DAMAGED


def test_a_write_torn_anywhere_leaves_the_old_state_or_the_new_one() -> None:
    old, new = State(7, 1_000, last=5), State(8, 1_000, last=6)
    before, after = pack_state(old), pack_state(new)
    for end in range(COPY_BYTES + 1):
        torn = after[:end] + before[end:]
        assert read_state(file_of(torn, before)) in (old, new)
        assert read_state(file_of(after, torn)) == new


@pytest.mark.parametrize("content", [b"", bytes(STATE_FILE_BYTES), b"\xff" * STATE_FILE_BYTES])
def test_what_is_no_state_is_damage(content: bytes) -> None:
    assert read_state(content) is Unusable.DAMAGED


@pytest.mark.parametrize(
    "state", [State(1, 0), State(1, EPOCH_MAX + 1), State(1, 1, last=NUMBER_MAX + 1), State(1, 1, reserved=2**63)]
)
def test_what_cannot_be_is_not_believed_even_with_a_good_crc(state: State) -> None:
    assert read_copy(pack_state(state)) is Unusable.DAMAGED


def test_a_newer_version_is_told_from_damage() -> None:
    assert read_state(newer_state(State(1, 1_000))) is Unusable.NEWER_VERSION


def test_a_boot_id_that_is_none_is_our_bug() -> None:
    with pytest.raises(ValueError, match="boot id"):
        pack_state(State(1, 1, boot_id="x" * (BOOT_ID_BYTES_MAX + 1)))
