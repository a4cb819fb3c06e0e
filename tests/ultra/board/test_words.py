"""Words in cells: widths are those on a terminal, where 座 takes two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ultra.board.words import WRAPPED_LINES_MAX, duration, fitted, padded, spread, wrapped

texts = st.text(st.sampled_from("ab 座席，…é"), max_size=30)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0:00"), (59, "0:59"), (60, "1:00"), (3599, "59:59"), (3600, "1:00:00"), (86399, "23:59:59"),
     (86400, "1d 00h"), (190000, "2d 04h")],
)  # fmt: skip
def test_a_duration(seconds: int, shown: str) -> None:
    assert duration(seconds) == shown


def test_what_is_cut_says_so() -> None:
    assert fitted("abcdef", 6) == "abcdef"
    assert fitted("abcdef", 4) == "abc…"
    assert fitted("座席座席", 6) == "座席…"
    assert fitted("abc", 0) == ""


@given(texts, st.integers(0, 40))
def test_columns_are_exact(words: str, columns: int) -> None:
    assert cell_len(fitted(words, columns)) <= columns
    assert cell_len(padded(words, columns)) == columns


@given(texts, texts, st.integers(1, 60))
def test_a_spread_line_never_grows(left: str, right: str, width: int) -> None:
    line = spread(left, right, width)
    assert cell_len(line) <= width
    if cell_len(right) < width:
        assert line.endswith(right)


@given(texts, st.integers(10, 60))
def test_wrapped_lines_fit_and_are_few(words: str, width: int) -> None:
    lines = wrapped(words, "", width)
    assert 1 <= len(lines) <= WRAPPED_LINES_MAX
    assert all(line.cell_len <= width for line in lines)


def test_a_long_reason_goes_on_in_the_next_line() -> None:
    lines = wrapped("refused: nothing listens at 10.0.0.1:8800", "red", 30)
    assert [line.plain for line in lines] == [" refused: nothing listens at", "   10.0.0.1:8800"]
