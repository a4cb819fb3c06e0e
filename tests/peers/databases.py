"""Real databases of one's own: a PostgreSQL and a MariaDB on free loopback ports, in temporary folders.

Their servers refuse to run as root, so there they run as the user that Debian's packages make for them. They die with
the test process.
"""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

BOOT_SECONDS_MAX: Final = 60
STOP_SECONDS_MAX: Final = 30
PASSWORD: Final = "se cret/7"
"""With what a URL must quote."""
QUOTED: Final = "se%20cret%2F7"
_DEATH_SIGNAL: Final = 1


class Unavailable(Exception):
    """There is no such database to be had here; the text says why."""


@dataclass
class Server:
    """A running database server. ``url`` is of the database ``cdr`` and its owner."""

    name: str
    port: int
    folder: Path
    command: Sequence[str]
    user: int
    admin: Sequence[str]
    process: "subprocess.Popen[bytes]" = field(init=False)

    @property
    def url(self) -> str:
        return f"{self.name}://cdr:{QUOTED}@127.0.0.1:{self.port}/cdr"

    @property
    def odbc_url(self) -> str:
        """The same without a data source: the driver, by the name that Debian's package gives it."""
        driver = {"postgresql": "PostgreSQL Unicode", "mariadb": "MariaDB Unicode"}[self.name]
        return f"odbc://cdr:{QUOTED}@/?Driver={driver}&Server=127.0.0.1&Port={self.port}&Database=cdr"

    def empty(self) -> None:
        """Leave the database without any table."""
        if self.name == "postgresql":
            self.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION cdr;")
        else:
            self.sql("DROP DATABASE cdr; CREATE DATABASE cdr;", "mysql")

    def start(self) -> None:
        """Start it, or start it again, and wait until it takes connections."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, user=self.user, extra_groups=[], preexec_fn=_die_with_us
            )
        deadline = time.monotonic() + BOOT_SECONDS_MAX
        while not self._is_there():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Unavailable(
                    f"{self.name} did not start: {(self.folder / 'log').read_text(errors='replace')[-800:]}"
                )
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(0.05)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it: in order, at once (SIGQUIT, SIGINT), or as a power cut would (SIGKILL)."""
        self.process.send_signal(how)
        try:
            self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def sql(self, statements: str, database: str = "cdr") -> None:
        """Run statements as the server's administrator."""
        done = subprocess.run([*self.admin, database], input=statements.encode(), capture_output=True, check=False,
                              user=self.user)  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()

    def _is_there(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        probe = subprocess.run([*self.admin, self._probe], input=b"SELECT 1;", capture_output=True, check=False,
                               user=self.user)  # fmt: skip
        return probe.returncode == 0

    @property
    def _probe(self) -> str:
        return "postgres" if self.name == "postgresql" else "mysql"


def _die_with_us() -> None:
    """Also when the test process is killed (prctl(2), Linux)."""
    ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)


@contextmanager
def postgresql() -> Iterator[Server]:
    """A PostgreSQL with the database and user ``cdr``; ``Unavailable`` says why there is none."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        raise Unavailable("PostgreSQL is not installed: Debian's package postgresql")
    user, port = _user("postgres"), _free_port()
    with _folder(user) as folder:
        data = folder / "data"
        _run([str(programs[-1] / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "--no-sync"], user)
        (data / "pg_hba.conf").write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n", "utf-8")
        command = [
            str(programs[-1] / "postgres"), "-D", str(data), "-p", str(port), "-k", str(folder),
            "-c", "listen_addresses=127.0.0.1", "-c", "log_min_messages=panic",
        ]  # fmt: skip
        admin = [str(programs[-1] / "psql"), "-q", "-v", "ON_ERROR_STOP=1", "-h", str(folder), "-p", str(port),
                 "-U", "postgres"]  # fmt: skip
        server = Server("postgresql", port, folder, command, user, admin)
        server.start()
        try:
            server.sql(f"CREATE ROLE cdr LOGIN PASSWORD '{PASSWORD}'; CREATE DATABASE cdr OWNER cdr;", "postgres")
            yield server
        finally:
            server.stop(signal.SIGINT)


@contextmanager
def mariadb() -> Iterator[Server]:
    """A MariaDB with the database and user ``cdr``; ``Unavailable`` says why there is none."""
    program = shutil.which("mariadbd", path="/usr/sbin:/usr/bin:/usr/libexec")
    install = shutil.which("mariadb-install-db")
    client = shutil.which("mariadb")
    if program is None or install is None or client is None:
        raise Unavailable("MariaDB is not installed: Debian's package mariadb-server")
    user, port = _user("mysql"), _free_port()
    with _folder(user) as folder:
        data, handle = folder / "data", folder / "sock"
        name = pwd.getpwuid(user).pw_name
        _run([install, "--no-defaults", f"--datadir={data}", f"--user={name}", "--skip-test-db",
              "--auth-root-authentication-method=normal"], user)  # fmt: skip
        command = [
            program, "--no-defaults", f"--datadir={data}", f"--port={port}", f"--socket={handle}",
            "--bind-address=127.0.0.1", "--skip-log-bin", f"--pid-file={folder / 'pid'}",
        ]  # fmt: skip
        admin = [client, "--no-defaults", f"--socket={handle}", "-u", "root"]
        server = Server("mariadb", port, folder, command, user, admin)
        server.start()
        try:
            server.sql(
                f"CREATE DATABASE cdr; CREATE USER cdr@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';"
                "GRANT ALL ON cdr.* TO cdr@'127.0.0.1';",
                "mysql",
            )
            yield server
        finally:
            server.stop()


@contextmanager
def _folder(user: int) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="db-", dir="/tmp") as name:
        os.chown(name, user, -1)
        yield Path(name)
        with suppress(OSError):
            shutil.rmtree(Path(name) / "data")


def _user(name: str) -> int:
    """Whom the server runs as: ourselves, unless we are root."""
    if os.geteuid() != 0:
        return os.geteuid()
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        raise Unavailable(f"there is no user {name}, which Debian's package makes") from None


def _run(command: list[str], user: int) -> None:
    done = subprocess.run(command, capture_output=True, check=False, user=user, cwd="/tmp")
    if done.returncode != 0:
        raise Unavailable(f"{Path(command[0]).name}: {done.stderr.decode(errors='replace')[-500:]}")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
