"""The calls of the operating system, on real files."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.journal import files
from tests.gateway.journal.stage import file_size_limit
from tests.rules.source_tree import ROOT


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    files.write_whole(tmp_path, "name", [b"one", b"two"])
    assert (tmp_path / "name").read_bytes() == b"onetwo"
    assert stat.S_IMODE((tmp_path / "name").stat().st_mode) & 0o007 == 0
    with file_size_limit(4), pytest.raises(OSError, match="too large"):
        files.write_whole(tmp_path, "name", [b"new", b"content"])
    assert files.names(tmp_path) == ["name"]
    assert (tmp_path / "name").read_bytes() == b"onetwo"


def test_what_a_failed_write_left_is_cut_off(tmp_path: Path) -> None:
    writing = files.begin_whole(tmp_path, "name", [b"head"])
    writing.append(b"first")
    with file_size_limit(12), pytest.raises(OSError, match="too large"):
        writing.append(b"second")
    assert (tmp_path / "name").read_bytes() == b"headfirst"
    assert writing.size == 9
    writing.append(b"third")
    writing.sync()
    writing.close()
    assert (tmp_path / "name").read_bytes() == b"headfirstthird"


def test_what_was_there_behind_the_given_size_is_cut_off_before_the_first_write(tmp_path: Path) -> None:
    (tmp_path / "name").write_bytes(b"wholetorn")
    writing = files.open_writing(tmp_path / "name", 5)
    writing.append(b"")
    assert (tmp_path / "name").read_bytes() == b"whole"
    writing.append(b"more")
    writing.cut(7)
    writing.append(b"!")
    writing.overwrite(b"W", 0)
    writing.close()
    assert (tmp_path / "name").read_bytes() == b"Wholemo!"


def test_a_file_that_is_closed_already_is_no_error_to_close(tmp_path: Path) -> None:
    writing = files.begin_whole(tmp_path, "name", [b"x"])
    writing.close()
    writing.close()
    writing.cut(0)


def test_room_is_checked_and_given_back(tmp_path: Path) -> None:
    files.check_room(tmp_path, "room", 10_000)
    with file_size_limit(9_999), pytest.raises(OSError, match="too large"):
        files.check_room(tmp_path, "room", 10_000)
    assert files.names(tmp_path) == []


def test_readers_hold_few_files_open(tmp_path: Path) -> None:
    for name in "abcd":
        (tmp_path / name).write_bytes(name.encode() * 10)
    reading = files.Reading(tmp_path, open_max=2)
    for name in "abcdab":
        assert reading.read(name, 2, 3) == name.encode() * 3
        assert reading.open_files <= 2
    assert reading.read("a", 8, 5) == b"aa"
    assert reading.read("a", 20, 5) == b""
    reading.forget("a")
    reading.forget("never opened")
    assert reading.open_files == 1
    reading.close()
    assert reading.open_files == 0


def test_a_file_that_is_deleted_can_be_read_while_it_is_held_open(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"content")
    reading = files.Reading(tmp_path)
    assert reading.read("a", 0, 4) == b"cont"
    files.delete(tmp_path / "a")
    files.delete(tmp_path / "a")
    assert reading.read("a", 4, 4) == b"ent"
    reading.forget("a")
    with pytest.raises(FileNotFoundError):
        reading.read("a", 0, 4)


def test_a_lock_is_for_one_and_names_who_has_it(tmp_path: Path) -> None:
    held = files.lock(tmp_path)
    assert isinstance(held, files.Lock)
    assert files.lock(tmp_path) == os.getpid()
    held.close()
    again = files.lock(tmp_path)
    assert isinstance(again, files.Lock)
    (tmp_path / files.LOCK_NAME).write_bytes(b"?")
    assert files.lock(tmp_path) == 0
    again.close()


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    code = "import os, sys, pathlib, gateway.journal.files as f; f.lock(pathlib.Path(sys.argv[1])); os._exit(9)"
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, check=False)
    held = files.lock(tmp_path)
    assert isinstance(held, files.Lock)
    held.close()


def test_a_disk_that_is_full_keeps_the_number_out_and_not_the_lock(tmp_path: Path) -> None:
    with file_size_limit(0):
        held = files.lock(tmp_path)
    assert isinstance(held, files.Lock)
    assert files.lock(tmp_path) == 0
    held.close()


def test_names_sizes_and_renames(tmp_path: Path) -> None:
    files.make_folder(tmp_path / "a" / "b")
    files.make_folder(tmp_path / "a" / "b")
    (tmp_path / "two").write_bytes(b"12")
    (tmp_path / "one").write_bytes(b"1")
    assert files.names(tmp_path) == ["one", "two"]
    files.rename(tmp_path, "two", "three")
    size, changed_us = files.size_and_time(tmp_path / "three")
    assert size == 2
    assert changed_us == (tmp_path / "three").stat().st_mtime_ns // 1_000
    assert files.read_some(tmp_path / "three", 1, 10) == b"2"
    files.sync_folder(tmp_path)
    files.sync_file(tmp_path / "three")
    files.sync_file(tmp_path / "nothing")
