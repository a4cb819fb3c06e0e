"""users.toml: what it takes, every mistake at once, that it shows no key, and that it is written whole and for one's
own eyes."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from scramp import ScramMechanism

from runtime.problems import Problem, render
from runtime.users_file import (
    ITERATIONS,
    UsersFile,
    fits_password,
    new_users_file,
    read_users,
    user_of,
    write_users,
)

ROLES, WITH_DEVICE = ("consumer", "agent", "admin"), ("agent",)
PASSWORD = "correct horse"


def read(path: Path) -> UsersFile | tuple[Problem, ...]:
    return read_users(path, ROLES, WITH_DEVICE)


def written(tmp_path: Path) -> Path:
    """A good file of two users."""
    path = tmp_path / "users.toml"
    users = (user_of("ada", "admin", PASSWORD), user_of('前台 "amy"', "agent", PASSWORD, "8001"))
    write_users(path, replace(new_users_file(), users=users))
    return path


def complaints(path: Path) -> list[str]:
    found = read(path)
    assert isinstance(found, tuple), found
    return [f"{one.line}: {one.code} {one.message.render()}" for one in found]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    held = read(written(tmp_path))
    assert isinstance(held, UsersFile)
    assert held.warnings == ()
    assert [(one.name, one.role, one.device, one.is_disabled) for one in held.users] == [
        ("ada", "admin", "", False),
        ('前台 "amy"', "agent", "8001", False),
    ]
    ada = held.users[0]
    assert ScramMechanism("SCRAM-SHA-256").make_auth_info(PASSWORD, ada.iterations, ada.salt) == (
        ada.salt,
        ada.stored_key,
        ada.server_key,
        ITERATIONS,
    )
    path = tmp_path / "again.toml"
    write_users(path, replace(held, users=(replace(ada, is_disabled=True), *held.users[1:])))
    again = read(path)
    assert isinstance(again, UsersFile)
    assert again.users[0].is_disabled
    assert again.salt_secret == held.salt_secret


def test_no_password_is_in_it_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert PASSWORD not in path.read_text("utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["users.toml"]


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_nothing_beside_it(tmp_path: Path) -> None:
    path = written(tmp_path)
    before = path.read_bytes()
    held = read(path)
    assert isinstance(held, UsersFile)
    broken = replace(held, users=(replace(held.users[0], name="\ud800"),))
    with pytest.raises(UnicodeEncodeError):
        write_users(path, broken)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["users.toml"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    path, link = written(tmp_path), tmp_path / "link.toml"
    link.symlink_to(path)
    write_users(link, new_users_file())
    assert link.is_symlink()
    held = read(path)
    assert isinstance(held, UsersFile)
    assert held.users == ()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody")
def test_root_leaves_the_file_to_whom_it_belongs(tmp_path: Path) -> None:
    path = written(tmp_path)
    os.chown(path, 1234, 1234)
    write_users(path, new_users_file())
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 1234)


def test_every_mistake_at_once(tmp_path: Path) -> None:
    path = written(tmp_path)
    text = path.read_text("utf-8")
    text = text.replace('role = "admin"', 'role = "boss"').replace('device = "8001"\n', "")
    text = text.replace("iterations = 100000", "iterations = 1", 1).replace('salt = "', 'salt = "AA', 1)
    path.write_text(text + '\n[[user]]\nname = "ada"\nrole = "admin"\nbadge = 7\n', "utf-8")
    found = [one.partition(" ")[2] for one in complaints(path)]
    assert sorted(found) == [
        'A001 there is no role "boss"',
        'A002 a user with the role "agent" needs its device',
        'A004 there is a user "ada" already',
        "C004 there is no key user[2].badge",
        "C005 user[2].iterations is missing",
        "C005 user[2].salt is missing",
        "C005 user[2].server_key is missing",
        "C005 user[2].stored_key is missing",
        "C006 user[0].iterations cannot be 1",
        "C006 user[0].salt: this is not what `ultra user` wrote",
    ]


def test_a_file_without_its_secret_is_none(tmp_path: Path) -> None:
    path = tmp_path / "users.toml"
    path.write_text("")
    assert complaints(path) == ["None: C005 salt_secret is missing"]
    assert "C001" in complaints(tmp_path / "none.toml")[0]


def test_no_complaint_shows_a_key_or_a_salt(tmp_path: Path) -> None:
    path = written(tmp_path)
    lines = path.read_text("utf-8").splitlines()
    secrets = [line.split('"')[1] for line in lines if line.startswith(("salt", "stored_key", "server_key"))]
    spoiled = "\n".join(
        line[:-1] + 'x"' if line.split('"')[1:2] and line.split('"')[1] in secrets else line for line in lines
    )
    path.write_text(spoiled + "\n", "utf-8")
    found = read(path)
    assert isinstance(found, tuple)
    assert len(found) == 7
    shown = "".join(render(one) + repr(one) for one in found)
    assert [secret for secret in secrets if secret in shown] == []


def test_nothing_shows_a_key_or_a_salt(tmp_path: Path) -> None:
    held = read(written(tmp_path))
    assert isinstance(held, UsersFile)
    shown = repr(held)
    assert not any(repr(secret) in shown for user in held.users for secret in (user.salt, user.stored_key))
    assert repr(held.salt_secret) not in shown


def test_a_file_that_everybody_can_read_and_a_device_of_nobody_are_warned_about(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_text(path.read_text("utf-8").replace('role = "admin"', 'role = "admin"\ndevice = "1"'), "utf-8")
    path.chmod(0o644)
    held = read(path)
    assert isinstance(held, UsersFile)
    assert [one.code for one in held.warnings] == ["A003", "A005"]
    path.chmod(0o640)
    held = read(path)
    assert isinstance(held, UsersFile)
    assert [one.code for one in held.warnings] == ["A003"]


def test_a_password_that_cannot_be_typed_everywhere_is_refused_without_being_shown() -> None:
    with pytest.raises(ValueError, match="characters that none may") as raised:
        user_of("ada", "admin", "secret\x07bell")
    assert "secret" not in repr(raised.value)
    assert raised.value.__cause__ is None


def test_a_password_fits_its_user_alone() -> None:
    ada = user_of("ada", "admin", "correct horse")
    assert fits_password(ada, "correct horse")
    assert not fits_password(ada, "correct horsf")
    assert not fits_password(ada, "")
    assert not fits_password(ada, "\ud800")
    assert not fits_password(user_of("bob", "admin", "another one"), "correct horse")
