"""Why a journal cannot be opened, in an operator's words, with what to change. Codes are API. Mends nothing."""

import errno
import os
import pwd
from enum import Enum
from pathlib import Path
from typing import Final

from runtime.problems import Problem, Severity, why_unreadable
from runtime.texts import Text, text


class JournalCode(Enum):
    """What keeps a journal from being opened, each an error: (code, meaning)."""

    NO_FOLDER = ("J001", text("the journal's folder is missing and cannot be made"))
    NOT_A_FOLDER = ("J002", text("the journal's folder is no folder"))
    NOT_ALLOWED = ("J003", text("the journal's files belong to somebody else"))
    READ_ONLY = ("J004", text("the journal's file system is read-only"))
    NO_ROOM = ("J005", text("the disk has no room for the journal"))
    LOCKED = ("J006", text("another process uses the journal"))
    NEWER_VERSION = ("J007", text("the journal was written by a newer version"))
    UNREADABLE = ("J008", text("the journal's disk cannot be read or written"))

    def __init__(self, code: str, meaning: Text) -> None:
        self.code = code
        self.meaning = meaning


_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NOT_ALLOWED: Final = (errno.EACCES, errno.EPERM)


def locked(folder: Path, pid: int) -> Problem:
    """Another process holds the lock; `pid` 0: it did not say which."""
    holder = text("process {pid}", pid=pid) if pid else text("a process that did not leave its number")
    return _refusal(
        JournalCode.LOCKED,
        folder,
        text("{holder} uses this journal", holder=holder),
        text("one gateway for each folder: stop the other, or give this one another [journal] folder"),
    )


def newer(path: Path) -> Problem:
    """A file of a format that this version does not know."""
    return _refusal(
        JournalCode.NEWER_VERSION,
        path,
        text("a newer version wrote this file"),
        text("the newer version again; or another [journal] folder, and subscribers begin anew"),
    )


def refused(path: Path, error: OSError) -> Problem:
    """What the system said about the folder or a file in it."""
    why = why_unwritable(error)
    if error.errno == errno.EROFS:
        return _refusal(JournalCode.READ_ONLY, path, why, text("a file system mounted for writing"))
    if error.errno in _FULL:
        expected = text("free space on that disk, or another [journal] folder")
        return _refusal(JournalCode.NO_ROOM, path, why, expected)
    if error.errno in _NOT_ALLOWED:
        return _not_allowed(path, why)
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        where = _nearest(path)
        return _refusal(
            JournalCode.NOT_A_FOLDER,
            where,
            text("a file is there, where a folder must be"),
            text("another [journal] folder, or the file moved away"),
        )
    if error.errno == errno.ENOENT:
        return _refusal(JournalCode.NO_FOLDER, path, why, text("a path whose folders exist or can be made"))
    return unreadable(path, error)


def unreadable(path: Path, error: OSError) -> Problem:
    """A file that was there a moment ago, or a disk that fails."""
    expected = text("a look at the disk and at the system's log")
    return _refusal(JournalCode.UNREADABLE, path, why_unwritable(error), expected)


def why_unwritable(error: OSError) -> Text:
    """Why a file cannot be written, in the operator's language for what operators meet."""
    match error.errno:
        case errno.ENOSPC:
            return text("the disk is full")
        case errno.EDQUOT:
            return text("the disk quota is used up")
        case errno.EFBIG:
            return text("the file may not grow any more (ulimit -f)")
        case errno.EROFS:
            return text("the file system is read-only")
        case errno.EIO:
            return text("the disk reports an error")
        case _:
            return why_unreadable(error)


def _not_allowed(path: Path, why: Text) -> Problem:
    where = _nearest(path)
    owner, we = owner_of(where), name_of(os.geteuid())
    message = text("{reason}: it belongs to {owner}, and this is {who}", reason=why, owner=owner, who=we)
    return _refusal(JournalCode.NOT_ALLOWED, where, message, text("chown -R {who} {file}", who=we, file=str(where)))


def owner_of(path: Path) -> str:
    """Who owns a file, by name and number."""
    try:
        return name_of(os.stat(path).st_uid)
    except OSError:
        return "?"


def name_of(uid: int) -> str:
    """A user by name, by number when it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _nearest(path: Path) -> Path:
    """The path, or the nearest above it that is there and can be seen."""
    for each in (path, *path.parents):
        try:
            os.lstat(each)
        except OSError:
            continue
        return each
    return path


def _refusal(code: JournalCode, path: Path, message: Text, expected: Text) -> Problem:
    return Problem(code.code, Severity.ERROR, str(path), message, expected=expected)
