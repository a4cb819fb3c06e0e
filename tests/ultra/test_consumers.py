"""`ultra consumers` at a real gateway with a real journal, and what it makes of rows."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from protocol.kinds import Role
from protocol.requests import SessionRow
from tests.ultra.real_site import RealSite, environment_of, logged, real_site, ultra
from tests.waiting import until_blocking
from ultra.consumers import rated, session_lines

JOURNAL = '[journal]\nfolder = "../var/journal"\nconsumers = ["cdr"]\n'


@contextmanager
def tailing(site: RealSite, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A subscriber that stays."""
    command = [sys.executable, "-m", "ultra", "tail", "--server", site.server, *arguments]
    with subprocess.Popen(command, env=environment_of(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as tail:
        try:
            yield tail
        finally:
            tail.send_signal(signal.SIGTERM)


def consumers_of(site: RealSite) -> list[dict[str, object]]:
    shown = site.ultra("consumers", "--json", "--seconds", "0.1")
    assert shown.code == 0
    return list(json.loads(shown.out)["consumers"])


def test_who_is_there_and_who_is_away(tmp_path: Path) -> None:
    with real_site(tmp_path, serve=JOURNAL) as site:
        last = logged(site, "link_changed")[-1]["number"]
        assert consumers_of(site)[0]["session"] == 0
        with tailing(site, "--json", "--consumer", "cdr") as tail:
            assert tail.stdout is not None
            assert json.loads(tail.stdout.readline())["number"] == 1, "from the beginning of what is kept for it"
            until_blocking(lambda: int(str(consumers_of(site)[0]["confirmed"])) >= last)
            shown = site.ultra("consumers")
            title, *lines = shown.out.splitlines()
            assert title.startswith("session who")
            (row,) = (line for line in lines if "durable cdr" in line)
            assert "ultra tail" in row
            assert " consumer " in row
            (place,) = (line for line in lines if line.startswith("cdr "))
            assert "session " in place
            assert any("ultra consumers" in line and " admin " in line for line in lines)
        until_blocking(lambda: consumers_of(site)[0]["session"] == 0)
        assert "cdr" in site.ultra("consumers").out
        assert "away: what it has not confirmed is kept for it" in site.ultra("consumers").out
        site.ultra("call", "make", "1000", "1001")
        with tailing(site, "--json", "--consumer", "cdr") as tail:
            assert tail.stdout is not None
            assert json.loads(tail.stdout.readline())["number"] == last + 1, "after what it has confirmed"


def test_a_killed_gateway_has_kept_the_places(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "journal"
    with real_site(tmp_path, serve=JOURNAL) as site:
        with tailing(site, "--json", "--consumer", "cdr"):
            until_blocking(lambda: int(str(consumers_of(site)[0]["confirmed"])) > 0)
        until_blocking(lambda: (folder / "consumers").exists())
        confirmed = consumers_of(site)[0]["confirmed"]
        until_blocking(lambda: json.loads((folder / "consumers").read_text())["consumers"]["cdr"] == confirmed)
        site.gateway.kill()


def test_a_consumer_that_the_settings_do_not_name(tmp_path: Path) -> None:
    with real_site(tmp_path, serve=JOURNAL) as site:
        done = site.ultra("tail", "--consumer", "recorder")
        assert done.code == 1
        assert "no durable consumer recorder in [journal] consumers (unknown_consumer)" in done.err


def test_nobody_there() -> None:
    done = ultra("consumers", "--server", "127.0.0.1:1")
    assert (done.code, done.out) == (1, "")
    assert "connection refused" in done.err


def row(session: int, events: int, **more: object) -> SessionRow:
    return SessionRow(session, Role.CONSUMER, 0, 0, 0, 0, "127.0.0.1:9", "wallboard", events, **more)  # type: ignore[arg-type]


def test_a_rate_is_what_came_between_two_looks() -> None:
    before, after = [row(1, 100), row(2, 50)], [row(1, 130), row(2, 20), row(3, 7)]
    rates = [one.per_second for one in rated(before, after, 2.0)]
    assert rates == [15.0, 10.0, None], "a new subscription counts from 0; who came meanwhile has no rate yet"


def test_what_does_not_fit_the_list_is_said() -> None:
    lines = session_lines(rated([], [row(1, 1)], 1.0), 3, 1)
    assert lines[-1] == "… 2 more, less behind than these"


def test_names_from_the_network_do_no_harm() -> None:
    shown = rated([], [row(1, 1, user="\x1b[2J")], 1.0)
    assert "\x1b" not in "".join(session_lines(shown, 1, 1))
