"""``ultra user``: who may log in at a gateway. Passwords are asked for on the terminal, or read from standard input.

The file is `runtime.users_file`'s; a gateway takes it over at `ultra reload`. Must not take a password as an argument,
where every user of the machine would see it, and must not show one.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from gateway.config import GatewaySettings
from gateway.entrance import ROLES, ROLES_WITH_DEVICE
from runtime.config import load_settings
from runtime.problems import render, why_unreadable
from runtime.shown_path import shown
from runtime.texts import Language, Text, counted, text
from runtime.users_file import (
    PASSWORD_CHARACTERS_MIN,
    User,
    UsersFile,
    new_users_file,
    read_users,
    user_of,
    write_users,
)
from runtime.users_table import name_problem
from ultra.saying import chosen, fail, say

CONFIG = Path("etc/gateway.toml")
USERS_DEFAULT = Path("etc/users.toml")

PASSWORD_CHARACTERS_MAX = 1000
"""Read from standard input; more is a file given by mistake."""

_language = click.option("--lang", type=click.Choice([one.value for one in Language]), help="Language [the shell's].")
_users = click.option(
    "--users",
    "users_path",
    type=click.Path(path_type=Path),
    help=f"The file [the one that {CONFIG} names, else {USERS_DEFAULT}].",
)
_stdin = click.option("--stdin", is_flag=True, help="Read the password from standard input, its first line.")


@click.group()
def user() -> None:
    """Say who may log in, and in which role."""


@user.command()
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(ROLES), help="What the user may see and ask.")
@click.option("--device", default="", help="An agent's own extension.")
@_stdin
@_users
@_language
def add(name: str, role: str, device: str, stdin: bool, users_path: Path | None, lang: str | None) -> None:
    """Add a user; the password is asked for twice."""
    path = _path(users_path, lang)
    held = _read(path, lang, may_be_missing=True)
    if (unfit := name_problem(name)) is not None:
        fail(text('"{name}": {reason}', name=name, reason=unfit.reason), lang)
    if any(one.name == name for one in held.users):
        fail(text('there is a user "{name}" already', name=name), lang)
    if role in ROLES_WITH_DEVICE and not device:
        fail(text('a user with the role "{role}" needs its device', role=role), lang)
    if role not in ROLES_WITH_DEVICE and device:
        fail(text('a user with the role "{role}" has no device', role=role), lang)
    added = _with_password(name, role, device, stdin, lang)
    _write(path, replace(held, users=(*held.users, added)), lang)
    say(text("added: {name}. A running gateway takes it over at `ultra reload`, ultracdr at SIGHUP", name=name), lang)


@user.command()
@click.argument("name")
@_stdin
@_users
@_language
def passwd(name: str, stdin: bool, users_path: Path | None, lang: str | None) -> None:
    """Give a user another password."""
    path = _path(users_path, lang)
    held = _read(path, lang)
    before = _one(held, name, lang)
    after = replace(_with_password(name, before.role, before.device, stdin, lang), is_disabled=before.is_disabled)
    _write(path, replace(held, users=tuple(after if one is before else one for one in held.users)), lang)
    say(text("changed: {name}. A running gateway takes it over at `ultra reload`, ultracdr at SIGHUP", name=name), lang)


@user.command("list")
@_users
@_language
def list_users(users_path: Path | None, lang: str | None) -> None:
    """Show the users and their roles."""
    held = _read(_path(users_path, lang), lang)
    width = max((len(one.name) for one in held.users), default=0)
    for one in held.users:
        words = [one.role, one.device, text("disabled").render(chosen(lang)) if one.is_disabled else ""]
        click.echo(f"{one.name.ljust(width)}  {' '.join(word for word in words if word)}")
    say(counted("{count} user", "{count} users", len(held.users)), lang, to_error=True)


@user.command()
@click.argument("name")
@_users
@_language
def remove(name: str, users_path: Path | None, lang: str | None) -> None:
    """Remove a user. Its open sessions go on; the next log-in fails."""
    path = _path(users_path, lang)
    held = _read(path, lang)
    gone = _one(held, name, lang)
    _write(path, replace(held, users=tuple(one for one in held.users if one is not gone)), lang)
    say(text("removed: {name}. A running gateway takes it over at `ultra reload`, ultracdr at SIGHUP", name=name), lang)


def _path(given: Path | None, lang: str | None) -> Path:
    """The users file: the one named here, else the one that gateway.toml names, else the usual one."""
    if given is not None:
        return given
    if not CONFIG.exists():
        return USERS_DEFAULT
    settings = load_settings(CONFIG, GatewaySettings)
    if not isinstance(settings, GatewaySettings):
        click.echo("\n\n".join(render(problem, chosen(lang)) for problem in settings), err=True)
        sys.exit(1)
    return settings.located(CONFIG.parent).serve.users or USERS_DEFAULT


def _read(path: Path, lang: str | None, *, may_be_missing: bool = False) -> UsersFile:
    if may_be_missing and not path.exists():
        return new_users_file()
    held = read_users(path, ROLES, ROLES_WITH_DEVICE, shown(path))
    if isinstance(held, UsersFile):
        for problem in held.warnings:
            click.echo(render(problem, chosen(lang)), err=True)
        return held
    click.echo("\n\n".join(render(problem, chosen(lang)) for problem in held), err=True)
    sys.exit(1)


def _write(path: Path, users: UsersFile, lang: str | None) -> None:
    try:
        write_users(path, users)
    except OSError as error:
        fail(text("{file} cannot be written: {reason}", file=shown(path), reason=why_unreadable(error)), lang)


def _one(held: UsersFile, name: str, lang: str | None) -> User:
    found = next((one for one in held.users if one.name == name), None)
    if found is None:
        fail(text('there is no user "{name}"', name=name), lang)
    return found


def _with_password(name: str, role: str, device: str, from_stdin: bool, lang: str | None) -> User:
    password = _password(from_stdin, lang)
    if len(password) < PASSWORD_CHARACTERS_MIN:
        fail(text("a password has at least {count} characters", count=PASSWORD_CHARACTERS_MIN), lang)
    try:
        return user_of(name, role, password, device)
    except ValueError:
        fail(text("the password holds characters that none may, such as control characters"), lang)


def _password(from_stdin: bool, lang: str | None) -> str:
    if from_stdin:
        return sys.stdin.readline(PASSWORD_CHARACTERS_MAX).rstrip("\r\n")
    if not sys.stdin.isatty():
        fail(text("there is no terminal to ask for a password: --stdin reads it from standard input"), lang)
    password = _asked(text("Password"), lang)
    if password != _asked(text("The same again"), lang):
        fail(text("these were two different passwords"), lang)
    return password


def _asked(words: Text, lang: str | None) -> str:
    asked: str = click.prompt(words.render(chosen(lang)), hide_input=True, default="", show_default=False, err=True)
    return asked


if __name__ == "__main__":
    user()
