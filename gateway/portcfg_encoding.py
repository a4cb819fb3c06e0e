"""From the bytes of port.cfg to its lines: which encoding it is in, where each line begins, which bytes are none of it.

Operators write the file with whatever their desk has: UTF-8 with or without a byte order mark, or GB18030 (GBK,
GB2312), with LF, CRLF or CR. Line ends are looked for in the bytes: in both encodings a byte below 0x30 is always a
character of its own. Must not know the grammar of a line.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""They also begin the marks of UTF-32."""

NUL_SHARE_OF_UTF16 = 4
"""One byte in four being NUL makes it UTF-16 without a mark: plain digits and letters make one in two, Chinese text
fewer."""

_LINE_END = re.compile(rb"\r\n|\n|\r")


class Encoding(StrEnum):
    """An encoding that port.cfg may be in; the value is what operators are shown."""

    UTF_8 = "UTF-8"
    GB18030 = "GB18030"


@dataclass(frozen=True, slots=True)
class UndecodableByte:
    """The first byte of a line that is no text. `offset` counts from the file's first byte, `column` from 1 in
    characters."""

    offset: int
    column: int
    value: int


@dataclass(frozen=True, slots=True)
class DecodedLine:
    """A line without its end; each undecodable byte is a U+FFFD in `text`."""

    number: int
    offset: int
    size_bytes: int
    text: str
    undecodable: UndecodableByte | None


def looks_like_utf16(raw: bytes) -> bool:
    """Whether an editor saved the file as "Unicode", which is UTF-16 and unreadable here."""
    return raw.startswith(UTF16_MARKS) or (len(raw) > 1 and raw.count(0) * NUL_SHARE_OF_UTF16 >= len(raw))


def encoding_of(raw: bytes) -> Encoding:
    """The encoding that the whole file is read in; never both in one file.

    A file that is valid in one of the two is in that one. A file valid in neither is damaged: it is taken for what
    most of its characters say. One valid in both is UTF-8, unless as UTF-8 it would hold nothing but letters that
    hardly anybody writes: the GB18030 bytes of 前台 are also valid UTF-8 ("ǰ̨"), and no switch room means that.
    """
    if raw.startswith(codecs.BOM_UTF8) or raw.isascii():
        return Encoding.UTF_8
    as_utf8 = raw.decode("utf-8", "surrogateescape")
    if not any("\udc80" <= character <= "\udcff" for character in as_utf8):
        return Encoding.GB18030 if _unlikely_in_utf8(as_utf8) and _is_gb18030(raw) else Encoding.UTF_8
    if _is_gb18030(raw) and not _mostly_utf8(as_utf8):
        return Encoding.GB18030
    return Encoding.UTF_8 if _mostly_utf8(as_utf8) else _least_damaged(raw, as_utf8)


def lines_of(raw: bytes, encoding: Encoding) -> Iterator[DecodedLine]:
    """The lines in order, without a byte order mark. A last line without a line end is a line; after a last line end
    there is none."""
    offset = len(codecs.BOM_UTF8) if raw.startswith(codecs.BOM_UTF8) else 0
    starts = [offset, *(match.end() for match in _LINE_END.finditer(raw, offset))]
    if starts[-1] < len(raw):
        starts.append(len(raw))
    for number, (start, end) in enumerate(pairwise(starts), start=1):
        yield _decoded(number, start, raw[start:end].rstrip(b"\r\n"), encoding)


def lacks_last_line_end(raw: bytes) -> bool:
    """Whether the last line is not ended: the old gateway did not read such a line."""
    return bool(raw) and not raw.endswith((b"\n", b"\r"))


def _decoded(number: int, offset: int, line: bytes, encoding: Encoding) -> DecodedLine:
    try:
        return DecodedLine(number, offset, len(line), line.decode(encoding.value), None)
    except UnicodeDecodeError as error:
        # The text before the first bad byte is good, so the column is exact whatever follows.
        column = len(line[: error.start].decode(encoding.value)) + 1
        bad = UndecodableByte(offset + error.start, column, line[error.start])
        return DecodedLine(number, offset, len(line), line.decode(encoding.value, "replace"), bad)


def _is_gb18030(raw: bytes) -> bool:
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True


def _unlikely_in_utf8(as_utf8: str) -> bool:
    """Whether valid UTF-8 is more likely GB18030: only two-byte characters, most of them outside the alphabets people
    write."""
    foreign = [character for character in as_utf8 if character >= "\x80"]
    strange = [character for character in foreign if "\u0180" <= character <= "\u036f"]
    return all(character <= "\u07ff" for character in foreign) and len(strange) * 2 >= len(foreign)


def _mostly_utf8(as_utf8: str) -> bool:
    """Whether a text that is not valid UTF-8 holds more of its three- and four-byte characters than damage.

    GB18030 text hardly ever makes such a character by accident.
    """
    good = sum(character >= "\u0800" and not "\udc80" <= character <= "\udcff" for character in as_utf8)
    bad = sum("\udc80" <= character <= "\udcff" for character in as_utf8)
    return good > bad


def _least_damaged(raw: bytes, as_utf8: str) -> Encoding:
    bad_as_utf8 = sum("\udc80" <= character <= "\udcff" for character in as_utf8)
    bad_as_gb18030 = raw.decode("gb18030", "replace").count("\ufffd")
    return Encoding.GB18030 if bad_as_gb18030 < bad_as_utf8 else Encoding.UTF_8
