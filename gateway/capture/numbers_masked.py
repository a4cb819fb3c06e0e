"""Telephone numbers replaced by others of the same length, each always by the same: for captures that leave the house.

Pure. A number is a run of NUMBER_DIGITS_MIN digits or more that stands by itself; those that port.cfg names stay, since
they are the site's own and decide what belongs to whom. Which number becomes which depends on a secret that is drawn
for each copy and kept nowhere. Ids of the switch that look like numbers are replaced as well, everywhere alike.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.links.csta_xml.framing import Deframer, Frame, FrameProblem, frame

NUMBER_DIGITS_MIN = 5
"""Shorter ones are extensions, short codes, times and counts."""

ROUNDS = 6
"""Of the Feistel network: each digit depends on all others."""

_NUMBER = re.compile(r"(?<![\w.-])\d{5,}(?![\w.])")
_RUN = re.compile(r"\d{5,}")
_COUNTS = re.compile(r"(?i)^(?:ListItems|Challenge): |<(?:\w+:)?messageSequenceNumber>")
"""Lines of AMI and elements of CSTA in which digits count something, or where nothing is to be hidden."""


@dataclass(slots=True)
class NumberMask:
    """Replaces numbers by others. ``secret`` decides which; ``kept`` are texts whose numbers stay."""

    secret: bytes
    kept: frozenset[str] = frozenset()
    _known: dict[str, str] = field(default_factory=dict)

    def number(self, digits: str) -> str:
        """The number that stands for this one: of the same length, another for each, never one that is kept."""
        if digits in self.kept:
            return digits
        masked = self._known.get(digits)
        if masked is None:
            masked = self._permuted(digits)
            while masked in self.kept:
                masked = self._permuted(masked)
            self._known[digits] = masked
        return masked

    def text(self, text: str) -> str:
        """A text with every number in it replaced."""
        return _NUMBER.sub(lambda found: self.number(found[0]), text)

    def line(self, line: str) -> str:
        """The same of a line, unless its digits are no number."""
        return line if _COUNTS.search(line) else self.text(line)

    def _permuted(self, digits: str) -> str:
        """A permutation of all numbers of one length: a Feistel network over the two halves."""
        middle = len(digits) // 2
        left, right = digits[:middle], digits[middle:]
        for turn in range(ROUNDS):
            width = len(left)
            said = hashlib.blake2b(f"{turn}/{right}".encode(), key=self.secret, digest_size=16).digest()
            shifted = (int(left) + int.from_bytes(said)) % 10**width
            left, right = right, f"{shifted:0{width}d}"
        return left + right


def runs_in(texts: Iterable[str]) -> frozenset[str]:
    """The numbers that some texts hold, to be kept."""
    return frozenset(run for text in texts for run in _RUN.findall(text))


@dataclass(slots=True)
class AmiMask:
    """Masks what an Asterisk says, chunk by chunk; a line that is not whole waits for the next one."""

    mask: NumberMask
    _rest: bytes = b""

    def received(self, chunk: bytes) -> bytes:
        """The chunk with numbers replaced, without the beginning of its last line."""
        whole, end, self._rest = (self._rest + chunk).rpartition(b"\n")
        lines = whole.decode("latin-1").split("\n")
        return "\n".join(map(self.mask.line, lines)).encode("latin-1") + end


@dataclass(slots=True)
class CstaMask:
    """Masks what a CSTA XML switch says, frame by frame; one that is not whole waits for the rest."""

    mask: NumberMask
    _deframer: Deframer = field(default_factory=Deframer)

    def received(self, chunk: bytes) -> bytes:
        """The frames that are whole now, with numbers replaced; bytes that are no frame as they are."""
        out: list[bytes] = []
        for one in self._deframer.receive(chunk):
            if isinstance(one, FrameProblem):
                out.append(bytes.fromhex(one.excerpt))
            else:
                out.append(self._masked(one))
        return b"".join(out)

    def _masked(self, one: Frame) -> bytes:
        elements = re.split(r"(?=<)", one.body.decode("latin-1"))
        return frame(one.invoke_id, "".join(map(self.mask.line, elements)).encode("latin-1"))
