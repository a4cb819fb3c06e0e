"""`ultra logs` as an operator uses it: which files, merged how, filtered by what, followed over logrotate."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runtime.log_file import LogFile
from tests.licences import licence_file
from tests.ultra.real_site import environment_of, ultra
from tests.waiting import until_blocking
from ultra.log_records import Record, parse_line
from ultra.logs import merged, sources_in


def text(second: int, level: str, event: str, keys: str = "") -> str:
    return f"2026-03-01T08:00:{second:02}.000000 {level:7} ultralnk {event} {keys}".rstrip()


def as_json(second: int, level: str, event: str, **keys: str) -> str:
    form = {"time": f"2026-03-01T08:00:{second:02}.500000Z", "level": level, "daemon": "ultracti", "event": event}
    return json.dumps({**form, **keys})


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Two daemons with log files, one without."""
    etc = tmp_path / "etc"
    etc.mkdir()
    (etc / "gateway.toml").write_text('[log]\nfile = "../var/gateway.log"\n')
    (etc / "cti.toml").write_text('[log]\nfile = "../var/cti.log"\n')
    (etc / "cdr.toml").write_text("# nothing\n")
    (etc / "licence.toml").write_bytes(licence_file())
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "gateway.log").write_text(
        "\n".join(
            (
                text(1, "INFO", "gateway_started"),
                text(3, "DEBUG", "call_began", "call_id=5:17 conversation_id=5:17"),
                text(5, "ERROR", "task_crashed", "task=link") + "\n    │ Traceback\n    │ boom",
                "Fatal Python error",
                text(7, "INFO", "call_ended", "call_id=5:18 conversation_id=5:17 switch_call_id=77"),
                "",
            )
        )
    )
    (tmp_path / "var" / "cti.log").write_text(
        as_json(2, "info", "cti_started") + "\n" + as_json(4, "warning", "agent_lost", call_id="5:17") + "\n"
    )
    return tmp_path


def events(out: str) -> list[str]:
    return [line.split()[3] for line in out.splitlines() if line.startswith("2026")]


def test_all_logs_are_merged_by_time_in_one_form(site: Path) -> None:
    done = ultra("logs", folder=site)
    assert done.code == 0
    assert events(done.out) == [
        "gateway_started", "cti_started", "call_began", "agent_lost", "task_crashed", "call_ended"
    ]  # fmt: skip
    assert "task_crashed task=link\n    │ Traceback\n    │ boom\nFatal Python error\n" in done.out
    assert done.err.startswith("cdr logs to standard error: see who started it")
    assert "\x1b" not in done.out


def test_one_daemon_by_either_of_its_names(site: Path) -> None:
    assert events(ultra("logs", "cti", folder=site).out) == ["cti_started", "agent_lost"]
    assert ultra("logs", "gateway", folder=site).out == ultra("logs", "ultralnk", folder=site).out
    unknown = ultra("logs", "ivr", folder=site)
    assert unknown.code == 1
    assert unknown.err == "Error: no daemon 'ivr' has a toml file in etc; there are: cdr, cti, gateway\n"


def test_levels_and_calls(site: Path) -> None:
    assert events(ultra("logs", "--level", "warning", folder=site).out) == ["agent_lost", "task_crashed"]
    assert "Fatal Python error" in ultra("logs", "--level", "error", folder=site).out
    assert events(ultra("logs", "--call", "5:17", folder=site).out) == ["call_began", "agent_lost", "call_ended"]
    assert events(ultra("logs", "--call", "77", folder=site).out) == ["call_ended"]
    assert ultra("logs", "--call", "5:1", folder=site).out == ""


def test_the_last_lines_as_json(site: Path) -> None:
    lines = ultra("logs", "--json", "-n", "3", folder=site).json_lines
    assert [line.get("event") for line in lines] == ["task_crashed", None, "call_ended"]
    assert lines[0]["exception"] == "Traceback\nboom"
    assert lines[2]["call_id"] == "5:18"


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    none = ultra("logs", folder=tmp_path)
    assert none.code == 1
    assert none.err == "Error: the folder etc has no daemon's toml file; name it with --etc\n"
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "gateway.toml").write_text("")
    silent = ultra("logs", folder=tmp_path)
    assert (silent.code, silent.out) == (1, "")
    assert silent.err.startswith("gateway logs to standard error")
    (tmp_path / "etc" / "gateway.toml").write_text('[log]\nfile = "a.log"\n')
    early = ultra("logs", folder=tmp_path)
    assert (early.code, early.out) == (1, "")
    assert early.err == "etc/a.log is not there: its daemon has not logged anything yet, or writes elsewhere\n"


def test_a_broken_configuration_does_not_hide_another_s_log(site: Path) -> None:
    (site / "etc" / "cti.toml").write_text("= broken")
    assert [source.daemon for source in sources_in(site / "etc") if source.file] == ["gateway"]


def test_a_log_keeps_its_order_though_its_clock_was_set_back() -> None:
    first = [parse_line(text(second, "INFO", f"a{second}")) for second in (5, 1)]
    second = [parse_line(text(3, "INFO", "b3")), Record("odd"), parse_line(text(9, "INFO", "b9"))]
    order = merged([[one for one in log if one] for log in (first, second)])
    assert [str(one.keys.get("event", one.line)) for one in order] == ["b3", "odd", "a5", "a1", "b9"]


@contextmanager
def following(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """`ultra logs --follow`; its output goes to the file `out`."""
    with (folder / "out").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "ultra", "logs", "--follow", *arguments],
            cwd=folder, env=environment_of(), stdout=output, stderr=subprocess.PIPE,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_following_over_rotation_and_truncation(site: Path) -> None:
    gateway, cti = LogFile(site / "var" / "gateway.log"), LogFile(site / "var" / "cti.log")
    with following(site, "-n", "1") as process:

        def said() -> list[str]:
            return events((site / "out").read_text("utf-8"))

        until_blocking(lambda: said() == ["call_ended"])
        gateway.write_line(text(10, "INFO", "first"))
        until_blocking(lambda: said()[-1] == "first")
        (site / "var" / "gateway.log").rename(site / "var" / "gateway.log.1")
        gateway.write_line(text(11, "INFO", "after_rename"))
        until_blocking(lambda: said()[-1] == "after_rename")
        (site / "var" / "cti.log").write_bytes(b"")
        cti.write_line(as_json(12, "info", "after_truncation"))
        until_blocking(lambda: said()[-1] == "after_truncation")
        assert said() == ["call_ended", "first", "after_rename", "after_truncation"]
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 130
    gateway.close()
    cti.close()


def test_following_a_log_that_is_not_there_yet(site: Path) -> None:
    (site / "var" / "gateway.log").unlink()
    with following(site, "gateway", "--level", "error") as process:
        assert process.stderr is not None
        assert b"is not there" in process.stderr.readline()
        log = LogFile(site / "var" / "gateway.log")
        log.write_line(text(1, "INFO", "quiet"))
        log.write_line(text(2, "ERROR", "loud"))
        until_blocking(lambda: events((site / "out").read_text("utf-8")) == ["loud"])
        log.close()
