"""Questions to a database that is opened when it is first asked, and again after it has failed."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cdr.api.asking import Asking
from cdr.report.report import By
from cdr.store.diagnosis import StoreFailed
from tests.cdr.api.serving import users
from tests.ultra.cdr.databases import database


def test_it_opens_late_and_again(tmp_path: Path) -> None:
    asking = Asking(f"sqlite:///{tmp_path / 'cdr.db'}", ZoneInfo("UTC"))
    with pytest.raises(StoreFailed):
        asking.story(users()["boss"], "1:1")
    database(tmp_path)
    assert asking.story(users()["boss"], "1:1") is not None
    asking.close()
    assert asking.story(users()["boss"], "1:9") is None
    asking.close()


def test_days_are_those_of_the_site(tmp_path: Path) -> None:
    asking = Asking(database(tmp_path), ZoneInfo("Asia/Shanghai"))
    form = asking.report_form(users()["boss"], By.DAY, "2026-01-31", "2026-02-01", 20, None)
    assert form["begins"] == "2026-01-30T16:00:00.000000Z"
    assert [row["name"] for row in form["rows"]] == ["2026-01-31"]
    asking.close()
