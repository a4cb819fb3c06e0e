"""The codes of port.cfg's problems: number, severity, meaning. `docs/portcfg.md` shows the same table and a test
compares them.

A code is API: it never changes its meaning, and a retired one is never used again. The words of a single problem are
made where the mistake is seen, in `portcfg_lexer` and `portcfg`. Must not parse anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from runtime.problems import Problem, Severity
from runtime.texts import Text, text

_E, _W = Severity.ERROR, Severity.WARNING


class PortCode(Enum):
    """What can be wrong with port.cfg; each value is (code, severity, meaning)."""

    UNREADABLE = ("P001", _E, text("the file cannot be read"))
    NO_PORTS = ("P002", _E, text("the file names no port"))
    UNKNOWN_KIND = ("P003", _E, text("a line does not begin with TRUNK, EXT, IVR or QUEUE"))
    NO_NUMBER = ("P004", _E, text("the number is missing"))
    BAD_NUMBER = ("P005", _E, text("the number or range is not written as it must be"))
    DUPLICATE_NUMBER = ("P006", _E, text("a number is named twice"))
    REVERSED_RANGE = ("P007", _E, text("a range ends before it begins"))
    OVERSIZED_RANGE = ("P008", _E, text("a range is too large"))
    UNEQUAL_RANGE = ("P009", _E, text("the ends of a range differ in prefix or in length"))
    UNKNOWN_KEY = ("P010", _E, text("a key is none of name, group, device, endpoint"))
    DUPLICATE_KEY = ("P011", _E, text("a key stands twice in one line"))
    BAD_QUOTE = ("P012", _E, text("a quoted value is not closed, or goes on after its closing quote"))
    BAD_SETTING = ("P013", _E, text("a word is not of the form key=value"))
    BAD_VALUE = ("P014", _E, text("a value is empty, too long or not of the form that its key needs"))
    BAD_TEMPLATE = ("P015", _E, text("braces in a value hold something other than number"))
    SAME_DEVICE = ("P016", _E, text("two ports have the same device"))
    SAME_ENDPOINT = ("P017", _E, text("two ports have the same endpoint, and not both are trunks"))
    UNDECODABLE = ("P018", _E, text("bytes are neither UTF-8 nor GB18030"))
    NOT_TEXT = ("P019", _E, text("the file is UTF-16, or holds NUL bytes"))
    CONTROL_CHARACTER = ("P020", _E, text("a line holds a control or invisible character"))
    FULL_WIDTH = ("P021", _E, text("a full-width or typographic character stands where a plain one must"))
    LINE_TOO_LONG = ("P022", _E, text("a line is too long"))
    FILE_TOO_LARGE = ("P023", _E, text("the file is too large"))
    TOO_MANY_PORTS = ("P024", _E, text("the file names too many ports"))
    TOO_MANY_PROBLEMS = ("P025", _E, text("there are more problems than are listed"))
    NO_LAST_LINE_END = ("P030", _W, text("the last line has no line end; it is read in full"))
    TOO_FEW_SEATS = ("P031", _W, text("there are more extensions than licensed seats"))
    NO_TRUNK_ENDPOINT = ("P032", _W, text("a trunk names no endpoint, but the interface is asterisk"))

    def __init__(self, code: str, severity: Severity, meaning: Text) -> None:
        self.code = code
        self.severity = severity
        self.meaning = meaning


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of the file as an operator sees it: its number from 1, and its characters without the line end."""

    file: str
    number: int
    text: str

    def problem(
        self, code: PortCode, message: Text, *, column: int = 1, width: int = 1, expected: Text | None = None
    ) -> Problem:
        """A problem of this line; columns count characters from 1."""
        return Problem(
            code.code, code.severity, self.file, message, self.number, column, self.text, max(width, 1), expected
        )


def file_problem(code: PortCode, file: str, message: Text, *, expected: Text | None = None) -> Problem:
    """A problem of the file as a whole, which no single line shows."""
    return Problem(code.code, code.severity, file, message, expected=expected)
