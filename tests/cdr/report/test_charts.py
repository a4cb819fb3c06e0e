"""Charts: of what there is to show, with names that can be read, and nothing left behind in the interpreter."""

import subprocess
import sys
from typing import Any

from lxml import etree

from cdr.report.charts import LABELS_MAX, charts_of
from cdr.report.report import By
from tests.cdr.report.test_page import report


def texts(chart: str) -> list[str]:
    found: Any = etree.fromstring(chart).xpath("//text()")
    return [str(one) for one in found]


def test_many_rows_have_few_names_below() -> None:
    names = [f"2026-01-{day:02} {hour:02}:00" for day in range(1, 9) for hour in range(24)]
    calls, _ = charts_of(report(By.HOUR, *names), str)
    assert 1 < len(set(texts(calls)) & set(names)) <= LABELS_MAX


def test_a_share_that_nobody_has_is_no_chart() -> None:
    one = report(By.AGENT, "7001")
    one.rows[0].tally.staffed_us, before = 0, one.rows[0].tally.staffed_us
    assert len(charts_of(one, str)) == 1
    one.rows[0].tally.staffed_us = before
    assert len(charts_of(one, str)) == 2
    assert charts_of(report(By.AGENT), str) == []


def test_importing_it_leaves_the_import_system_as_it_was() -> None:
    program = "import sys, cdr.report.charts; assert all(hasattr(one, 'find_spec') for one in sys.meta_path)"
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=60)
