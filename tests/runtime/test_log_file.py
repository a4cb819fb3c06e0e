"""A log file's troubles, with the real ones where the system can make them: /dev/full, a file size limit, logrotate."""

import multiprocessing
import os
import resource
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.log_file import LogFile

LINES_EACH = 400


class Stderr:
    """A pipe in the place of standard error."""

    def __init__(self) -> None:
        self._read_end, self.descriptor = os.pipe()
        os.set_blocking(self._read_end, False)

    def lines(self) -> list[str]:
        """What has been written since the last call."""
        try:
            return os.read(self._read_end, 1 << 20).decode().splitlines()
        except BlockingIOError:
            return []

    def close(self) -> None:
        os.close(self._read_end)
        os.close(self.descriptor)


@pytest.fixture
def stderr() -> Iterator[Stderr]:
    pipe = Stderr()
    yield pipe
    pipe.close()


def test_lines_are_appended_whole_and_the_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "var" / "log" / "ultralnk.log"
    log = LogFile(path)
    log.write_line("前台")
    log.write_line("lone \ud800")
    log.close()
    LogFile(path).write_line("third")
    assert path.read_text() == "前台\nlone \\ud800\nthird\n"


def test_a_log_names_callers_and_is_not_for_everybody(tmp_path: Path) -> None:
    path = tmp_path / "ultralnk.log"
    LogFile(path).write_line("x")
    assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0


def test_without_a_path_lines_go_to_standard_error(stderr: Stderr) -> None:
    LogFile(None, stderr=stderr.descriptor).write_line("x")
    assert stderr.lines() == ["x"]


@pytest.mark.parametrize("vanish", [lambda path: path.rename(f"{path}.1"), Path.unlink])
def test_a_file_that_logrotate_moved_or_removed_is_opened_anew(tmp_path: Path, vanish: object) -> None:
    path = tmp_path / "ultralnk.log"
    log = LogFile(path)
    log.write_line("before")
    assert callable(vanish)
    vanish(path)
    log.write_line("after")
    assert path.read_text() == "after\n"


def test_a_file_that_was_moved_and_made_anew_by_logrotate_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "ultralnk.log"
    log = LogFile(path)
    log.write_line("before")
    path.rename(tmp_path / "ultralnk.log.1")
    path.touch()
    log.write_line("after")
    assert path.read_text() == "after\n"
    assert (tmp_path / "ultralnk.log.1").read_text() == "before\n"


def test_a_file_that_was_cut_by_copytruncate_goes_on_at_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "ultralnk.log"
    log = LogFile(path)
    log.write_line("before")
    os.truncate(path, 0)
    log.write_line("after")
    assert path.read_bytes() == b"after\n"


def test_a_full_disk_sends_lines_to_standard_error_and_is_told_once(stderr: Stderr) -> None:
    log = LogFile(Path("/dev/full"), stderr=stderr.descriptor)
    log.write_line("first")
    log.write_line("second")
    told, *lines = stderr.lines()
    assert told.startswith("log_file_failed file=/dev/full reason='No space left on device'")
    assert lines == ["first", "second"]
    assert log.lines_lost == 0


def test_a_file_that_works_again_is_used_again_and_says_what_it_missed(tmp_path: Path, stderr: Stderr) -> None:
    in_the_way = tmp_path / "log"
    in_the_way.write_text("a file where a folder should be")
    log = LogFile(in_the_way / "ultralnk.log", stderr=stderr.descriptor)
    log.write_line("first")
    log.write_line("second")
    in_the_way.unlink()
    log.write_line("third")
    log.write_line("fourth")
    recovered, *lines = (in_the_way / "ultralnk.log").read_text().splitlines()
    assert recovered.startswith("log_file_recovered")
    assert recovered.endswith("lines_diverted=2 lines_lost=0")
    assert lines == ["third", "fourth"]


def test_with_nowhere_left_to_write_lines_are_counted_and_nothing_is_raised() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    log = LogFile(Path("/dev/full"), stderr=write_end)
    log.write_line("first")
    log.write_line("second")
    assert log.lines_lost == 2
    os.close(write_end)


def fill_up(path: Path, stderr: int) -> None:
    """In a process of its own: its file size limit ends the third line in the middle."""
    log = LogFile(path, stderr=stderr)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (25, hard))
    for line in ("0123456789", "0123456789", "torn apart", "diverted"):
        log.write_line(line)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    log.write_line("whole again")


def test_a_line_that_was_cut_by_a_full_disk_does_not_swallow_the_next_one(tmp_path: Path, stderr: Stderr) -> None:
    path = tmp_path / "ultralnk.log"
    writer = multiprocessing.get_context("fork").Process(target=fill_up, args=(path, stderr.descriptor))
    writer.start()
    writer.join()
    assert writer.exitcode == 0
    lines = path.read_text().splitlines()
    assert lines[:3] == ["0123456789", "0123456789", "tor"]
    assert lines[3].startswith("log_file_recovered")
    assert lines[4] == "whole again"
    assert stderr.lines()[1:] == ["torn apart", "diverted"]


def write_many(path: Path, writer: int) -> None:
    log = LogFile(path)
    for number in range(LINES_EACH):
        log.write_line(f"{writer} {number} " + "x" * (number % 97) + " end")


def write_same(log: LogFile) -> None:
    for _ in range(LINES_EACH):
        log.write_line("thread 0 end")


def test_lines_of_many_processes_and_threads_never_mix(tmp_path: Path) -> None:
    path = tmp_path / "ultralnk.log"
    fork = multiprocessing.get_context("fork")
    processes = [fork.Process(target=write_many, args=(path, writer)) for writer in range(4)]
    shared = LogFile(path)
    threads = [threading.Thread(target=write_same, args=(shared,)) for _ in range(3)]
    for process in processes:
        process.start()
    for thread in threads:
        thread.start()
    for process in processes:
        process.join()
    for thread in threads:
        thread.join()
    lines = path.read_text().splitlines()
    assert len(lines) == 7 * LINES_EACH
    assert all(line.endswith(" end") for line in lines)
    for writer in range(4):
        numbers = [int(line.split()[1]) for line in lines if line.startswith(f"{writer} ")]
        assert numbers == list(range(LINES_EACH))
