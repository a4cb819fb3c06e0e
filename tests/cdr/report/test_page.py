"""The page: whole in one file, readable, and what callers chose is text there and nothing else."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lxml import html

from cdr.report.page import page_of
from cdr.report.questions import Interval
from cdr.report.report import By, Report, Row
from cdr.report.tally import Tally
from runtime.texts import Language
from tests.cdr.sample_records import SECOND, at

EIGHT = at("2026-01-31 08:00:00")
MADE = datetime(2026, 1, 31, 12, 0, 5, tzinfo=UTC)
TALLY = Tally(offered=4, answered=3, abandoned=1, answered_within=2, wait_us=30 * SECOND, talking_us=300 * SECOND,
              staffed_us=100, occupied_us=70, seized_us=1, span_us=4)  # fmt: skip


def report(by: By, *names: str) -> Report:
    rows = tuple(Row(name, TALLY) for name in names)
    total = Tally()
    for row in rows:
        total.add(row.tally)
    return Report(by, Interval(EIGHT, EIGHT + 3600 * SECOND, 20 * SECOND), ZoneInfo("UTC"), None, rows, total)


@pytest.mark.parametrize("by", By)
def test_a_table_and_charts_for_each(by: By) -> None:
    page: Any = html.fromstring(page_of([report(by, "one", "two")], MADE, Language.EN))
    assert [cell.text_content() for cell in page.xpath("//tbody/tr/td[1]")] == ["one", "two"]
    assert page.xpath("//tfoot/tr/td")[1].text_content() == "8"
    assert len(page.xpath("//figure")) == 2
    assert "20 s" in page.xpath("//p[@class='about']")[0].text_content()
    assert all(one.get("title") for one in page.xpath("//thead//abbr"))


def test_it_needs_nothing_from_elsewhere() -> None:
    page: Any = html.fromstring(page_of([report(By.HOUR, "one")], MADE, Language.EN))
    assert page.xpath("//script | //link | //img | //iframe") == []
    assert [one for one in page.xpath("//@href | //@src") if not one.startswith("#")] == []


def test_what_somebody_named_is_text() -> None:
    name = "<script>alert(1)</script>\"'&"
    page: Any = html.fromstring(page_of([report(By.QUEUE, name)], MADE, Language.EN))
    assert page.xpath("//script") == []
    assert page.xpath("//tbody/tr/td[1]")[0].text_content() == name


def test_where_nothing_came_it_says_so() -> None:
    page: Any = html.fromstring(page_of([report(By.AGENT)], MADE, Language.EN))
    assert page.xpath("//section/p")[0].text_content() == "nothing in this time"
    assert page.xpath("//table") == []


def test_in_chinese() -> None:
    page: Any = html.fromstring(page_of([report(By.HOUR, "one")], MADE, Language.ZH))
    assert page.get("lang") == "zh"
    assert page.xpath("//h1")[0].text_content() == "话单"
