"""The state on disk."""

from pathlib import Path

import pytest

from gateway.journal.segment_header import Unusable
from gateway.journal.state import PLACES, STATE_FILE_BYTES, State
from gateway.journal.state_file import STATE_NAME, StateFile, make_state, recall_state
from tests.gateway.journal.stage import EPOCH, file_size_limit

STATE = State(1, EPOCH, boot_id="boot")
NEXT = State(2, EPOCH, last=7)


def test_no_file_is_a_first_start(tmp_path: Path) -> None:
    assert recall_state(tmp_path) is None


def test_what_is_written_is_recalled(tmp_path: Path) -> None:
    made = make_state(tmp_path, STATE)
    assert (made.held, recall_state(tmp_path)) == (STATE, STATE)
    made.write(NEXT)
    assert (made.held, recall_state(tmp_path)) == (NEXT, NEXT)
    made.close()
    assert (tmp_path / STATE_NAME).stat().st_size == STATE_FILE_BYTES
    assert (tmp_path / STATE_NAME).stat().st_blocks * 512 >= STATE_FILE_BYTES


def test_a_file_that_may_not_grow_is_still_written_in_place(tmp_path: Path) -> None:
    made = make_state(tmp_path, STATE)
    with file_size_limit(STATE_FILE_BYTES):
        made.write(NEXT)
    with file_size_limit(0), pytest.raises(OSError, match="too large"):
        made.write(State(3, EPOCH))
    assert (made.held, recall_state(tmp_path)) == (NEXT, NEXT)
    made.close()


@pytest.mark.parametrize("place", PLACES)
def test_one_copy_is_enough(tmp_path: Path, place: int) -> None:
    make_state(tmp_path, STATE).close()
    content = bytearray((tmp_path / STATE_NAME).read_bytes())
    content[place + 20] ^= 1
    (tmp_path / STATE_NAME).write_bytes(content)
    assert recall_state(tmp_path) == STATE
    held = StateFile(tmp_path, STATE)
    held.write(NEXT)
    held.close()
    assert recall_state(tmp_path) == NEXT


def test_none_is_damage(tmp_path: Path) -> None:
    (tmp_path / STATE_NAME).write_bytes(bytes(STATE_FILE_BYTES))
    assert recall_state(tmp_path) is Unusable.DAMAGED
