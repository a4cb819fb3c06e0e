"""A target that breaks where chance never comes: the guided run must find it, or it guides nothing."""

from collections.abc import Iterator

from tests.fuzz.target import Target

MAGIC = b"ULP1\r\n"


def check(tried: bytes) -> None:
    """Breaks behind six bytes that must be right, one after the other: each is a branch of its own."""
    if tried[0:1] != MAGIC[0:1]:
        return
    if tried[1:2] != MAGIC[1:2]:
        return
    if tried[2:3] != MAGIC[2:3]:
        return
    if tried[3:4] != MAGIC[3:4]:
        return
    if tried[4:5] != MAGIC[4:5]:
        return
    assert tried[5:6] != MAGIC[5:6], "found"


def seeds() -> Iterator[bytes]:
    yield b"nothing of the kind"


PLANTED = Target("planted", check, seeds)
