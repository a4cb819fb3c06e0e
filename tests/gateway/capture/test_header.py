"""What a part says of itself."""

from dataclasses import replace

import pytest

from gateway.capture.header import Header, read_header

HEADER = Header(
    "0.1.0+1", "3.11.7", "c", 1, "2026-01-01", 5, 6, "gateway", 1, 7, 8, "csta-xml", "standard",
    {"host": "pbx"}, "EXT 1\n", 32,
)  # fmt: skip


def test_it_comes_back() -> None:
    assert read_header(HEADER.pack()) == HEADER
    assert read_header(replace(HEADER, switch={"名": 1}).pack()).switch == {"名": 1}


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", HEADER.pack().replace(b'"part": 1', b'"part": "one"')])
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="its header"):
        read_header(content)
