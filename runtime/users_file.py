"""The file of a daemon's users, `users.toml`: who may log in, in which role, checked by which verifier; no password.

Every mistake in it is reported at once, as for every other TOML file; keys and salts are shown in no complaint. Roles
are words here: the caller names those that there are. It is written whole, readable by its owner only. Must not know
what a role means.
"""

import base64
import hmac
import json
import os
import secrets
import stat
import tempfile
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr
from scramp import ScramException, ScramMechanism

from runtime.config import settings_of
from runtime.expected import public_names
from runtime.problems import Problem, Severity
from runtime.texts import text
from runtime.toml_file import TomlFile, read_toml
from runtime.users_table import SALT_BYTES, SECRET_BYTES, UsersTable, UserTable

ITERATIONS: Final = 100_000
"""Of the hash that a log-in costs its client, once: some 50 ms, and as long for each guess at a stolen file."""

PASSWORD_CHARACTERS_MIN: Final = 8
"""Of a password: with the delay after failures, guessing one takes years."""

MODE: Final = 0o600

UNKNOWN_ROLE = "A001"
NO_DEVICE = "A002"
DEVICE_OF_NOBODY = "A003"
TWICE = "A004"
OPEN_FILE = "A005"

HEADER: Final = """\
# Users, written by `ultra user`, which keeps no remarks. role, device and disabled may be changed by hand;
# there is no password here, and none can be found from what is.
"""


@dataclass(frozen=True, slots=True)
class User:
    """One who may log in."""

    name: str
    role: str
    salt: bytes = field(repr=False)
    iterations: int
    stored_key: bytes = field(repr=False)
    server_key: bytes = field(repr=False)
    device: str = ""
    is_disabled: bool = False


@dataclass(frozen=True, slots=True)
class UsersFile:
    """What the file says; names are unique, roles are of those asked for."""

    salt_secret: bytes = field(repr=False)
    users: tuple[User, ...] = ()
    warnings: tuple[Problem, ...] = ()


def new_users_file() -> UsersFile:
    """A file without users."""
    return UsersFile(secrets.token_bytes(SECRET_BYTES))


def read_users(
    path: Path, roles: Collection[str], roles_with_device: Collection[str], name: str | None = None
) -> UsersFile | tuple[Problem, ...]:
    """The users, or every problem with the file; raises nothing for what is on the disk. `name` is the path to show."""
    file = read_toml(path, public_names(UsersTable))
    if not isinstance(file, TomlFile):
        return file
    file = TomlFile(name or file.name, file.lines, file.document, file.places, file.public)
    table = settings_of(file, UsersTable)
    own = _own_problems(file, roles, roles_with_device)
    if not isinstance(table, UsersTable) or any(problem.is_error for problem in own):
        problems = own if isinstance(table, UsersTable) else [*table, *own]
        return tuple(sorted(problems, key=lambda problem: (problem.line or 0, problem.column or 0, problem.code)))
    opened = _readable_by_others(path, file.name)
    return UsersFile(
        salt_secret=_bytes(table.salt_secret),
        users=tuple(map(_user, table.user)),
        warnings=(*own, *opened),
    )


def user_of(name: str, role: str, password: str, device: str = "") -> User:
    """A user with the verifier of a new password, under a new salt. ValueError for a password that SASLprep forbids."""
    try:
        salt, stored_key, server_key, iterations = ScramMechanism("SCRAM-SHA-256").make_auth_info(
            password, ITERATIONS, secrets.token_bytes(SALT_BYTES)
        )
    except ScramException:
        # The exception's words are the library's, and might one day hold what it was given.
        raise ValueError("the password holds characters that none may") from None
    return User(name, role, salt, iterations, stored_key, server_key, device)


def fits_password(user: User, password: str) -> bool:
    """Whether it is the user's. Takes a tenth of a second, on purpose."""
    try:
        _, stored_key, _, _ = ScramMechanism("SCRAM-SHA-256").make_auth_info(password, user.iterations, user.salt)
    except ScramException:  # what none may hold fits nobody
        return False
    return hmac.compare_digest(stored_key, user.stored_key)


