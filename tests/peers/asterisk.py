"""A real Asterisk of one's own: on free loopback ports, with its own configuration, gone without a trace afterwards.

It runs in a mount namespace of its own, which ends with its last process: nothing stays mounted, whoever is killed and
however. It dies with the test process. The root is made by ``tests/peers/asterisk_root`` and never changed here but
for one folder per instance.
"""

import asyncio
import csv
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.peers import asterisk_config
from tests.peers.asterisk_config import Addresses

HERE = Path(__file__).parent
ROOT_SCRIPT = HERE / "asterisk_root"

BOOT_SECONDS_MAX = 60
"""It boots in two seconds; a busy machine needs more."""

_CHAIN = """
set -e
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount --bind "$1$2/hosts" "$1/etc/hosts"
mount -t tmpfs tmpfs "$1/tmp"
exec chroot "$1" /usr/sbin/asterisk -f -n -C "$2/etc/asterisk.conf"
"""


class Unavailable(Exception):
    """There is no Asterisk to be had here; the text says why."""


def asterisk_root() -> Path:
    """The Debian root with Asterisk 22; raises Unavailable when there is none and none may be made."""
    if os.geteuid() != 0:
        raise Unavailable("Asterisk needs root for chroot and mount")
    apart = subprocess.run(["unshare", "--mount", "true"], capture_output=True, text=True, check=False)
    if apart.returncode != 0:
        raise Unavailable(f"Asterisk needs a mount namespace of its own: {apart.stderr.strip()}")
    made = subprocess.run([ROOT_SCRIPT, "--where"], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise Unavailable(made.stderr.strip())
    return Path(made.stdout.strip())


@contextmanager
def free_ports(count: int, kind: socket.SocketKind) -> Iterator[list[int]]:
    """Loopback ports that nobody has while the block lasts; taken by others in between only by bad luck."""
    sockets = [socket.socket(socket.AF_INET, kind) for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        yield [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def free_tcp_port() -> int:
    """A TCP port of the loopback that is free now."""
    with free_ports(1, socket.SOCK_STREAM) as ports:
        return ports[0]


def free_udp_ports(count: int) -> list[int]:
    """UDP ports of the loopback that are free now."""
    with free_ports(count, socket.SOCK_DGRAM) as ports:
        return list(ports)


@dataclass(frozen=True, slots=True)
class CdrRow:
    """A row of Asterisk's own call records, as far as tests compare them."""

    caller: str
    called: str
    channel: str
    destination_channel: str
    talked_seconds: float
    disposition: str
    uniqueid: str


@dataclass(frozen=True, slots=True)
class CelRow:
    """An event of a channel as Asterisk's channel event logging has it; ``linked`` is the first channel of the story,
    ``extra`` JSON."""

    kind: str
    at: float
    channel_id: str
    linked: str
    channel: str
    caller: str
    extension: str
    extra: str


class Asterisk:
    """One running Asterisk. Use as an asynchronous context manager."""

    def __init__(self, addresses: Addresses, phone_ports: dict[str, int] | None = None) -> None:
        self.addresses = addresses
        self._phone_ports = phone_ports or {}
        self._root = asterisk_root()
        self._folder = Path(tempfile.mkdtemp(prefix="ultra-", dir=self._root / "srv"))
        self._inside = f"/srv/{self._folder.name}"
        self._process: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> Self:
        try:
            self._write()
            await self.start()
        except BaseException:
            self._remove()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._remove()

    async def start(self) -> None:
        """Start it, for the first time or after ``kill``, and wait until it is fully booted."""
        self._launch()
        process = self._process
        async with asyncio.timeout(BOOT_SECONDS_MAX):
            while not await self.is_booted():
                if process is None or process.poll() is not None:
                    raise Unavailable(f"Asterisk ended: {self.console()[-2000:]}")
                await asyncio.get_running_loop().run_in_executor(None, _poll_wait, process)

    def _launch(self) -> None:
        command = ["setpriv", "--pdeathsig=KILL", "unshare", "--mount", "--propagation", "private"]
        command += ["sh", "-c", _CHAIN, "sh", str(self._root), self._inside]
        with (self._folder / "console").open("ab") as console:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console, stderr=console)

    async def is_booted(self) -> bool:
        """Whether the manager accepts a log-in and says Fully Booted."""
        try:
            answer = await self.manage("Events: on", until=b"Fully Booted")
        except OSError:
            return False
        return b"Fully Booted" in answer

    async def manage(self, login_headers: str, *actions: str, until: bytes) -> bytes:
        """Log in as operator, send actions, and read until a mark or the end of the connection; returns all bytes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.addresses.manager)
        try:
            login = f"Action: Login\nUsername: operator\nSecret: {asterisk_config.SECRET}\n{login_headers}"
            writer.write("".join(f"{text}\n\n" for text in (login, *actions)).replace("\n", "\r\n").encode())
            answer = b""
            async with asyncio.timeout(10):
                while until not in answer:
                    chunk = await reader.read(65536)
                    if not chunk:
                        break
                    answer += chunk
            return answer
        finally:
            writer.close()

    async def command(self, line: str) -> str:
        """What the Asterisk console says to a command."""
        action = f"Action: Command\nActionID: console\nCommand: {line}"
        answer = (await self.manage("Events: off", action, "Action: Logoff", until=b"Goodbye")).decode(errors="replace")
        lines = answer.split("\r\n")
        return "\n".join(text.removeprefix("Output: ") for text in lines if text.startswith("Output: "))

    async def version(self) -> str:
        """``Asterisk 22.10.1…``."""
        return (await self.command("core show version")).split(" built ")[0]

    async def calls_now(self) -> tuple[int, int, int]:
        """Active channels, active calls, and calls processed since the start: ``core show channels count``."""
        words = (await self.command("core show channels count")).split()
        return int(words[0]), int(words[3]), int(words[6])

    def cdr(self) -> list[CdrRow]:
        """Asterisk's call records so far."""
        rows = self._rows("cdr-custom")
        return [
            CdrRow(caller, called, channel, target, float(seconds), disposition, uniqueid)
            for caller, called, channel, target, seconds, disposition, uniqueid in rows
        ]

    def cel(self) -> list[CelRow]:
        """What Asterisk logged of its channels so far, in the order in which it did."""
        return [CelRow(kind, float(at), *others) for kind, at, *others in self._rows("cel-custom")]

    def _rows(self, folder: str) -> list[list[str]]:
        path = self._folder / "log" / folder / asterisk_config.RECORDS_NAME
        if not path.exists():
            return []
        with path.open(newline="") as rows:
            return list(csv.reader(rows))

    def console(self) -> str:
        """What it wrote to its console and log, for a failing test's sake."""
        parts = [self._folder / "console", self._folder / "log" / "full"]
        return "".join(part.read_text(errors="replace") for part in parts if part.exists())

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    async def ended(self) -> int:
        """Wait until the process is gone; its exit code."""
        process = self._process
        if process is None:
            return 0
        return await asyncio.get_running_loop().run_in_executor(None, process.wait)

    def _write(self) -> None:
        # The host's name may be another one than when the root was made; unanswered, each call waits for it.
        (self._folder / "hosts").write_text(f"127.0.0.1 localhost {socket.gethostname()} A.ROOT-SERVERS.NET\n")
        for name in asterisk_config.FOLDERS:
            (self._folder / name).mkdir()
        for records in ("cdr-custom", "cel-custom"):
            (self._folder / "log" / records).mkdir()
        modules = next((self._root / "usr" / "lib").glob("*/asterisk/modules")).relative_to(self._root)
        for name, text in asterisk_config.files(self.addresses, self._inside, self._phone_ports).items():
            (self._folder / "etc" / name).write_text(text.replace("@MODULES@", f"/{modules}"), encoding="utf-8")

    def _remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _poll_wait(process: subprocess.Popen[bytes]) -> None:
    """A tenth of a second, or less when the process ends."""
    try:
        process.wait(0.1)
    except subprocess.TimeoutExpired:
        return


def new_addresses() -> Addresses:
    """Free ports for an Asterisk, its phones and its trunk."""
    sip, phones, trunk = free_udp_ports(3)
    return Addresses(free_tcp_port(), sip, phones, trunk)


__all__ = ["Addresses", "Asterisk", "CdrRow", "Unavailable", "asterisk_root", "new_addresses"]
