"""The Asterisk Manager Interface as bytes: a sans-I/O parser and a builder of actions.

A caller can put whole forged AMI events into the stream: PJSIP decodes ``%0D%0A`` in a SIP user part and Asterisk
writes it out unescaped. So nothing a block says is trusted here beyond its shape: the first of two equal headers
wins, a doubled identity is poison, and a block that does not begin as a block must is handed on as ``Poison``, never
as an event. The parser must not know what an event means.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

BLOCK_END = b"\r\n\r\n"
LINE_END = "\r\n"
BANNER_START = b"Asterisk Call Manager/"

BANNER_BYTES_MAX = 256
"""The banner is 29 bytes; a peer that sends more without a line end speaks another protocol."""

BLOCK_BYTES_MAX = 65_536
"""The longest block seen is 2 kB; sixteen channel variables of the longest kind stay under this."""

HEADERS_MAX = 400
"""The longest event seen, AttendedTransfer, has 105 headers."""

NUMBER_DIGITS_MAX = 9
"""Of a count, a place, a cause: what is more fits into no frame."""

IDENTITY_CHARACTERS_MAX = 150
"""Asterisk's own limit (AST_MAX_UNIQUEID); a Channel has 80. A longer one would fit into no frame."""

POISON_SAMPLE_BYTES = 120
"""Enough to recognise a forger's hand in a log, too little to fill one."""

IDENTITIES = frozenset({
    "Channel", "Uniqueid", "DestChannel", "DestUniqueid", "BridgeUniqueid", "SwapUniqueid", "ActionID",
    "TransfererUniqueid", "TransfereeUniqueid", "OrigTransfererUniqueid", "SecondTransfererUniqueid",
    "TransferTargetUniqueid", "ParkeeUniqueid", "RetrieverUniqueid", "TargetUniqueid", "LocalOneUniqueid",
    "LocalTwoUniqueid", "FromBridgeUniqueid", "ToBridgeUniqueid",
})  # fmt: skip
"""Headers that say whom an event is about. Asterisk never doubles one, a forger who puts one before it does."""


@dataclass(frozen=True, slots=True)
class Banner:
    """The line by which the server introduces itself: ``11.0.0``."""

    version: str


@dataclass(frozen=True, slots=True)
class WrongProtocol:
    """The peer is no AMI server; ``greeting`` is what it said first."""

    greeting: bytes


@dataclass(frozen=True, slots=True)
class Event:
    """A block ``Event: name``; ``fields`` holds its other headers, as sent."""

    name: str
    fields: Mapping[str, str]

    def value(self, header: str) -> str:
        """A header's value, empty when it is absent or when Asterisk says that it has none."""
        found = self.fields.get(header, "")
        return "" if found == "<unknown>" else found

    def number(self, header: str) -> int | None:
        """A header's value as a whole number; None when it is none of ours: a forger writes digits of other scripts,
        and thousands of them."""
        return number_in(self.value(header), NUMBER_DIGITS_MAX)


@dataclass(frozen=True, slots=True)
class Response:
    """A block ``Response: status``: the answer to the action with this ActionID, or its list's beginning."""

    status: str
    fields: Mapping[str, str]

    @property
    def is_success(self) -> bool:
        return self.status in ("Success", "Goodbye")


@dataclass(frozen=True, slots=True)
class Poison:
    """A block that cannot be Asterisk's own: why, and how it begins."""

    reason: str
    sample: bytes


Block = Banner | WrongProtocol | Event | Response | Poison


