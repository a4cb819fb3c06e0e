"""Logging in from the command line at a real gateway: users, passwords, TLS, and what a reload changes of them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import click
import psutil  # type: ignore[import-untyped]
import pytest

from protocol.client import Credentials
from protocol.kinds import Role
from tests.certificates import Authority
from tests.rules.source_tree import ROOT
from tests.ultra.real_site import Done, RealSite, environment_of, logged, real_site, ultra
from tests.ultra.terminal import in_terminal
from tests.waiting import until, until_blocking
from ultra.__main__ import COMMANDS
from ultra.access import NO_ACCESS, Access

PASSWORD = "correct horse battery"
SERVE = 'tls_certificate = "server.crt"\ntls_key = "server.key"\nusers = "users.toml"\n'


@dataclass
class Guarded:
    """A gateway with TLS and users."""

    site: RealSite
    folder: Path

    @property
    def etc(self) -> Path:
        return self.folder / "etc"

    def user(self, *arguments: str, password: str = PASSWORD) -> Done:
        done = ultra("user", *arguments, folder=self.folder, stdin=password.encode())
        assert done.code == 0, done.err
        return done

    def ask(self, *arguments: str, user: str = "ada", password: str = PASSWORD, ca: str = "etc/ca.crt") -> Done:
        (self.folder / "password").write_text(password + "\n")
        (self.folder / "password").chmod(0o600)
        return self.site.ultra(*arguments, "--user", user, "--password-file", "password", "--tls-ca", ca)


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    (tmp_path / "etc").mkdir()
    Authority(tmp_path / "etc").signed()
    for name, role in (("ada", "admin"), ("sue", "supervisor"), ("amy", "agent"), ("cdr", "consumer")):
        more = ("--device", "1000") if role == "agent" else ()
        done = ultra("user", "add", name, "--role", role, "--stdin", *more, folder=tmp_path, stdin=PASSWORD.encode())
        assert done.code == 0, done.err
    with real_site(tmp_path, serve=SERVE) as site:
        yield Guarded(site, tmp_path)


def test_each_role_gets_what_it_may(guarded: Guarded) -> None:
    assert guarded.ask("link", "status").code == 0
    assert guarded.ask("link", "status", user="sue").code == 0
    assert guarded.ask("reload").out == "reloaded\n"
    assert "not_permitted" in guarded.ask("reload", user="sue").err
    assert guarded.ask("call", "make", "1000", "1001", user="amy").code == 0
    assert "not_permitted" in guarded.ask("call", "make", "1002", "1003", user="amy").err
    assert "not_permitted" in guarded.ask("call", "make", "1002", "1003", user="cdr").err
    assert "not_permitted" in guarded.ask("link", "status", user="cdr").err
    events = logged(guarded.site, "logged_in")
    assert {(line["user"], line["role"]) for line in events} == {
        ("ada", "admin"), ("sue", "supervisor"), ("amy", "agent"), ("cdr", "consumer"),
    }  # fmt: skip
    answered = logged(guarded.site, "request_answered")
    assert [(line["user"], line["request"], line["device"], line["code"]) for line in answered] == [
        ("ada", "reload", "", "accepted"),
        ("sue", "reload", "", "not_permitted"),
        ("amy", "make_call", "1000", "accepted"),
        ("amy", "make_call", "1002", "not_permitted"),
        ("cdr", "make_call", "1002", "not_permitted"),
        ("cdr", "query_link", "", "not_permitted"),
    ]


def test_nobody_else_gets_in_and_is_told_why(guarded: Guarded) -> None:
    for more in ({"password": "wrong horse"}, {"user": "nobody"}):
        done = guarded.ask("link", "status", **more)
        assert (done.code, done.out) == (1, "")
        assert "name or password wrong (log_in_failed)" in done.err
    plain = guarded.site.ultra("link", "status")
    assert "without a word of ULP; does it ask for TLS?" in plain.err
    no_user = guarded.site.ultra("link", "status", "--tls-ca", "etc/ca.crt")
    assert "log_in_required" in no_user.err
    assert "certificate does not hold" in guarded.ask("link", "status", ca="system").err
    assert "etc/none.crt: No such file" in guarded.ask("link", "status", ca="etc/none.crt").err
    refused = logged(guarded.site, "session_refused")
    assert [(line["user"], line["code"], line.get("failure")) for line in refused] == [
        ("ada", "log_in_failed", "invalid-proof"),
        ("nobody", "log_in_failed", "unknown-user"),
        ("", "log_in_required", None),
    ]


def test_a_reload_takes_users_and_certificates_over_while_sessions_live(guarded: Guarded, tmp_path: Path) -> None:
    (guarded.folder / "password").write_text(PASSWORD)
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "ultra", "tail", "--server", guarded.site.server, "--json", "--user", "sue"),
            *("--password-file", "password", "--tls-ca", "etc/ca.crt", "--count", "1"),
        ],
        cwd=guarded.folder, env=environment_of(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as lives:  # fmt: skip
        until_blocking(lambda: [one for one in logged(guarded.site, "logged_in") if one["user"] == "sue"])
        guarded.user("remove", "sue")
        other = tmp_path / "other"
        other.mkdir()
        signed = Authority(other, "other").signed()
        (guarded.etc / "server.crt").write_bytes(signed.certificate.read_bytes())
        (guarded.etc / "server.key").write_bytes(signed.key.read_bytes())
        assert guarded.ask("reload").out == "reloaded\n"
        assert "does not hold" in guarded.ask("link", "status").err
        assert guarded.ask("link", "status", ca="other/other.crt").code == 0
        assert "log_in_failed" in guarded.ask("link", "status", user="sue", ca="other/other.crt").err
        assert lives.poll() is None
        assert guarded.ask("call", "make", "1000", "1001", ca="other/other.crt").code == 0
        out, err = lives.communicate(timeout=30)
        assert lives.returncode == 0, err
        assert b'"kind"' in out


def test_beyond_loopback_tls_and_users_cannot_be_taken_away_by_a_reload(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    Authority(tmp_path / "etc").signed()
    ultra("user", "add", "ada", "--role", "admin", "--stdin", folder=tmp_path, stdin=PASSWORD.encode())
    with real_site(tmp_path, listen="0.0.0.0:0", serve=SERVE) as site:
        guarded = Guarded(site, tmp_path)
        site.server = site.server.replace("0.0.0.0", "127.0.0.1")
        assert guarded.ask("link", "status").code == 0
        toml = guarded.etc / "gateway.toml"
        toml.write_text(toml.read_text().replace("0.0.0.0", "127.0.0.1").replace(SERVE, ""))
        done = guarded.ask("reload")
        assert done.code == 1
        assert "G007 error: the gateway still listens where others can reach it" in done.out
        assert site.ultra("link", "status", "--tls-ca", "etc/ca.crt").code == 1
        assert guarded.ask("link", "status").code == 0


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("users.toml", "salt_secret = 7\n", "C006"), ("server.crt", "no PEM\n", "G004"), ("server.key", "", "G004")],
)
def test_a_broken_new_file_leaves_the_old_in_force_and_says_so(
    guarded: Guarded, name: str, content: str, words: str
) -> None:
    (guarded.etc / name).write_text(content)
    done = guarded.ask("reload")
    assert done.code == 1
    assert f"etc/{name}" in done.out
    assert words in done.out
    assert "the old files stay in force" in done.err
    assert guarded.ask("link", "status", user="sue").code == 0
    assert logged(guarded.site, "reload_refused")


def test_no_log_line_and_no_command_line_shows_a_password_or_a_key(guarded: Guarded) -> None:
    guarded.ask("link", "status")
    guarded.ask("link", "status", password="a wrong password")
    shown = (guarded.folder / "var" / "gateway.log").read_text("utf-8")
    users = (guarded.etc / "users.toml").read_text("utf-8")
    secrets = [line.split('"')[1] for line in users.splitlines() if line.startswith(("salt", "stored", "server_key"))]
    assert len(secrets) == 13
    assert [one for one in (PASSWORD, "a wrong password", *secrets) if one in shown] == []
    listing = " ".join(psutil.Process(guarded.site.gateway.pid).cmdline())
    assert PASSWORD not in listing


@pytest.mark.parametrize(
    ("arguments", "environment", "stdin", "words"),
    [
        (("--user", "ada"), {}, b"", "no terminal to ask for a password"),
        (("--tls-key", "x"), {}, b"", "go with --tls-ca"),
        (("--user", "ada", "--password-file", "none"), {}, b"", "none: No such file"),
        ((), {"ULTRA_USER": "ada", "ULTRA_PASSWORD_FILE": "none"}, b"", "none: No such file"),
        ((), {"ULTRA_TLS_CA": "none.crt"}, b"", "none.crt: No such file"),
        (("--user", "ada", "--password-file", "bad"), {}, b"", "characters that neither may"),
        (("--user", "ada", "--password-file", "binary"), {}, b"", "binary: not UTF-8"),
        (("--user", "ada", "--password-file", "open"), {}, b"", "everybody on this machine can read open"),
    ],
)
def test_what_is_wrong_with_the_options(
    tmp_path: Path, arguments: tuple[str, ...], environment: dict[str, str], stdin: bytes, words: str
) -> None:
    (tmp_path / "bad").write_bytes(b"bell\x07bell\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\n")
    (tmp_path / "open").write_bytes(b"correct horse\n")
    (tmp_path / "open").chmod(0o644)
    done = ultra("link", "status", "--server", "127.0.0.1:1", *arguments, folder=tmp_path, stdin=stdin, **environment)
    assert done.code != 0
    assert words in done.err
    assert "bell" not in done.err


async def test_on_a_terminal_the_password_is_asked_for_and_not_shown() -> None:
    async with in_terminal("link", "status", "--user", "ada", "--server", "127.0.0.1:1") as terminal:
        await until(lambda: "Password of ada" in terminal.text and not terminal.echoes())
        terminal.press(f"{PASSWORD}\r")
        assert await terminal.process.wait() == 1
        await until(lambda: "connection refused" in terminal.text)
        assert PASSWORD not in terminal.raw


def test_no_command_takes_a_password_as_an_argument() -> None:
    for name, module in COMMANDS.items():
        command = getattr(import_module(module), name)
        for one in command.commands.values() if isinstance(command, click.Group) else (command,):
            named = {option for parameter in one.params for option in parameter.opts}
            assert {option for option in named if "password" in option} <= {"--password-file"}


def test_with_a_user_the_account_s_role_is_asked_for() -> None:
    assert NO_ACCESS.role(Role.ADMIN) is Role.ADMIN
    access = Access(Credentials("ada", PASSWORD))
    assert access.role(Role.ADMIN) is None
    assert PASSWORD not in repr(access)
    assert os.fspath(ROOT)
