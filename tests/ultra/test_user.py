"""`ultra user` as an operator types it: passwords on a terminal or from standard input, and never on a command line."""

import stat
from pathlib import Path

import click
import pytest

from gateway.entrance import ROLES, ROLES_WITH_DEVICE
from runtime.users_file import UsersFile, read_users
from tests.ultra.real_site import Done, ultra
from tests.ultra.terminal import in_terminal
from tests.waiting import until
from ultra.user import user

PASSWORD = "correct horse"


def run(folder: Path, *arguments: str, password: str = PASSWORD) -> Done:
    return ultra("user", *arguments, folder=folder, stdin=f"{password}\nmore\n".encode())


def add(folder: Path, name: str, *more: str, password: str = PASSWORD) -> Done:
    return run(folder, "add", name, "--stdin", "--users", "users.toml", *more, password=password)


def held(folder: Path, name: str = "users.toml") -> UsersFile:
    found = read_users(folder / name, ROLES, ROLES_WITH_DEVICE)
    assert isinstance(found, UsersFile)
    return found


def test_users_come_change_and_go(tmp_path: Path) -> None:
    assert add(tmp_path, "ada", "--role", "admin").out.startswith("added: ada.")
    assert add(tmp_path, "amy", "--role", "agent", "--device", "8001").code == 0
    assert stat.S_IMODE((tmp_path / "users.toml").stat().st_mode) == 0o600
    listed = run(tmp_path, "list", "--users", "users.toml")
    assert (listed.out, listed.err) == ("ada  admin\namy  agent 8001\n", "2 users\n")
    before = held(tmp_path)
    changed = run(tmp_path, "passwd", "amy", "--stdin", "--users", "users.toml", password="another one")
    assert changed.code == 0
    after = held(tmp_path)
    assert after.users[1].stored_key != before.users[1].stored_key
    assert after.users[1].salt != before.users[1].salt
    assert (after.users[0], after.salt_secret, after.users[1].device) == (before.users[0], before.salt_secret, "8001")
    assert run(tmp_path, "remove", "ada", "--users", "users.toml").code == 0
    assert [one.name for one in held(tmp_path).users] == ["amy"]


@pytest.mark.parametrize(
    ("arguments", "password", "words"),
    [
        (("ada", "--role", "admin"), "1234567", "a password has at least 8 characters"),
        (("ada", "--role", "admin"), "", "a password has at least 8 characters"),
        (("ada", "--role", "admin"), "bell\x07bell", "characters that none may"),
        ((" ada", "--role", "admin"), PASSWORD, "this can be no user's name"),
        (("amy", "--role", "agent"), PASSWORD, "needs its device"),
        (("ada", "--role", "admin", "--device", "8001"), PASSWORD, "has no device"),
    ],
)
def test_what_is_not_added(tmp_path: Path, arguments: tuple[str, ...], password: str, words: str) -> None:
    done = add(tmp_path, *arguments, password=password)
    assert (done.code, done.out) == (1, "")
    assert words in done.err
    assert not (tmp_path / "users.toml").exists()


def test_nobody_is_added_twice_and_who_is_not_there_is_not_changed(tmp_path: Path) -> None:
    add(tmp_path, "ada", "--role", "admin")
    assert 'there is a user "ada" already' in add(tmp_path, "ada", "--role", "admin").err
    for command in (("passwd", "bob", "--stdin"), ("remove", "bob")):
        assert 'there is no user "bob"' in run(tmp_path, *command, "--users", "users.toml").err


def test_a_broken_file_is_told_and_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "users.toml").write_text("salt_secret = 7\n")
    done = add(tmp_path, "ada", "--role", "admin")
    assert done.code == 1
    assert "users.toml:1:15: C006 error:" in done.err
    assert (tmp_path / "users.toml").read_text() == "salt_secret = 7\n"


def test_the_file_is_the_one_that_gateway_toml_names(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    assert run(tmp_path, "add", "ada", "--role", "admin", "--stdin").code == 0
    assert held(tmp_path, "etc/users.toml").users[0].name == "ada"
    (tmp_path / "etc" / "gateway.toml").write_text(
        'port_cfg = "../port.cfg"\n[switch]\ninterface = "csta-xml"\nhost = "pbx"\n[serve]\nusers = "../who.toml"\n'
    )
    assert run(tmp_path, "add", "bob", "--role", "consumer", "--stdin").code == 0
    assert held(tmp_path, "who.toml").users[0].name == "bob"


def test_without_a_terminal_nothing_is_asked(tmp_path: Path) -> None:
    done = run(tmp_path, "add", "ada", "--role", "admin", "--users", "users.toml", "--lang", "zh")
    assert (done.code, done.out) == (1, "")
    assert "--stdin 从标准输入读取密码" in done.err


async def test_on_a_terminal_it_is_asked_twice_and_not_shown(tmp_path: Path) -> None:
    users = str(tmp_path / "users.toml")
    async with in_terminal("user", "add", "ada", "--role", "admin", "--users", users) as terminal:
        await until(lambda: "Password" in terminal.text and not terminal.echoes())
        terminal.press(f"{PASSWORD}\r")
        await until(lambda: "The same again" in terminal.text and not terminal.echoes())
        terminal.press("something else\r")
        assert await terminal.process.wait() == 1
        await until(lambda: "two different passwords" in terminal.text)
        assert terminal.echoes()
    async with in_terminal("user", "add", "ada", "--role", "admin", "--users", users) as terminal:
        await until(lambda: "Password" in terminal.text and not terminal.echoes())
        terminal.press(f"{PASSWORD}\r")
        await until(lambda: "The same again" in terminal.text and not terminal.echoes())
        terminal.press(f"{PASSWORD}\r")
        assert await terminal.process.wait() == 0
        await until(lambda: "added: ada" in terminal.text)
        assert PASSWORD not in terminal.text
    assert held(tmp_path).users[0].name == "ada"


def test_no_option_and_no_argument_takes_a_password() -> None:
    for command in user.commands.values():
        assert isinstance(command, click.Command)
        assert {one.name for one in command.params} <= {
            "name", "role", "device", "stdin", "users_path", "lang",
        }  # fmt: skip
