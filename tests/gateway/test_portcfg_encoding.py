"""Which encoding a port.cfg is in, where its lines begin, and which bytes are none of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.portcfg_encoding import (
    Encoding,
    UndecodableByte,
    encoding_of,
    lacks_last_line_end,
    lines_of,
    looks_like_utf16,
)


@pytest.mark.parametrize("words", ["前台", "总机", "联通", "谢谢前台", "座席 8001 张三", "中继线路"])
def test_chinese_is_read_in_the_encoding_it_was_written_in(words: str) -> None:
    line = f'EXT 8001 name="{words}"\n'
    assert encoding_of(line.encode("utf-8")) is Encoding.UTF_8
    assert encoding_of(line.encode("utf-8-sig")) is Encoding.UTF_8
    assert encoding_of(line.encode("gb18030")) is Encoding.GB18030


@pytest.mark.parametrize("words", ["Réception", "Приёмная", "Empfang Süd", "Ρεσεψιόν", "Łódź", "naïve façade"])
def test_other_alphabets_in_utf8_stay_utf8(words: str) -> None:
    assert encoding_of(words.encode()) is Encoding.UTF_8


def test_one_damaged_byte_does_not_turn_utf8_into_gb18030() -> None:
    raw = 'EXT 8001 name="前台"\nEXT 8002 name="总机'.encode() + b'\xe5"\n'
    assert encoding_of(raw) is Encoding.UTF_8


def test_one_damaged_byte_does_not_turn_gb18030_into_utf8() -> None:
    raw = 'EXT 8001 name="总机值班"\n'.encode("gb18030") + b'EXT 8002 name="\xff"\n'
    assert encoding_of(raw) is Encoding.GB18030


def test_four_byte_characters_of_gb18030() -> None:
    raw = 'EXT 8001 name="㐂总机"\n'.encode("gb18030")
    assert [line.text for line in lines_of(raw, encoding_of(raw))] == ['EXT 8001 name="㐂总机"']


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf16_is_seen_with_and_without_its_mark(encoding: str) -> None:
    assert looks_like_utf16('EXT 8001 name="前台"\n'.encode(encoding))


def test_a_single_nul_is_no_utf16() -> None:
    assert not looks_like_utf16(b"EXT 8001\x00\n")
    assert not looks_like_utf16(b"")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_in_every_way(end: str) -> None:
    raw = f"EXT 8001{end}{end}EXT 8002{end}".encode()
    lines = list(lines_of(raw, Encoding.UTF_8))
    assert [(line.number, line.text) for line in lines] == [(1, "EXT 8001"), (2, ""), (3, "EXT 8002")]
    assert [raw[line.offset : line.offset + line.size_bytes] for line in lines] == [b"EXT 8001", b"", b"EXT 8002"]
    assert not lacks_last_line_end(raw)
    assert lacks_last_line_end(raw + b"x")


def test_mixed_line_ends() -> None:
    lines = lines_of(b"a\rb\r\nc\nd", Encoding.UTF_8)
    assert [line.text for line in lines] == ["a", "b", "c", "d"]


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    (line,) = lines_of("\ufeffEXT 8001\n".encode(), Encoding.UTF_8)
    assert (line.text, line.offset) == ("EXT 8001", 3)


def test_nothing_has_no_lines() -> None:
    assert list(lines_of(b"", Encoding.UTF_8)) == []
    assert not lacks_last_line_end(b"")


def test_the_first_undecodable_byte_of_a_line() -> None:
    first, second = lines_of("前台\n".encode() + b"a\xffb\xfe", Encoding.UTF_8)
    assert first.undecodable is None
    assert second.undecodable == UndecodableByte(offset=8, column=2, value=0xFF)
    assert second.text == "a\ufffdb\ufffd"


@given(st.binary(max_size=200))
def test_any_bytes_become_lines_that_cover_them(raw: bytes) -> None:
    encoding = encoding_of(raw)
    lines = list(lines_of(raw, encoding))
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert sum(line.size_bytes for line in lines) + raw.count(b"\n") + raw.count(b"\r") + 3 >= len(raw)
    for line in lines:
        assert "\n" not in line.text
        assert (line.undecodable is None) == (
            raw[line.offset : line.offset + line.size_bytes] == line.text.encode(encoding)
        )
        if line.undecodable is not None:
            assert raw[line.undecodable.offset] == line.undecodable.value
            assert 1 <= line.undecodable.column <= len(line.text)


@given(st.text(st.characters(codec="gb18030", exclude_categories=["Cc", "Cs"]), min_size=1))
def test_any_text_in_utf8_with_a_mark_is_read_back(words: str) -> None:
    raw = words.encode("utf-8-sig")
    assert [line.text for line in lines_of(raw, encoding_of(raw))] == [words]
