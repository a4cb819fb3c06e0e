"""Why a journal is not opened: the real reasons, made by the system itself where it can."""

import errno
import multiprocessing
import os
import pwd
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.journal.refusals import JournalCode, name_of, owner_of, refused, unreadable, why_unwritable
from gateway.journal.segment_header import SegmentHeader
from gateway.journal.state import State
from runtime.problems import Problem, render
from runtime.texts import Language
from tests.gateway.journal.stage import EPOCH, NOW_US, SMALL, begun, file_size_limit, segments_in, try_open
from tests.gateway.journal.versions import newer_segment, newer_state

NOBODY = 65_534
"""A user that owns nothing, on every Linux."""


def code_of(found: object) -> str:
    assert isinstance(found, Problem), found
    assert found.is_error
    assert found.expected is not None
    return found.code


def as_nobody(look: Callable[[], None]) -> None:
    """Run a check as a user for whom permissions count: root becomes another one, in a process of its own."""

    def become_and_look() -> None:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        look()

    process = multiprocessing.get_context("fork").Process(target=become_and_look)
    process.start()
    process.join()
    assert process.exitcode == 0


@pytest.fixture
def open_to_all(tmp_path: Path) -> Path:
    """A folder that another user can reach: pytest's own are closed to everybody else."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    return tmp_path


def test_a_folder_that_belongs_to_somebody_else(open_to_all: Path) -> None:
    folder = open_to_all / "journal"
    folder.mkdir(0o555)

    def look() -> None:
        found = try_open(folder)
        assert code_of(found) == "J003"
        assert isinstance(found, Problem)
        assert found.file == str(folder)
        words = found.message.render()
        assert owner_of(folder) in words
        assert name_of(os.geteuid()) in words

    as_nobody(look)


def test_a_folder_that_cannot_be_made(open_to_all: Path) -> None:
    closed = open_to_all / "closed"
    closed.mkdir(0o555)

    def look() -> None:
        found = try_open(closed / "deep" / "journal")
        assert code_of(found) == "J003"
        assert isinstance(found, Problem)
        assert found.file == str(closed)

    as_nobody(look)


def test_files_that_another_user_left(open_to_all: Path) -> None:
    folder = open_to_all / "journal"
    begun(folder).close(NOW_US)
    folder.chmod(0o777)
    (folder / "lock").unlink()
    segment = segments_in(folder)[0]
    segment.chmod(0o600)
    if os.geteuid() != 0:
        segment.chmod(0)

    def look() -> None:
        found = try_open(folder)
        assert code_of(found) == "J003"

    as_nobody(look)


@pytest.mark.parametrize("place", ["file", "file/journal", "file/deep/journal"])
def test_a_file_where_a_folder_must_be(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("in the way")
    found = try_open(tmp_path / place)
    assert code_of(found) == "J002"
    assert isinstance(found, Problem)
    assert found.file == str(tmp_path / "file")


def test_a_place_that_does_not_take_folders() -> None:
    assert code_of(try_open(Path("/proc/ultra/journal"))) == "J001"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a file system read-only")
def test_a_file_system_that_is_read_only(tmp_path: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "none", tmp_path], check=True)
    try:
        assert code_of(try_open(tmp_path / "journal")) == "J004"
        assert code_of(try_open(tmp_path)) == "J004"
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_a_disk_without_room_for_a_first_segment(tmp_path: Path) -> None:
    with file_size_limit(SMALL.room_bytes - 1):
        found = try_open(tmp_path)
    assert code_of(found) == "J005"
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_a_disk_without_room_is_no_obstacle_for_a_journal_that_goes_on(tmp_path: Path) -> None:
    begun(tmp_path).close(NOW_US)
    with file_size_limit(8192):
        found = try_open(tmp_path)
    assert not isinstance(found, Problem)
    found.journal.close(NOW_US)


def test_another_process_has_it(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    found = try_open(tmp_path)
    assert code_of(found) == "J006"
    assert isinstance(found, Problem)
    assert f"process {os.getpid()}" in found.message.render()
    (tmp_path / "lock").write_bytes(b"")
    found = try_open(tmp_path)
    assert isinstance(found, Problem)
    assert "did not leave its number" in found.message.render()
    journal.close(NOW_US)


def test_a_segment_of_a_newer_version_and_nothing_is_touched(tmp_path: Path) -> None:
    begun(tmp_path).close(NOW_US)
    newer = SegmentHeader(EPOCH, 77, NOW_US, 0)
    (tmp_path / newer.name).write_bytes(newer_segment(newer))
    damaged = tmp_path / SegmentHeader(EPOCH, 5, NOW_US, 0).name
    damaged.write_bytes(b"?")
    before = sorted((path.name, path.read_bytes()) for path in tmp_path.iterdir())
    found = try_open(tmp_path)
    assert code_of(found) == "J007"
    assert isinstance(found, Problem)
    assert found.file == str(tmp_path / newer.name)
    assert sorted((path.name, path.read_bytes()) for path in tmp_path.iterdir()) == before


def test_a_state_of_a_newer_version(tmp_path: Path) -> None:
    begun(tmp_path).close(NOW_US)
    (tmp_path / "state").write_bytes(newer_state(State(1, EPOCH)))
    assert code_of(try_open(tmp_path)) == "J007"


def test_a_disk_that_fails(tmp_path: Path) -> None:
    assert code_of(refused(tmp_path, OSError(errno.EIO, "Input/output error"))) == "J008"
    assert code_of(unreadable(tmp_path, OSError(errno.ENOENT, "No such file or directory"))) == "J008"


def test_after_a_refusal_the_folder_is_free(tmp_path: Path) -> None:
    with file_size_limit(0):
        assert isinstance(try_open(tmp_path), Problem)
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    with file_size_limit(0):
        assert isinstance(try_open(tmp_path), Problem)
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors
    begun(tmp_path).close(NOW_US)


@pytest.mark.parametrize(
    "number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.ENOENT, errno.EBADF]
)
def test_every_reason_has_words(number: int) -> None:
    assert why_unwritable(OSError(number, os.strerror(number))).render()


def test_a_refusal_is_shown_as_every_problem_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    found = try_open(tmp_path / "file")
    assert isinstance(found, Problem)
    shown = render(found, Language.EN)
    assert shown.startswith(f"{tmp_path / 'file'}: J002 error: a file is there")
    assert len({code.code for code in JournalCode}) == len(JournalCode)


def test_users_have_names_or_numbers(tmp_path: Path) -> None:
    assert name_of(0) == pwd.getpwuid(0).pw_name
    assert name_of(4_000_000) == "4000000"
    assert owner_of(tmp_path / "nothing") == "?"
