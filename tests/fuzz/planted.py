"""A target that breaks where chance never comes: the guided run must find it, or it guides nothing."""

from collections.abc import Iterator

from tests.fuzz.target import Target

MAGIC = b"ULP1\r\n<>"


def check(tried: bytes) -> None:
    """Breaks behind eight bytes that must be right, one after the other."""
    for at, wanted in enumerate(MAGIC):
        if len(tried) <= at or tried[at] != wanted:
            return
    raise AssertionError("found")


def seeds() -> Iterator[bytes]:
    yield b"nothing of the kind"


PLANTED = Target("planted", check, seeds)