def write_users(path: Path, users: UsersFile) -> None:
    """Write the file, whole or not at all, for its owner's eyes only; a link stays one. Raises OSError."""
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, fresh = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            os.fchmod(descriptor, MODE)
            _keep_owner(descriptor, path)
            written.write(_as_toml(users))
            written.flush()
            os.fsync(descriptor)
        os.replace(fresh, path)
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise


def _keep_owner(descriptor: int, path: Path) -> None:
    """Root changes the file of a daemon that runs as somebody else: it must still be able to read it."""
    if os.geteuid() == 0 and path.exists():
        held = path.stat()
        os.fchown(descriptor, held.st_uid, held.st_gid)


def _as_toml(users: UsersFile) -> str:
    blocks = [HEADER, f'salt_secret = "{_base64(users.salt_secret)}"\n']
    for user in users.users:
        lines = ["\n[[user]]", f"name = {_quoted(user.name)}", f"role = {_quoted(user.role)}"]
        lines += [f"device = {_quoted(user.device)}"] if user.device else []
        lines += ["disabled = true"] if user.is_disabled else []
        lines += [
            f'salt = "{_base64(user.salt)}"',
            f"iterations = {user.iterations}",
            f'stored_key = "{_base64(user.stored_key)}"',
            f'server_key = "{_base64(user.server_key)}"',
        ]
        blocks.append("\n".join(lines) + "\n")
    return "".join(blocks)


def _own_problems(file: TomlFile, roles: Collection[str], roles_with_device: Collection[str]) -> list[Problem]:
    """What the declaration cannot say, told of a file that breaks it elsewhere, too."""
    tables = file.document.get("user")
    problems: list[Problem] = []
    seen: set[str] = set()
    for index, table in enumerate(tables if isinstance(tables, list) else ()):
        if isinstance(table, dict):
            problems += _of_one(file, index, table, roles, roles_with_device)
            name = table.get("name")
            if isinstance(name, str) and name in seen:
                message = text('there is a user "{name}" already', name=name)
                problems.append(file.problem(TWICE, ("user", index, "name"), message))
            elif isinstance(name, str):
                seen.add(name)
    return problems


def _of_one(
    file: TomlFile, index: int, table: dict[str, Any], roles: Collection[str], roles_with_device: Collection[str]
) -> Iterable[Problem]:
    role, device = table.get("role"), table.get("device", "")
    key = ("user", index)
    if not isinstance(role, str):
        return
    if role not in roles:
        expected = text("one of {known}", known=", ".join(roles))
        yield file.problem(
            UNKNOWN_ROLE, (*key, "role"), text('there is no role "{role}"', role=role), expected=expected
        )
    elif role in roles_with_device and not device:
        message = text('a user with the role "{role}" needs its device', role=role)
        yield file.problem(
            NO_DEVICE, (*key, "role"), message, expected=text('device = "8001", the extension it works at')
        )
    elif role not in roles_with_device and device:
        message = text('a user with the role "{role}" has no device: this counts for nothing', role=role)
        yield file.problem(DEVICE_OF_NOBODY, (*key, "device"), message, severity=Severity.WARNING)


def _readable_by_others(path: Path, name: str) -> tuple[Problem, ...]:
    try:
        mode = path.stat().st_mode
    except OSError:
        return ()
    if not mode & (stat.S_IROTH | stat.S_IWOTH):
        return ()
    message = text("everybody on this machine can read {file}", file=name)
    return (Problem(OPEN_FILE, Severity.WARNING, name, message, expected=text("chmod o-rwx {file}", file=name)),)


def _user(table: UserTable) -> User:
    return User(
        name=table.name,
        role=table.role,
        salt=_bytes(table.salt),
        iterations=table.iterations,
        stored_key=_bytes(table.stored_key),
        server_key=_bytes(table.server_key),
        device=table.device,
        is_disabled=table.disabled,
    )


def _bytes(held: SecretStr) -> bytes:
    return base64.b64decode(held.get_secret_value())


def _base64(held: bytes) -> str:
    return base64.b64encode(held).decode("ascii")


def _quoted(written: str) -> str:
    """A TOML basic string: JSON's escapes are among TOML's."""
    return json.dumps(written, ensure_ascii=False)
