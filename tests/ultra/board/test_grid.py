"""Grids: the less room, the less is said of each port, and never more lines than there are."""

import pytest

from model.ids import DeviceNumber
from model.states import DeviceState, PortKind
from ultra.board.grid import grid, heading
from ultra.board.rows import DeviceRow
from ultra.board.states import DEVICE_LOOKS


def rows(count: int, talking: int = 0, name: str = "") -> list[DeviceRow]:
    return [
        DeviceRow(
            DeviceNumber(str(1000 + index)),
            PortKind.EXT,
            f"{name} {1000 + index}" if name else "",
            DeviceState.TALKING if index < talking else DeviceState.IDLE,
        )
        for index in range(count)
    ]


def plain(held: list[DeviceRow], width: int, lines: int) -> list[str]:
    return [line.plain.rstrip() for line in grid(held, width, lines)]


def test_with_room_there_are_names() -> None:
    assert plain(rows(3, 1, "座席"), 120, 5) == [" ●座席 1000 ·座席 1001 ·座席 1002"]


def test_then_numbers() -> None:
    assert plain(rows(3, 1, "座席"), 80, 5) == [" ●1000 ·1001 ·1002"]
    assert plain(rows(3, 1), 120, 5) == [" ●1000 ·1001 ·1002"]


def test_then_marks_in_tens() -> None:
    assert plain(rows(100, 2), 80, 2) == [
        " 1000 ●●········ ·········· ·········· ·········· ··········",
        " 1050 ·········· ·········· ·········· ·········· ··········",
    ]


def test_then_only_those_in_use() -> None:
    assert plain(rows(5000, 3), 80, 3) == [" ●1000 ●1001 ●1002", "  … and 4997 more, 0 of them in use"]
    shown = plain(rows(5000, 400), 80, 3)
    assert len(shown) == 3
    assert shown[-1] == "  … and 4974 more, 374 of them in use"


def test_no_room_is_no_line() -> None:
    assert plain(rows(3), 80, 0) == []
    assert plain([], 80, 3) == []


@pytest.mark.parametrize("width", [10, 24, 80, 120, 300])
@pytest.mark.parametrize("lines", [1, 2, 5, 40])
@pytest.mark.parametrize("count", [1, 7, 100, 1000])
def test_it_never_needs_more_than_it_has(width: int, lines: int, count: int) -> None:
    drawn = grid(rows(count, count // 3, "座席"), width, lines)
    assert 0 < len(drawn) <= lines
    assert all(line.cell_len <= width for line in drawn)


def test_the_heading_counts_and_is_the_legend() -> None:
    assert heading("分机 Extensions", rows(5, 2), 80).plain == " 分机 Extensions 5  ● 2 talking  · 3 idle"
    assert heading("分机 Extensions", rows(5, 2), 20).cell_len <= 20


def test_every_state_has_a_mark_of_its_own_but_those_of_nothing_known() -> None:
    marks = [DEVICE_LOOKS[state][0] for state in DeviceState if state is not DeviceState.NOT_CONFIGURED]
    assert len(set(marks)) == len(marks)
