"""`ultra sim` as a process: its flags, what it says, how it ends."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.links.csta_xml import messages as m
from gateway.links.csta_xml.codec import build, parse
from gateway.links.csta_xml.framing import Deframer, Frame, frame
from ultra.sim import sim

COMMAND = [sys.executable, "-c", "from ultra.sim import sim; sim()", "--listen", "127.0.0.1:0"]


@contextmanager
def running(*flags: str) -> Iterator[tuple[subprocess.Popen[str], int, int]]:
    """The process, its CSTA port and its admin port."""
    with subprocess.Popen(
        [*COMMAND, "--admin", "0", *flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("listening on "), line + (process.stderr.read() if process.stderr else "")
        words = line.replace(",", "").split()
        try:
            yield process, int(words[2].rpartition(":")[2]), int(words[-1].rpartition(":")[2])
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=15)


def admin(port: int, *lines: str) -> list[dict[str, object]]:
    with socket.create_connection(("127.0.0.1", port), timeout=15) as connection, connection.makefile("rw") as stream:
        replies = []
        for line in lines:
            stream.write(f"{line}\n")
            stream.flush()
            replies.append(json.loads(stream.readline()))
        return replies


def ask(port: int, *requests: m.Message) -> list[m.Message]:
    """Whatever comes first, as many messages as were sent."""
    deframer = Deframer()
    answers: list[m.Message] = []
    with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
        for number, request in enumerate(requests):
            connection.sendall(frame(number, build(request)))
        while len(answers) < len(requests):
            received = connection.recv(65536)
            assert received
            found = [parse(item.body) for item in deframer.receive(received) if isinstance(item, Frame)]
            answers += [message for message in found if isinstance(message, m.Message)]
    return answers[: len(requests)]


def test_idle_it_does_what_clients_ask_and_nothing_else() -> None:
    with running("--idle", "--extensions", "1000-1009", "--trunks", "2") as (process, port, admin_port):
        [monitor, made] = ask(port, m.MonitorStart(device="1000"), m.MakeCall("1000", "1001"))
        assert isinstance(monitor, m.MonitorStartResponse)
        assert made == m.MakeCallResponse(m.ConnectionID("1", "1000"))
        assert admin(admin_port, "table")[0]["calls"] == {"1": {"1000": "connected", "1001": "alerting"}}
    assert process.returncode == 0


def test_openscape() -> None:
    with running("--idle", "--profile", "openscape", "--extensions", "1000-1001") as (_, port, _):
        [status] = ask(port, m.SystemRegister(m.RequestTypes(True, True)))
        assert status == m.SystemStatus(m.SystemStatusValue.NORMAL)


def test_traffic_is_made_at_the_rate_asked_for() -> None:
    with running("--calls-per-second", "100", "--extensions", "1000-1199", "--queue", "6000") as (_, _, admin_port):
        counts = admin(admin_port, *["counts"] * 50)
        while counts[-1]["begun"] < 20:  # type: ignore[operator]
            counts = admin(admin_port, "counts")
        assert counts[-1]["begun"] >= 20  # type: ignore[operator]


def test_a_scenario_that_fails_is_told_by_line_and_exit_code(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text("at 0 call 1000 1001\nexpect 1001 alerting\nend\n", encoding="utf-8")
    bad.write_text("at 0 call 1000 1001\nexpect 1001 connected\nend\n", encoding="utf-8")
    assert (
        subprocess.run([*COMMAND, "--scenario", str(good)], capture_output=True, timeout=30, check=False).returncode
        == 0
    )
    done = subprocess.run([*COMMAND, "--scenario", str(bad)], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "line 2: expected 1001 connected, found alerting" in done.stderr


def test_a_port_in_use_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*COMMAND[:-1], f"127.0.0.1:{port}"], capture_output=True, text=True, timeout=30, check=False
        )
    assert done.returncode == 1
    assert f"127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("flags", "problem"),
    [
        (["--listen", "8800x"], "is no HOST:PORT"),
        (["--listen", "127.0.0.1:70000"], "is no HOST:PORT"),
        (["--extensions", "1100-1000"], "is no rising range"),
        (["--queue", "q"], "is no number"),
        (["--queue", "6000=7000"], "7000 are no extensions"),
        (["--queue", "1000"], "number is taken"),
        (["--fault", "colour=1"], "NAME one of lose"),
        (["--fault", "lose"], "expected NAME=NUMBER"),
        (["--scenario", "does-not-exist"], "No such file"),
        (["--profile", "avaya"], "is not one of"),
    ],
)
def test_wrong_flags_are_explained(flags: list[str], problem: str) -> None:
    result = CliRunner().invoke(sim, flags)
    assert result.exit_code == 2
    assert problem in " ".join(result.output.split())
