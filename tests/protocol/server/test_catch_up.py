"""Turns of those who catch up: everybody's comes, and no turn of the loop is theirs alone."""

from collections.abc import Callable

from protocol.limits import CATCH_UP_PIECE_BYTES, CATCH_UP_TURN_BYTES
from protocol.server.catch_up import CatchUp


class Loop:
    """What is due in the loop's next turn."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []
        self.turns: list[list[str]] = []
        self.catch_up = CatchUp(self.due.append)

    def run(self) -> None:
        while self.due:
            due, self.due[:] = list(self.due), []
            self.turns.append([])
            for call in due:
                call()


class Reader:
    """Somebody who wants some pieces."""

    def __init__(self, loop: Loop, name: str, pieces: int, piece_bytes: int = CATCH_UP_PIECE_BYTES) -> None:
        self._loop = loop
        self._name = name
        self._piece_bytes = piece_bytes
        self.pieces = pieces
        loop.catch_up.ask(self)

    def pull(self) -> int:
        self._loop.turns[-1].append(self._name)
        self.pieces -= 1
        if self.pieces:
            self._loop.catch_up.ask(self)
        return self._piece_bytes


def test_each_gets_a_piece_in_turn() -> None:
    loop = Loop()
    readers = [Reader(loop, name, 3) for name in "abc"]
    loop.run()
    assert "".join(name for turn in loop.turns for name in turn) == "abcabcabc"
    assert [reader.pieces for reader in readers] == [0, 0, 0]


def test_a_turn_of_the_loop_is_not_filled_by_them_however_many_they_are() -> None:
    loop = Loop()
    for _ in range(1_000):
        Reader(loop, "x", 2)
    loop.run()
    assert sum(map(len, loop.turns)) == 2_000
    assert max(map(len, loop.turns)) <= CATCH_UP_TURN_BYTES // CATCH_UP_PIECE_BYTES


def test_who_asks_twice_has_one_turn() -> None:
    loop = Loop()
    reader = Reader(loop, "a", 1)
    loop.catch_up.ask(reader)
    loop.run()
    assert loop.turns == [["a"]]


def test_pieces_that_hold_nothing_do_not_make_a_turn_endless() -> None:
    loop = Loop()
    Reader(loop, "a", 2_000_000, piece_bytes=0)
    call = loop.due.pop()
    loop.turns.append([])
    call()
    assert 0 < len(loop.turns[0]) < 2_000_000, "time ends a turn too"
