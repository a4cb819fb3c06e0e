"""A site of real processes for the operator's commands: a simulated switch, a gateway, and `ultra` itself."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from click.testing import CliRunner

from tests.rules.source_tree import ROOT
from tests.waiting import until_blocking
from ultra.__main__ import main

SECONDS_MAX = 30
APART_SECONDS_MAX = 300
"""Over a long journal, on a busy machine, a command reads for a while."""
PORT_CFG = """\
TRUNK T001-T005 group=PSTN
EXT   1000-1008
EXT   1009 name="前台 Reception"
QUEUE 6000 name=Service
"""
GATEWAY_TOML = """\
port_cfg = "../port.cfg"
[switch]
interface = "csta-xml"
host = "127.0.0.1"
port = {port}
auto_start = {auto_start}
[serve]
listen = "{listen}"
{serve}[licence]
clock_file = "../var/clock"
[log]
file = "../var/gateway.log"
format = "json"
"""


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


def ultra(*arguments: str, folder: Path | None = None, stdin: bytes = b"", **environment: str) -> Done:
    """Run a command of `ultra` to its end, in this process: its start would take longer than what it does."""
    with chdir(folder or Path.cwd()):
        done = CliRunner(env=environment_of(**environment)).invoke(main, arguments, input=stdin)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Done(done.exit_code, done.stdout, done.stderr)


def ultra_apart(*arguments: str) -> Done:
    """The same in a process of its own, for a test that does something else meanwhile."""
    done = subprocess.run(
        [sys.executable, "-m", "ultra", *arguments], env=environment_of(), capture_output=True, check=False,
        timeout=APART_SECONDS_MAX,
    )  # fmt: skip
    error = done.stderr.decode()
    assert "Traceback" not in error, error
    return Done(done.returncode, done.stdout.decode(), error)


def environment_of(**more: str) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        **more,
    }


@dataclass(slots=True)
class RealSite:
    """A running switch and its gateway; everything lies in `folder`."""

    folder: Path
    admin_port: int
    server: str
    gateway: subprocess.Popen[bytes]

    def ultra(self, *arguments: str) -> Done:
        """A command of `ultra` at this site's gateway."""
        return ultra(*arguments, "--server", self.server, folder=self.folder)

    def admin(self, line: str) -> dict[str, Any]:
        """Something done at the switch itself."""
        with socket.create_connection(("127.0.0.1", self.admin_port), timeout=SECONDS_MAX) as connection:
            connection.sendall(f"{line}\n".encode())
            answer = connection.makefile("rb").readline()
        found = json.loads(answer)
        assert "error" not in found, found
        return dict(found)

    def log(self) -> list[dict[str, Any]]:
        """What the gateway has logged so far."""
        path = self.folder / "var" / "gateway.log"
        lines = path.read_text("utf-8").split("\n")[:-1] if path.exists() else []
        return [json.loads(line) for line in lines if line.startswith("{")]


@contextmanager
def real_site(
    folder: Path,
    *,
    auto_start: bool = True,
    switch_port: int | None = None,
    listen: str = "127.0.0.1:0",
    serve: str = "",
) -> Iterator[RealSite]:
    """A switch on which nobody calls by himself, and a gateway, whose link is up unless it waits for its start.

    ``switch_port``: where the gateway looks for the switch instead; ``listen`` and ``serve``: `[serve]`.
    """
    with simulator() as (port, admin_port):
        (folder / "etc").mkdir(exist_ok=True)
        (folder / "port.cfg").write_text(PORT_CFG, "utf-8")
        toml = GATEWAY_TOML.format(
            port=switch_port or port, auto_start=str(auto_start).lower(), listen=listen, serve=serve
        )
        (folder / "etc" / "gateway.toml").write_text(toml, "utf-8")
        gateway = subprocess.Popen(
            [sys.executable, "-m", "gateway", "--config", "etc/gateway.toml"],
            cwd=folder, env=environment_of(), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        site = RealSite(folder, admin_port, "", gateway)
        try:
            until_blocking(lambda: logged(site, "gateway_started"), seconds_max=SECONDS_MAX)
            site.server = logged(site, "gateway_started")[0]["listen"]
            if auto_start:
                until_blocking(lambda: [one for one in logged(site, "link_changed") if one["state"] == "up"])
            yield site
        finally:
            gateway.send_signal(signal.SIGTERM)
            gateway.wait(SECONDS_MAX)


def logged(site: RealSite, event: str) -> list[dict[str, Any]]:
    """The lines of one event."""
    return [line for line in site.log() if line["event"] == event]


@contextmanager
def simulator() -> Iterator[tuple[int, int]]:
    """A switch of ten extensions; its CSTA port and its admin port."""
    command = ["sim", "--listen", "127.0.0.1:0", "--admin", "0", "--extensions", "1000-1009", "--trunks", "5", "--idle"]
    with subprocess.Popen(
        [sys.executable, "-m", "ultra", *command, "--queue", "6000"],
        env=environment_of(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            words = process.stdout.readline().decode().replace(",", "").split()
            yield int(words[2].rpartition(":")[2]), int(words[-1].rpartition(":")[2])
        finally:
            process.terminate()


def has_ended(process: psutil.Process) -> bool:
    """Whether a process that is no child of ours has; as an orphan it may be buried late."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


@contextmanager
def killed_at_end(pid: int) -> Iterator[psutil.Process]:
    """A process that is no child of ours and may have ended by then."""
    process = psutil.Process(pid)
    try:
        yield process
    finally:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
