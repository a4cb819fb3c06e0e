"""The ports of one kind in the lines there are: a heading with counts, and a cell for each. Pure.

The less room, the less is said of each: number and name, number, a mark; and when not even the marks fit, only those
in use, and how many more there are.
"""

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from model.states import DeviceState
from ultra.board.rows import DeviceRow, counts, named
from ultra.board.states import DEVICE_LOOKS, STYLE_QUIET
from ultra.board.words import fitted
from ultra.event_lines import printable

NAMES_FROM_COLUMNS: Final = 110
"""On terminals this wide the names of port.cfg stand beside the numbers."""

_TEN: Final = 10
"""Marks of a strip stand in tens, so that a number can be found by counting."""

_NOT_IN_USE: Final = (DeviceState.IDLE, DeviceState.UNLICENSED)


def heading(title: str, rows: Sequence[DeviceRow], width: int) -> Text:
    """``外线 Trunks 30  · 25 idle  ● 3 talking``: the counts are the legend too."""
    line = Text(f" {title} {len(rows)}", style="bold")
    by_state = counts(rows)
    # What is cut on a narrow terminal is what matters least.
    for state in sorted(by_state, key=lambda state: (state in _NOT_IN_USE, state)):
        mark, style = DEVICE_LOOKS[state]
        line.append(f"  {mark} {by_state[state]} {state.name.lower().replace('_', ' ')}", style=f"not bold {style}")
    line.truncate(width, overflow="ellipsis")
    return line


def grid(rows: Sequence[DeviceRow], width: int, lines_max: int) -> list[Text]:
    """At most ``lines_max`` lines of at most ``width`` cells."""
    if lines_max <= 0 or not rows:
        return []
    with_names = [(row, f"{_mark(row)}{printable(named(row.number, row.name))}") for row in rows]
    numbers = [(row, f"{_mark(row)}{printable(row.number)}") for row in rows]
    if width >= NAMES_FROM_COLUMNS and len(lines := _cells(with_names, width)) <= lines_max:
        return lines
    if len(lines := _cells(numbers, width)) <= lines_max:
        return lines
    if len(lines := _strip(rows, width)) <= lines_max:
        return lines
    return _in_use(rows, width, lines_max)


def _mark(row: DeviceRow) -> str:
    return DEVICE_LOOKS[row.state][0]


def _cells(cells: Sequence[tuple[DeviceRow, str]], width: int) -> list[Text]:
    """In columns as wide as the widest."""
    columns_each = max((cell_len(words) for _, words in cells), default=0) + 1
    columns = max((width - 1) // columns_each, 1)
    lines = []
    for start in range(0, len(cells), columns):
        line = Text(" ")
        for row, words in cells[start : start + columns]:
            line.append(set_cell_size(words, columns_each), style=DEVICE_LOOKS[row.state][1])
        line.truncate(width)
        lines.append(line)
    return lines


def _strip(rows: Sequence[DeviceRow], width: int) -> list[Text]:
    """A mark for each; each line begins with the number of its first."""
    label_columns = max(cell_len(row.number) for row in rows) + 2
    tens = max((width - label_columns) // (_TEN + 1), 1)
    if tens >= 5:
        tens = tens // 5 * 5  # lines that begin with a round number are easier to read
    lines = []
    for start in range(0, len(rows), tens * _TEN):
        line = Text(set_cell_size(f" {printable(rows[start].number)} ", label_columns), style=STYLE_QUIET)
        for index, row in enumerate(rows[start : start + tens * _TEN]):
            mark, style = DEVICE_LOOKS[row.state]
            line.append(" " if index and index % _TEN == 0 else "")
            line.append(mark, style=f"not dim {style}")
        line.truncate(width)
        lines.append(line)
    return lines


def _in_use(rows: Sequence[DeviceRow], width: int, lines_max: int) -> list[Text]:
    in_use = [(row, f"{_mark(row)}{printable(row.number)}") for row in rows if row.state not in _NOT_IN_USE]
    lines = _cells(in_use, width)[: lines_max - 1]
    shown = sum(len(line.spans) for line in lines)
    rest = f"  … and {len(rows) - shown} more, {len(in_use) - shown} of them in use"
    return [*lines, Text(fitted(rest, width), style=STYLE_QUIET)]
