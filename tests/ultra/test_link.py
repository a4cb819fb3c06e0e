"""`ultra link` at a real gateway with a real (simulated) switch."""

import json
from pathlib import Path

from tests.ultra.real_site import closed_port, logged, real_site, ultra


def test_from_not_started_to_up_and_down_again(tmp_path: Path) -> None:
    with real_site(tmp_path, auto_start=False) as site:
        before = site.ultra("link", "status")
        assert before.code == 1
        assert before.out.startswith("link down for 0:0")
        assert "auto_start is off: waiting for `ultra link start`" in before.out

        started = site.ultra("link", "start", "--wait")
        assert (started.code, started.err) == (0, "")
        assert started.out.startswith("link up for 0:0")
        assert "devices monitored" in started.out

        shown = site.ultra("link", "status", "--json")
        assert shown.code == 0
        assert json.loads(shown.out)["state"] == "up"

        again = site.ultra("link", "start")
        assert (again.code, again.out) == (0, "the link runs already\n")

        stopped = site.ultra("link", "stop")
        assert (stopped.code, stopped.out) == (0, "link stopped\n")
        assert logged(site, "link_changed")[-1]["reason"].startswith("stopped by an operator")
        assert site.ultra("link", "stop").out == "the link does not run\n"


def test_a_start_that_comes_to_nothing_says_why(tmp_path: Path) -> None:
    with real_site(tmp_path, auto_start=False, switch_port=closed_port()) as site:
        done = site.ultra("link", "start", "--wait")
        assert done.code == 1
        assert done.out.startswith("link down for 0:0")
        assert "refused: nothing listens at 127.0.0.1:" in done.out


def test_nobody_there() -> None:
    port = closed_port()
    for command in ("status", "start", "stop"):
        done = ultra("link", command, "--server", f"127.0.0.1:{port}")
        assert (done.code, done.out) == (1, "")
        assert done.err == f"Error: 127.0.0.1:{port}: connection refused; is the daemon running, and on this port?\n"
