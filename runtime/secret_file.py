"""A secret in a file of its own, so that the settings beside it can be shown to others."""

import stat
from pathlib import Path
from typing import Final

from runtime.problems import Problem, Severity, why_unreadable
from runtime.shown_path import shown
from runtime.texts import Text, text
from runtime.toml_file import TomlFile
from runtime.toml_places import Key

SECRET_BYTES_MAX: Final = 4096
"""Of a secret file: one line; a larger file is not one."""


def read_secret(path: Path) -> str | Text:
    """The first line of the file; a Text saying why it cannot be had."""
    try:
        with path.open(encoding="utf-8") as secret_file:
            secret = secret_file.read(SECRET_BYTES_MAX).partition("\n")[0].rstrip("\r")
    except UnicodeDecodeError:
        return text("it is not UTF-8")
    except OSError as error:
        return why_unreadable(error)
    return secret if secret and secret.isprintable() else text("its first line is empty or holds control characters")


def secret_problems(file: TomlFile, key: Key, path: Path, *, unreadable: str, open_to_all: str) -> list[Problem]:
    """What is wrong with the secret file that ``key`` of a settings file names; under the codes that are given."""
    secret = read_secret(path)
    if isinstance(secret, Text):
        message = text("the secret in {file} cannot be had: {reason}", file=shown(path), reason=secret)
        expected = text("a file whose first line is the secret")
        return [file.problem(unreadable, key, message, expected=expected)]
    if path.stat().st_mode & stat.S_IROTH:
        message = text("everybody on this machine can read {file}", file=shown(path))
        expected = text("chmod o-rwx {file}", file=shown(path))
        return [file.problem(open_to_all, key, message, expected=expected, severity=Severity.WARNING)]
    return []
