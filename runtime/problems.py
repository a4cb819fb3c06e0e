"""A mistake in a file that an operator wrote: where it stands, what it is, what was expected. One form for all of them.

port.cfg, the toml files and the licence all report `Problem`s, so that `ultra check`, the daemons' start and a reload
say the same thing in the same shape, in English and Chinese, for eyes and as JSON. The code (`P003`) is API and never
changes its meaning; the words may. Must not read files and must not know what the files are about.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from runtime.texts import Language, Text, text, verbatim, visible

TAB_CELLS = 8
"""Width of a tab stop, as terminals and most editors set it."""

SOURCE_CELLS_MAX = 100
"""Cells of the faulty line that are shown: the caret must stay on the same screen row as its line in a usual window."""

_BOLD, _RED, _YELLOW, _CYAN, _RESET = "\033[1m", "\033[31m", "\033[33m", "\033[36m", "\033[0m"


class Severity(StrEnum):
    """Errors stop what was asked for (a start, a reload); warnings do not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `line` and `column` count from 1, columns in characters as an editor counts them; None when it has
    no place.

    `source_line` is the line as written, without its end; the caret covers `width` characters of it from `column` on.
    """

    code: str
    severity: Severity
    file: str
    message: Text
    line: int | None = None
    column: int | None = None
    source_line: str | None = None
    width: int = 1
    expected: Text | None = None

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether any of them stops the start."""
    return any(problem.is_error for problem in problems)


def render(problem: Problem, language: Language = Language.EN, *, colour: bool = False) -> str:
    """The problem as an operator reads it, several lines, no line end at the end.

    The first line begins `file:line:column: code`, so that editors and scripts can jump to the place::

        port.cfg:12:1: P003 error: "EXTT" is no kind of port
           12 | EXTT  8001
              | ^^^^
              = expected: TRUNK, EXT, IVR or QUEUE; did you mean EXT?
    """
    place = ":".join(str(part) for part in (visible(problem.file), problem.line, problem.column) if part is not None)
    shade = _RED if problem.is_error else _YELLOW
    severity = _SEVERITY_WORDS[problem.severity].render(language)
    title = f"{_paint(place + ':', _BOLD, colour)} {_paint(f'{problem.code} {severity}', shade, colour)}"
    shown = [f"{title}{problem.message.render(language)}"]
    gutter = f"{problem.line if problem.line is not None else '':>5} | "
    margin = " " * (len(gutter) - 2)
    if problem.source_line is not None and problem.column is not None:
        source, caret = underlined(problem.source_line, problem.column, problem.width)
        shown += [f"{gutter}{source}", f"{margin}| {_paint(caret, shade, colour)}"]
    if problem.expected is not None:
        label = text("expected: {expected}", expected=problem.expected)
        shown.append(f"{margin}= {_paint(label.render(language), _CYAN, colour)}")
    return "\n".join(shown)


def as_json(problem: Problem, language: Language = Language.EN) -> dict[str, object]:
    """The problem for scripts, ready for `json.dumps`. `code`, `severity`, the place and `parameters` are API; the
    words are not."""
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "width": problem.width,
        "message": problem.message.render(language),
        "expected": None if problem.expected is None else problem.expected.render(language),
        "parameters": {
            name: value.render(language) if isinstance(value, Text) else value
            for name, value in problem.message.parameters
        },
        "source_line": problem.source_line,
    }


def why_unreadable(error: OSError) -> Text:
    """Why a file could not be read, in the operator's language for what operators meet, else in the system's words."""
    match error:
        case FileNotFoundError():
            return text("there is no such file")
        case PermissionError():
            return text("permission denied")
        case IsADirectoryError():
            return text("it is a folder")
        case _:
            return verbatim(error.strerror or type(error).__name__)


def underlined(source_line: str, column: int, width: int) -> tuple[str, str]:
    """The line made safe to print, and the row of carets below it.

    Tabs are spaced out and double-width characters (Chinese; UAX #11 W and F) counted as two cells, so that the caret
    stands below what it means in every fixed-width font. A long line is cut to a window around the caret, with `…`
    where it was cut.
    """
    cells = _Cells.of(source_line)
    start = cells.edge(column - 1)
    end = max(cells.edge(column - 1 + width), start + 1)
    line = cells.shown
    if cells.edges[-1] <= SOURCE_CELLS_MAX:
        return line.rstrip(), " " * start + "^" * (end - start)
    return _window(cells, start, end)


@dataclass(frozen=True, slots=True)
class _Cells:
    """A line laid out in terminal cells: its characters as shown, and the cell at which each source character
    begins."""

    pieces: tuple[str, ...]
    edges: tuple[int, ...]

    @classmethod
    def of(cls, source_line: str) -> _Cells:
        pieces, edges = [], [0]
        for character in source_line:
            at = edges[-1]
            piece = " " * (TAB_CELLS - at % TAB_CELLS) if character == "\t" else visible(character)
            pieces.append(piece)
            edges.append(at + sum(map(cell_width, piece)))
        return cls(tuple(pieces), tuple(edges))

    @property
    def shown(self) -> str:
        return "".join(self.pieces)

    def edge(self, index: int) -> int:
        """The cell where character `index` begins; places past the end (a missing word, a missing line end) follow
        on."""
        past = index - (len(self.edges) - 1)
        return self.edges[-1] + past if past > 0 else self.edges[max(index, 0)]


def cell_width(character: str) -> int:
    """Cells that a character takes in a fixed-width font: 0 for combining marks, 2 for wide ones, else 1."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _window(cells: _Cells, start: int, end: int) -> tuple[str, str]:
    """The part of a long line around the caret, at most SOURCE_CELLS_MAX cells."""
    room = SOURCE_CELLS_MAX - 2  # an ellipsis on either side
    span = min(end - start, room)
    left = max(0, min(start - (room - span) // 2, cells.edges[-1] - room))
    first = next(index for index, edge in enumerate(cells.edges) if edge >= left)
    kept = [
        piece
        for piece, edge in zip(cells.pieces[first:], cells.edges[first + 1 :], strict=False)
        if edge - cells.edges[first] <= room
    ]
    before = "…" if first > 0 else ""
    after = "…" if first + len(kept) < len(cells.pieces) else ""
    caret_at = max(0, start - cells.edges[first]) + len(before)
    return before + "".join(kept) + after, " " * caret_at + "^" * span


def _paint(words: str, shade: str, colour: bool) -> str:
    return f"{shade}{words}{_RESET}" if colour else words


_SEVERITY_WORDS = {Severity.ERROR: text("error: "), Severity.WARNING: text("warning: ")}
