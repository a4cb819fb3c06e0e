"""The demonstration's files pass the check that every site's files pass, with a seat for every extension."""

import json
from pathlib import Path

import pytest

from tests.ultra.real_site import ultra
from ultra.demo_site import DemoSite, write_site


@pytest.mark.parametrize(
    ("site", "ports"),
    [
        (DemoSite(("1000-1099",), 100, 30), {"TRUNK": 30, "EXT": 100, "IVR": 0, "QUEUE": 1}),
        (DemoSite(("1000-1001", "0100"), 3, 0), {"TRUNK": 0, "EXT": 3, "IVR": 0, "QUEUE": 1}),
        (DemoSite(("1000-1999",), 1000, 200), {"TRUNK": 200, "EXT": 1000, "IVR": 0, "QUEUE": 1}),
    ],
)
def test_the_files_are_without_a_problem(tmp_path: Path, site: DemoSite, ports: dict[str, int]) -> None:
    config = write_site(tmp_path, site, 8800)
    found = ultra("check", "--etc", str(config.parent), "--json")
    assert found.code == 0, found.out
    report = json.loads(found.out)
    assert report["problems"] == []
    assert report["ports"] == ports
    assert (report["licence"]["kind"], report["licence"]["seats"]) == ("valid", site.seats)
