"""The two shapes of variable length in ULP bodies, for construct: a text, and an element that may grow.

construct has both, but its compiled form leaves out the check that the announced bytes are there. These keep it, so
that what a peer sent can be parsed by the compiled form, which is several times as fast; a property test holds both
forms equal, in what they accept and in what they refuse.
"""

from io import BytesIO
from typing import Any, Final

from construct import Construct, Int16ub, StringError, Struct, Subconstruct, stream_read, stream_write

_EXACTLY: Final = """
    def exactly(io, length):
        got = io.read(length)
        if len(got) != length:
            raise StreamError(f"{length} bytes announced, {len(got)} are there")
        return got
"""
_LENGTH: Final = "int.from_bytes(exactly(io, 2), 'big')"


class TextShape(Construct):  # type: ignore[misc]
    """``u16`` length, then UTF-8."""

    def _parse(self, stream: Any, context: Any, path: str) -> str:
        length = Int16ub._parse(stream, context, path)
        try:
            return str(stream_read(stream, length, path), "utf-8")
        except UnicodeDecodeError as error:
            raise StringError(str(error), path=path) from error

    def _build(self, obj: str, stream: Any, context: Any, path: str) -> str:
        encoded = obj.encode()
        Int16ub._build(len(encoded), stream, context, path)
        stream_write(stream, encoded, len(encoded), path)
        return obj

    def _emitparse(self, code: Any) -> str:
        code.append(_EXACTLY)
        return f"str(exactly(io, {_LENGTH}), 'utf-8')"


class Element(Subconstruct):  # type: ignore[misc]
    """``u16`` length, then members; what follows the members that are known is skipped."""

    def __init__(self, members: Struct) -> None:
        super().__init__(members)

    def _parse(self, stream: Any, context: Any, path: str) -> Any:
        length = Int16ub._parse(stream, context, path)
        return self.subcon._parsereport(BytesIO(stream_read(stream, length, path)), context, path)

    def _build(self, obj: Any, stream: Any, context: Any, path: str) -> Any:
        members = BytesIO()
        built = self.subcon._build(obj, members, context, path)
        packed = members.getvalue()
        Int16ub._build(len(packed), stream, context, path)
        stream_write(stream, packed, len(packed), path)
        return built

    def _emitparse(self, code: Any) -> str:
        code.append(_EXACTLY)
        return f"restream(exactly(io, {_LENGTH}), lambda io: {self.subcon._compileparse(code)})"


Text: Final = TextShape()
