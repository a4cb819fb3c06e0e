"""What a fuzz target is: bytes that a peer or a person could have given, and what must hold whatever they are.

A target's check returns for every input, or raises. It draws nothing by chance and keeps nothing between two inputs,
so that an input alone repeats what it did.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

FOUND = Path(__file__).parent / "found"
"""A folder for each target: the inputs that once broke it. They are checked at each run of the tests, for ever."""

BYTES_MAX = 4_096
"""Of an input, unless a target needs more: guidance finds its way faster in short ones."""

STEPS_MAX = 64
"""Of a script within an input: enough for every order of things, few enough to be quick."""


@dataclass(frozen=True, slots=True)
class Target:
    """``check`` raises when something does not hold. ``seeds`` gives good inputs, from real examples where there are
    such; ``words`` are what guidance would have to guess. ``long`` gives inputs of about a length that are as hard for
    their length as one can think of: what they cost must be in proportion to it."""

    name: str
    check: Callable[[bytes], object]
    seeds: Callable[[], Iterable[bytes]]
    words: tuple[bytes, ...] = ()
    bytes_max: int = BYTES_MAX
    long: Callable[[int], Iterable[bytes]] = lambda length: ()

    def found(self) -> list[Path]:
        """The inputs that once broke it."""
        return sorted((FOUND / self.name).glob("*"))


@dataclass(slots=True)
class Script:
    """An input read as instructions: each takes some bytes, and no more than there are."""

    rest: bytes

    def steps(self) -> Iterator[int]:
        """The next instruction, for as long as there is one."""
        for _ in range(STEPS_MAX):
            if not self.rest:
                return
            yield self.number()

    def number(self) -> int:
        """One byte; 0 when none is left."""
        taken = self.take(1)
        return taken[0] if taken else 0

    def take(self, length: int) -> bytes:
        """Up to so many bytes."""
        taken, self.rest = self.rest[:length], self.rest[length:]
        return taken

    def piece(self) -> bytes:
        """Bytes with their length before them, in two bytes."""
        return self.take(int.from_bytes(self.take(2), "big"))


def scripted(*steps: bytes | tuple[int, bytes]) -> bytes:
    """The input that a ``Script`` reads as these steps: bytes as they are, and (instruction, piece)."""
    return b"".join(
        step if isinstance(step, bytes) else bytes((step[0],)) + len(step[1]).to_bytes(2, "big") + step[1]
        for step in steps
    )


def cut(content: bytes, size: int) -> Iterator[bytes]:
    """Pieces of so many bytes, as a network might hand them over."""
    for at in range(0, len(content), size):
        yield content[at : at + size]