@dataclass(slots=True)
class AmiParser:
    """Bytes of one connection to blocks, cut anywhere.

    ``wanted`` are the event names to hand on, all of them when None; the others are counted and cost next to nothing.
    After WrongProtocol everything is ignored.
    """

    wanted: frozenset[bytes] | None = None
    unwanted_count: int = 0
    poison_count: int = 0
    _buffer: bytes = b""
    _awaits_banner: bool = True
    _is_foreign: bool = False
    _is_skipping: bool = False
    _blocks: list[Block] = field(default_factory=list)

    def receive(self, chunk: bytes) -> list[Block]:
        """Take bytes, return the blocks that are complete now, in order."""
        self._blocks = []
        self._buffer += chunk
        if self._awaits_banner:
            self._take_banner()
        if not self._awaits_banner and not self._is_foreign:
            self._take_blocks()
        return self._blocks

    def take_unread(self) -> bytes:
        """The bytes of a block that is not whole yet; they are to be given again."""
        unread, self._buffer = self._buffer, b""
        return unread

    def _take_banner(self) -> None:
        line, end, rest = self._buffer.partition(b"\r\n")
        is_ours = line.startswith(BANNER_START[: len(line)]) and len(line) <= BANNER_BYTES_MAX
        if is_ours and not end:
            return
        self._awaits_banner = False
        if is_ours and line.startswith(BANNER_START):
            self._blocks.append(Banner(line[len(BANNER_START) :].decode("ascii", "replace")))
            self._buffer = rest
        else:
            self._is_foreign = True
            self._blocks.append(WrongProtocol(line[:POISON_SAMPLE_BYTES]))
            self._buffer = b""

    def _take_blocks(self) -> None:
        *raws, self._buffer = self._buffer.split(BLOCK_END)
        wanted = self.wanted
        for raw in raws:
            if self._is_skipping:
                self._is_skipping = False
                continue
            if not raw.startswith(b"Event: "):
                self._take_other(raw)
                continue
            name, _, headers = raw[7:].partition(b"\r\n")
            if wanted is not None and name not in wanted:
                self.unwanted_count += 1
            elif (fields := self._fields(raw, headers)) is not None:
                self._blocks.append(Event(name.decode("ascii", "replace"), fields))
        if len(self._buffer) > BLOCK_BYTES_MAX:
            if not self._is_skipping:
                self._poison("a block without end", self._buffer)
            self._is_skipping = True
            self._buffer = self._buffer[-len(BLOCK_END) :]

    def _take_other(self, raw: bytes) -> None:
        if raw.startswith(b"Response: "):
            status, _, headers = raw[10:].partition(b"\r\n")
            if (fields := self._fields(raw, headers)) is not None:
                self._blocks.append(Response(status.decode("ascii", "replace"), fields))
        elif raw.strip(b"\r\n"):  # a message that ends in a line end of its own leaves an empty block behind
            self._poison("a block that begins with neither Event nor Response", raw)

    def _fields(self, raw: bytes, headers: bytes) -> dict[str, str] | None:
        if len(raw) > BLOCK_BYTES_MAX:
            self._poison("a block longer than any of Asterisk's", raw)
            return None
        lines = headers.decode("utf-8", "replace").split(LINE_END)
        if len(lines) > HEADERS_MAX:
            self._poison("more headers than any of Asterisk's blocks", raw)
            return None
        if len(max(lines, key=len)) > IDENTITY_CHARACTERS_MAX and _has_long_identity(lines):
            self._poison("an identity longer than any of Asterisk's", raw)
            return None
        fields: dict[str, str] = {}
        for line in lines:
            name, _, fields[name] = line.partition(": ")
        if len(fields) == len(lines):
            return fields
        if not _is_doubt_free(lines):
            self._poison("an identity said twice in one block", raw)
            return None
        pairs = [line.partition(": ") for line in reversed(lines)]
        return {name: value for name, _, value in pairs}

    def _poison(self, reason: str, raw: bytes) -> None:
        self.poison_count += 1
        self._blocks.append(Poison(reason, raw[:POISON_SAMPLE_BYTES]))


def _is_doubt_free(lines: Iterable[str]) -> bool:
    """Whether no identity is doubled; any other header that a forger added changes nothing but his own call."""
    seen: set[str] = set()
    for line in lines:
        name = line.partition(": ")[0]
        if name in IDENTITIES and name in seen:
            return False
        seen.add(name)
    return True


def _has_long_identity(lines: Iterable[str]) -> bool:
    pairs = (line.partition(": ") for line in lines)
    return any(name in IDENTITIES and len(value) > IDENTITY_CHARACTERS_MAX for name, _, value in pairs)


def number_in(written: str, digits_max: int) -> int | None:
    """A whole number of at most so many digits, None for any other text."""
    is_number = written.isascii() and written.isdigit() and len(written) <= digits_max
    return int(written) if is_number else None


class UnsafeValue(ValueError):
    """A value with CR, LF or NUL was to be written into an action: it would become an action of its own."""

    def __init__(self, header: str) -> None:
        super().__init__(f"the value of {header} holds a CR, LF or NUL")
        self.header = header


def build_action(name: str, headers: Iterable[tuple[str, str]]) -> bytes:
    """An action's bytes, headers in the order given; UnsafeValue when a name or value could break out of its line."""
    lines = [f"Action: {name}"]
    for header, value in (("Action", name), *headers):
        if any(mark in text for text in (header, value) for mark in ("\r", "\n", "\0")):
            raise UnsafeValue(header)
        if header != "Action":
            lines.append(f"{header}: {value}")
    return (LINE_END.join(lines) + LINE_END * 2).encode()
