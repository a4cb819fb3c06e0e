"""Cells as people read them; every column has a heading and its meaning, in both languages."""

import pytest

from cdr.report.columns import COLUMNS, NAMES, TOTAL, seconds, share
from cdr.report.report import By
from cdr.report.tally import Tally
from runtime.texts import Language


@pytest.mark.parametrize(
    ("span_us", "cell"),
    [(None, "–"), (0, "0:00"), (7_499_999, "0:07"), (750_000_000, "12:30"), (11_100_000_000, "3:05:00")],
)
def test_seconds(span_us: int | None, cell: str) -> None:
    assert seconds(span_us) == cell


def test_shares() -> None:
    assert (share(None), share(0.8), share(2 / 3)) == ("–", "80.0%", "66.7%")


@pytest.mark.parametrize("by", By)
def test_every_column_is_told_in_both_languages(by: By) -> None:
    for words in (NAMES[by], TOTAL, *(text for one in COLUMNS[by] for text in (one.heading, one.meaning))):
        assert words.render(Language.EN) != words.render(Language.ZH), words
    headings = [one.heading.render() for one in COLUMNS[by]]
    assert len(set(headings)) == len(headings)
    assert all(one.cell(Tally()) for one in COLUMNS[by])
