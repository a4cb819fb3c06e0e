"""The form of every body: a fixed part, then fields of (tag u16, length u16, bytes), each tag at most once.

Unknown tags are skipped. An element of a list begins with its own length, so that it may grow at its end. What a body
holds is declared in ``protocol.bodies`` and ``protocol.centre_bodies``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from struct import Struct as Packed
from struct import error as PackedError
from typing import Any, Final

from construct import Construct, ConstructError, GreedyString, Int16ub, Int64ub, PrefixedArray, StreamError, Struct

from protocol.errors import Code, Problem
from protocol.limits import FIELD_BYTES_MAX
from protocol.shapes import Element

FIELD_HEADER: Final = Packed(">HH")
_field_header = FIELD_HEADER.pack

WholeText = GreedyString("utf8")
"""A field that is one text: its length is the field's."""

EVENT_ID = Struct("epoch" / Int64ub, "number" / Int64ub)


def element(*members: Any) -> Construct:
    """Something that may grow at its end."""
    return Element(Struct(*members))


def list_of(shape: Construct) -> Construct:
    """``u16`` count, then that many."""
    return PrefixedArray(Int16ub, shape)


@dataclass(frozen=True)
class Field:
    """A field of a body: its tag never changes its meaning."""

    tag: int
    name: str
    shape: Construct

    @cached_property
    def _compiled(self) -> Construct:
        return self.shape.compile()

    def parse(self, piece: bytes) -> Any:
        """The value of the field's bytes, which must be the shape and nothing after it."""
        if self.shape is WholeText:
            return piece.decode()
        stream = BytesIO(piece)
        value = self._compiled.parse_stream(stream)
        left = len(piece) - stream.tell()
        if left:
            raise StreamError(f"{left} bytes after its value")
        return value


@dataclass(frozen=True)
class Body:
    """A body's declaration. ``build`` is for what we make, ``parse`` checks what a peer sent."""

    fixed: Construct
    fields: tuple[Field, ...] = ()
    _by_tag: dict[int, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_tag", {one.tag: one for one in self.fields})

    @cached_property
    def _compiled(self) -> Construct:
        return self.fixed.compile()

    @cached_property
    def _fixed_bytes(self) -> int:
        return int(self.fixed.sizeof())

    def build(self, values: Mapping[str, Any]) -> bytes:
        """The bytes of ``values``; a field that is absent or None is left out. A value that does not fit raises."""
        parts = [self._compiled.build(values)]
        for one in self.fields:
            value = values.get(one.name)
            if value is None:
                continue
            packed = one.shape.build(value)
            if len(packed) > FIELD_BYTES_MAX:
                raise ValueError(f"field {one.name} of {len(packed)} bytes, at most {FIELD_BYTES_MAX} fit")
            parts += (_field_header(one.tag, len(packed)), packed)
        return b"".join(parts)

    def parse(self, body: bytes) -> dict[str, Any] | Problem:
        """Values by name, absent fields missing; a ``Problem`` for bytes that are not such a body."""
        if len(body) < self._fixed_bytes:
            return Problem(Code.MALFORMED, f"body of {len(body)} bytes, its fixed part has {self._fixed_bytes}")
        pieces = split_fields(body, self._fixed_bytes)
        if isinstance(pieces, Problem):
            return pieces
        place = "fixed part"
        try:
            values: dict[str, Any] = dict(self._compiled.parse(body[: self._fixed_bytes]))
            for tag, piece in pieces.items():
                known = self._by_tag.get(tag)
                if known is not None:
                    place = known.name
                    values[known.name] = known.parse(piece)
        except (ConstructError, PackedError, UnicodeDecodeError) as error:
            return Problem(Code.MALFORMED, f"{place}: {str(error).splitlines()[0]}")
        return values


def split_fields(body: bytes, at: int) -> dict[int, bytes] | Problem:
    """The fields after a fixed part of ``at`` bytes, by tag; a tag that comes twice or a cut field is a problem."""
    pieces: dict[int, bytes] = {}
    end = len(body)
    while at < end:
        if end - at < FIELD_HEADER.size:
            return Problem(Code.MALFORMED, f"{end - at} bytes after the last field")
        tag, length = FIELD_HEADER.unpack_from(body, at)
        at += FIELD_HEADER.size
        if length > end - at:
            return Problem(Code.MALFORMED, f"field {tag} announces {length} bytes, {end - at} are left")
        if tag in pieces:
            return Problem(Code.MALFORMED, f"field {tag} comes twice")
        pieces[tag] = body[at : at + length]
        at += length
    return pieces
