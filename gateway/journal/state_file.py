"""The state on disk: both copies written in place, each made safe before the next.

Decides nothing. May raise OSError.
"""

from pathlib import Path
from typing import Final

from gateway.journal.files import open_writing, read_some, write_whole
from gateway.journal.segment_header import Unusable
from gateway.journal.state import PLACES, STATE_FILE_BYTES, State, pack_state, read_state

STATE_NAME: Final = "state"


class StateFile:
    """The file of a journal that is open; `held` is what stands in it."""

    def __init__(self, folder: Path, held: State) -> None:
        self.held = held
        self._writing = open_writing(folder / STATE_NAME, STATE_FILE_BYTES)

    def write(self, state: State) -> None:
        """Replace both copies. After an OSError one of them may be new."""
        copy = pack_state(state)
        for place in PLACES:
            self._writing.overwrite(copy, place)
            self._writing.sync()
        self.held = state

    def close(self) -> None:
        """Close the file; what it says stays."""
        self._writing.close()


def recall_state(folder: Path) -> State | Unusable | None:
    """What the last run left; None when there is no such file."""
    try:
        content = read_some(folder / STATE_NAME, 0, STATE_FILE_BYTES)
    except FileNotFoundError:
        return None
    return read_state(content)


def make_state(folder: Path, state: State) -> StateFile:
    """A new file, in place of one that is damaged or of another size; every byte of it is written, so that it has its
    room on the disk."""
    content = bytearray(STATE_FILE_BYTES)
    copy = pack_state(state)
    for place in PLACES:
        content[place : place + len(copy)] = copy
    write_whole(folder, STATE_NAME, [bytes(content)])
    return StateFile(folder, state)
