"""Rows in their order, their sum, and the form for programs."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cdr.records import Direction
from cdr.report.questions import Interval
from cdr.report.report import By, Report, form_of_report, make_report
from cdr.store.reader import Reader
from tests.cdr.sample_records import SECOND, abandoned, at, conversation, leg, visit, written

EIGHT = at("2026-01-31 08:00:00")
ZURICH = ZoneInfo("Europe/Zurich")


def reported(folder: Path, by: By) -> Report:
    url = f"sqlite:///{folder / 'cdr.db'}"
    if not (folder / "cdr.db").exists():
        hour = 3600 * SECOND
        written(url, conversation(1, EIGHT), conversation(2, EIGHT + hour), abandoned(3, EIGHT + hour, 3),
                leg(1, EIGHT, trunk="T001"), visit(1, EIGHT, 5))  # fmt: skip
    reader = Reader.open(url)
    with reader.connection() as connection:
        interval = Interval(EIGHT, EIGHT + 86_400 * SECOND, 20 * SECOND)
        report = make_report(connection, by, interval, ZURICH, Direction.INBOUND)
    reader.close()
    return report


def test_hours_and_days_are_in_the_order_of_time(tmp_path: Path) -> None:
    assert [(row.name, row.tally.offered) for row in reported(tmp_path, By.HOUR).rows] == [
        ("2026-01-31 09:00", 1),
        ("2026-01-31 10:00", 2),
    ]
    (day,) = reported(tmp_path, By.DAY).rows
    assert (day.name, day.tally.offered, day.tally.abandoned) == ("2026-01-31", 3, 1)


@pytest.mark.parametrize(("by", "name"), [(By.QUEUE, "sales"), (By.AGENT, "7001"), (By.TRUNK, "T001")])
def test_the_others_by_name(tmp_path: Path, by: By, name: str) -> None:
    report = reported(tmp_path, by)
    assert [row.name for row in report.rows] == [name]
    assert report.total == report.rows[0].tally


def test_the_form_for_programs(tmp_path: Path) -> None:
    form = form_of_report(reported(tmp_path, By.DAY))
    assert (form["by"], form["zone"], form["within_seconds"], form["direction"]) == (
        "day",
        "Europe/Zurich",
        20,
        "inbound",
    )
    (row,) = form["rows"]
    assert row["name"] == "2026-01-31"
    assert row["service_level_abandoned_negative"] == pytest.approx(2 / 3)
    assert row["service_level_abandoned_ignored"] == 1
    assert row["occupancy"] is None
    assert {**row, "name": 0} == {**form["total"], "name": 0}
