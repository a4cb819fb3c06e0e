"""Characters that a terminal does not show, and bytes that are none."""

import pytest

from gateway.portcfg_characters import character_problems, is_bad_character
from gateway.portcfg_encoding import Encoding, lines_of
from gateway.portcfg_problems import PortCode, SourceLine


def problems(raw: bytes) -> list[tuple[str, int | None, str]]:
    (line,) = lines_of(raw, Encoding.UTF_8)
    found = character_problems(SourceLine("port.cfg", 1, line.text), line)
    return [(problem.code, problem.column, problem.message.render()) for problem in found]


@pytest.mark.parametrize("raw", [b"EXT 8001\tname=x", 'EXT 8001 name="前台 ①"'.encode(), "a\u200db".encode()])
def test_good_characters(raw: bytes) -> None:
    assert problems(raw) == []


def test_an_undecodable_byte_has_its_offset() -> None:
    assert problems(b"EXT \xff8001\xfe") == [
        (PortCode.UNDECODABLE.code, 5, "byte 0xFF at offset 4 is neither UTF-8 nor GB18030")
    ]


@pytest.mark.parametrize(
    ("raw", "column", "name"),
    [
        (b"EXT\x0c 8001", 4, "(U+000C, form feed)"),
        (b"EXT 8001\x1a", 9, "(U+001A, Ctrl-Z, the end mark of DOS)"),
        ("EXT 8001 name=\u202e6008".encode(), 15, "(U+202E)"),
        ("EXT 8001\ufeff".encode(), 9, "(U+FEFF, byte order mark, left by joining files)"),
        ("EXT 8001\u2028".encode(), 9, "(U+2028)"),
        ("EXT 8001 name=\ufffd".encode(), 15, "(U+FFFD)"),
        (b"# comment \x07", 11, "(U+0007)"),
    ],
)
def test_control_and_invisible_characters(raw: bytes, column: int, name: str) -> None:
    ((code, found, message),) = problems(raw)
    assert (code, found) == (PortCode.CONTROL_CHARACTER.code, column)
    assert message.endswith(name)


def test_a_nul_has_its_own_message() -> None:
    ((code, column, _),) = problems(b"EXT 80\x0001\x00")
    assert (code, column) == (PortCode.NOT_TEXT.code, 7)


def test_each_sort_once_at_its_first_place() -> None:
    found = problems(b"\x07a\x07b\x0c\xffc\xfe\x07")
    assert sorted((column or 0, code) for code, column, _ in found) == [
        (1, PortCode.CONTROL_CHARACTER.code),
        (5, PortCode.CONTROL_CHARACTER.code),
        (6, PortCode.UNDECODABLE.code),
    ]


def test_bad_characters() -> None:
    assert all(map(is_bad_character, "\x00\x1b\x7f\x85\u200b\u2029\ufffd"))
    assert not any(map(is_bad_character, "a前 \t\u3000\u200d"))
